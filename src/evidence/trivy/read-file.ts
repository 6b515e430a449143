import type { Json } from '../fields.ts';
import { isObject, ShapeError } from '../fields.ts';
import type { InputError } from '../manifests/documents.ts';
import { readYaml } from '../manifests/documents.ts';
import type { TrivyReports } from './read-document.ts';
import { readTrivyDocument } from './read-document.ts';

export interface TrivyFile {
  readonly reports: TrivyReports;
  readonly errors: readonly InputError[];
}

/**
 * Reads a file of Trivy reports: YAML or JSON of Trivy Operator's objects (also a List, as kubectl writes it), or the
 * JSON of the command line. What cannot be read is an error with file and line, and costs nothing else.
 */
export function readTrivyFile(file: string, text: string): TrivyFile {
  const { values, errors } = readYaml(file, text);
  const found: TrivyReports[] = [];
  const failed: InputError[] = [...errors];
  for (const { value, line } of values) {
    try {
      const reports = isObject(value) ? readTrivyDocument(value, file) : undefined;
      if (reports !== undefined) found.push(reports);
      else failed.push({ file, line, message: `not a report of Trivy: ${describe(value)}` });
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      failed.push({ file, line, message: error.message });
    }
  }
  return { reports: merge(found), errors: failed };
}

const kindOf = ({ kind }: Json) => (typeof kind === 'string' ? `it is a ${kind}` : 'it has no kind');

const describe = (value: unknown) => (isObject(value) ? kindOf(value) : 'it is no object');

function merge(all: readonly TrivyReports[]): TrivyReports {
  return {
    vulnerabilities: all.flatMap((each) => each.vulnerabilities),
    secrets: all.flatMap((each) => each.secrets),
    configAudits: all.flatMap((each) => each.configAudits),
    sboms: all.flatMap((each) => each.sboms),
    settings: all.flatMap((each) => each.settings),
    notes: all.flatMap((each) => each.notes),
  };
}
