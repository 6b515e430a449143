import { parentPort, workerData } from 'node:worker_threads';
import type { Json } from '../fields.ts';
import { isObject } from '../fields.ts';
import type { LearnedText } from '../secrets/project-container.ts';
import { preparePlainText } from '../secrets/project-container.ts';
import { rawContainers } from '../workloads/raw-containers.ts';
import type { DocumentText, InputError, SplitFile } from './documents.ts';
import { splitDocuments } from './documents.ts';
import { notPlain, readPlainYaml } from './plain-yaml.ts';
import type { Batch, ReadAheadOptions } from './read-ahead.ts';
import { readFiles } from './read-files.ts';

const { paths, taken } = workerData as ReadAheadOptions;

/** A batch is sent when it holds so many characters. */
const enough = 32_768;
/** So many batches may wait to be taken: a quick disk must not fill the memory. */
const farthestAhead = 16;
/** With so many nobody is about to wait for the next. */
const fewWaiting = 3;

let sent = 0;
let size = 0;
let files: SplitFile[] = [];
const errors: InputError[] = [];
const plainTexts: LearnedText[] = [];

function send(last: boolean): void {
  for (let seen = Atomics.load(taken, 0); sent - seen >= farthestAhead; seen = Atomics.load(taken, 0))
    Atomics.wait(taken, 0, seen);
  const batch: Batch = { files, errors: errors.splice(0), plainTexts: plainTexts.splice(0), last };
  parentPort?.postMessage(batch, []);
  sent++;
  [files, size] = [[], 0];
}

/** The other thread reads JSON in a fraction of the time that YAML takes. What is not plain it reads as it stands. */
function inJson(document: DocumentText): DocumentText {
  const { body } = document;
  const plain = body.startsWith('{') || body.startsWith('[') ? notPlain : readPlainYaml(body);
  if (plain === notPlain) return document;
  // To look for secrets is what takes longest of what is made of a workload; but nobody may wait for it.
  if (sent - Atomics.load(taken, 0) >= fewWaiting) preparePlainTexts(plain);
  return { ...document, body: JSON.stringify(plain) };
}

function preparePlainTexts(object: unknown): void {
  for (const container of containersOf(object)) {
    try {
      const learned = preparePlainText(container);
      if (learned !== undefined) plainTexts.push(learned);
    } catch {
      // Who judges it will say so, and where it stands.
    }
  }
}

/** Of a pod, or of the template of a workload of Kubernetes itself. */
function containersOf(object: unknown): readonly Json[] {
  const spec = at(object, 'spec');
  const template = at(at(spec, 'jobTemplate'), 'spec') ?? spec;
  const pod = at(at(template, 'template'), 'spec') ?? spec;
  return isObject(pod) ? rawContainers(pod) : [];
}

const at = (value: unknown, field: string): unknown => (isObject(value) ? value[field] : undefined);

for (const { file, text } of readFiles(paths, errors)) {
  files.push({ file, documents: Array.from(splitDocuments(text), inJson) });
  size += text.length;
  if (size >= enough) send(false);
}
send(true);
