import { parentPort, workerData } from 'node:worker_threads';
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

let sent = 0;
let size = 0;
let files: SplitFile[] = [];
const errors: InputError[] = [];

function send(last: boolean): void {
  for (let seen = Atomics.load(taken, 0); sent - seen >= farthestAhead; seen = Atomics.load(taken, 0))
    Atomics.wait(taken, 0, seen);
  parentPort?.postMessage({ files, errors: errors.splice(0), last } satisfies Batch, []);
  sent++;
  [files, size] = [[], 0];
}

/** The other thread reads JSON in a fraction of the time that YAML takes. What is not plain it reads as it stands. */
function inJson(document: DocumentText): DocumentText {
  const { body } = document;
  const plain = body.startsWith('{') || body.startsWith('[') ? notPlain : readPlainYaml(body);
  return plain === notPlain ? document : { ...document, body: JSON.stringify(plain) };
}

for (const { file, text } of readFiles(paths, errors)) {
  files.push({ file, documents: Array.from(splitDocuments(text), inJson) });
  size += text.length;
  if (size >= enough) send(false);
}
send(true);
