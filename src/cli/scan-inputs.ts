import type { RuntimeFinding } from '../domain/runtime.ts';
import { readFalcoEvents } from '../evidence/falco/read-events.ts';
import { RuntimeAggregate } from '../evidence/falco/runtime-aggregate.ts';
import type { Documents, InputError, Manifest } from '../evidence/manifests/documents.ts';
import { readDocuments, readObjects } from '../evidence/manifests/documents.ts';
import type { ReadAhead } from '../evidence/manifests/read-ahead.ts';
import { readFiles, rereader } from '../evidence/manifests/read-files.ts';
import { learnPlainText } from '../evidence/secrets/project-container.ts';
import type { TrivyReports } from '../evidence/trivy/read-document.ts';
import { readTrivyFile } from '../evidence/trivy/read-file.ts';
import { unfiltered } from '../evidence/trivy/unfiltered.ts';
import type { ScanOptions } from './scan-options.ts';

/**
 * The objects of files and folders, file by file, each read when it is asked for: thousands of files are not held at once.
 * @param ahead the thread that reads them already
 */
export async function* readManifests(
  paths: readonly string[],
  ahead: ReadAhead | undefined,
  errors: InputError[],
): AsyncGenerator<readonly Manifest[]> {
  let some = false;
  const files = ahead === undefined ? readHere(paths, errors) : readThere(ahead, errors);
  for await (const { manifests, errors: broken } of files) {
    errors.push(...broken);
    some ||= manifests.length > 0;
    yield manifests;
  }
  // Nothing breaks a rule where nothing is: an empty folder or pipe is a mistake upstream, and must not look well.
  if (!some && errors.length === 0)
    errors.push({ file: paths.join(', '), message: 'there is no Kubernetes object in it' });
}

function* readHere(paths: readonly string[], errors: InputError[]): Generator<Documents> {
  for (const { file, text, again } of readFiles(paths, errors)) yield readDocuments(file, text, again);
}

async function* readThere(ahead: ReadAhead, errors: InputError[]): AsyncGenerator<Documents> {
  for await (const { files, errors: failed, plainTexts } of ahead.batches()) {
    errors.push(...failed);
    for (const learned of plainTexts) learnPlainText(learned);
    for (const { file, documents } of files) yield readObjects(file, documents, rereader(file));
  }
}

/**
 * Reports of Trivy or Trivy Operator, from files and folders. What is none of them is an error that names it.
 * @param say told what a file does not show although one might expect it
 */
export function readTrivyFiles(
  { trivyReports: paths, trivyUnfiltered }: Pick<ScanOptions, 'trivyReports' | 'trivyUnfiltered'>,
  errors: InputError[],
  say: (text: string) => void,
): TrivyReports[] {
  const all: TrivyReports[] = [];
  const before = errors.length;
  for (const { file, text } of readFiles(paths, errors)) {
    const { reports, errors: failed } = readTrivyFile(file, text);
    errors.push(...failed);
    if (text.trim() === '')
      errors.push({ file, message: 'it is empty: the scan that should have filled it has failed' });
    for (const note of reports.notes) say(`${file}: ${note}\n`);
    all.push(trivyUnfiltered ? unfiltered(reports) : reports);
  }
  if (all.length === 0 && errors.length === before)
    errors.push({ file: paths.join(', '), message: 'there is no YAML or JSON file in it' });
  return all;
}

export interface FalcoInput {
  readonly findings: ReadonlyMap<string, readonly RuntimeFinding[]>;
  readonly unattributed: number;
  readonly dropped: number;
}

/** Falco events from files, added up by namespace, and how many of them count for none. */
export function readFalcoFiles(paths: readonly string[], errors: InputError[], now: number): FalcoInput {
  const aggregate = new RuntimeAggregate();
  const before = errors.length;
  let some = false;
  for (const { file, text } of readFiles(paths, errors)) {
    some = true;
    const read = readFalcoEvents(file, text);
    errors.push(...read.errors);
    for (const event of read.events) aggregate.add(event, now);
  }
  // A file without an event is a quiet day; a folder without a file is a mistake.
  if (!some && errors.length === before)
    errors.push({ file: paths.join(', '), message: 'there is no YAML or JSON file in it' });
  return {
    findings: new Map(
      aggregate.namespaces().map((namespace) => [namespace, aggregate.findings(namespace, now)]),
    ),
    unattributed: aggregate.unattributed,
    dropped: aggregate.gaveWay().events,
  };
}
