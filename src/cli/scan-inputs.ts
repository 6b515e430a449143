import { systemClock } from '../base/clock.ts';
import type { RuntimeFinding } from '../domain/runtime.ts';
import { readFalcoEvents } from '../evidence/falco/read-events.ts';
import { RuntimeAggregate } from '../evidence/falco/runtime-aggregate.ts';
import { isObject } from '../evidence/fields.ts';
import type { InputError } from '../evidence/manifests/documents.ts';
import { readFiles } from '../evidence/manifests/read-files.ts';
import { readYaml } from '../evidence/manifests/documents.ts';
import type { TrivyReports } from '../evidence/trivy/read-document.ts';
import { readTrivyDocument } from '../evidence/trivy/read-document.ts';

/** Reports of Trivy or Trivy Operator, from files and folders. What is none of them is an error that names it. */
export function readTrivyFiles(paths: readonly string[], errors: InputError[]): TrivyReports[] {
  const found = readFiles(paths);
  errors.push(...found.errors);
  return found.files.flatMap(({ file, text }) => {
    const documents = readYaml(file, text);
    errors.push(...documents.errors);
    return documents.values.flatMap(({ line, value }) => {
      try {
        const reports = isObject(value) ? readTrivyDocument(value, file) : undefined;
        if (reports !== undefined) return [reports];
        errors.push({
          file,
          line,
          message: 'neither a report of Trivy Operator nor JSON of the trivy command',
        });
      } catch (error) {
        errors.push({ file, line, message: error instanceof Error ? error.message : String(error) });
      }
      return [];
    });
  });
}

/** Falco events from files, added up by namespace. */
export function readFalcoFiles(
  paths: readonly string[],
  errors: InputError[],
): ReadonlyMap<string, readonly RuntimeFinding[]> {
  const now = systemClock.now();
  const aggregate = new RuntimeAggregate();
  const found = readFiles(paths);
  errors.push(...found.errors);
  for (const { file, text } of found.files) {
    const read = readFalcoEvents(file, text);
    errors.push(...read.errors);
    for (const event of read.events) aggregate.add(event, now);
  }
  return new Map(aggregate.namespaces().map((namespace) => [namespace, aggregate.findings(namespace, now)]));
}
