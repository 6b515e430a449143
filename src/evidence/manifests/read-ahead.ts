import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import { threadProgram } from '../../base/thread-program.ts';
import { shareFingerprints } from '../../domain/fingerprint.ts';
import type { LearnedText } from '../secrets/project-container.ts';
import type { InputError, SplitFile } from './documents.ts';

/** What the thread sends: some files, in the order of their names. */
export interface Batch {
  readonly files: readonly SplitFile[];
  readonly errors: readonly InputError[];
  /** What containers among them say in plain text. */
  readonly plainTexts: readonly LearnedText[];
  readonly last: boolean;
}

export interface ReadAheadOptions {
  readonly paths: readonly string[];
  /** How many batches were taken: the thread waits there when it is too far ahead. */
  readonly taken: Int32Array;
}

const program = threadProgram(import.meta.url, 'read-ahead-worker');

/** A thread that reads files of manifests while the program is loaded, and what was read before is looked at. */
export class ReadAhead {
  readonly #taken = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #worker: Worker;
  readonly #batches: AsyncIterable<[Batch]>;

  /** @param paths files and folders; not standard input */
  constructor(paths: readonly string[]) {
    shareFingerprints();
    const workerData: ReadAheadOptions = { paths, taken: this.#taken };
    this.#worker = new Worker(program, { workerData });
    this.#batches = on(this.#worker, 'message', { close: ['exit'] }) as AsyncIterable<[Batch]>;
  }

  /** @throws what ends the thread */
  async *batches(): AsyncGenerator<Batch, void> {
    for await (const [batch] of this.#batches) {
      yield batch;
      Atomics.add(this.#taken, 0, 1);
      Atomics.notify(this.#taken, 0);
      if (batch.last) return;
    }
    throw new Error('the thread that reads the manifests ended before its work did');
  }

  /** Ends the thread, wherever it is. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
