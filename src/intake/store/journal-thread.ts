import { Worker } from 'node:worker_threads';
import { threadProgram } from '../../base/thread-program.ts';
import type { JournalOptions } from './journal.ts';
import { JournalError } from './journal-error.ts';
import type { Reply, Request } from './messages.ts';

type Answer = Exclude<Reply, { readonly error: object }>;

const program = threadProgram(import.meta.url, 'journal-worker');

/** The journal, as the thread that takes events sees it: nothing here waits for the disk. */
export class JournalThread {
  readonly #options: JournalOptions;
  readonly #pending = new Map<number, PromiseWithResolvers<Answer>>();
  #worker: Worker | undefined;
  #ids = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** Whether something was asked that has no answer yet: a disk that hangs gives none. */
  get busy(): boolean {
    return this.#pending.size > 0;
  }

  /** @throws JournalError */
  async request(request: Request): Promise<Answer> {
    const id = ++this.#ids;
    const answer = Promise.withResolvers<Answer>();
    this.#pending.set(id, answer);
    this.#worker ??= this.#start();
    // Whoever waits for an answer keeps the process.
    this.#worker.ref();
    this.#worker.postMessage({ ...request, id }, []);
    return answer.promise;
  }

  /** Ends the thread. Nothing is asked any more. */
  async end(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(program, {
      workerData: this.#options,
      // It holds little, whatever it writes.
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    });
    worker.on('message', (reply: Reply) => this.#settle(reply));
    worker.on('error', (error: Error) => this.#lose(worker, error));
    worker.on('exit', () => this.#lose(worker, new Error('the thread has ended')));
    return worker;
  }

  #settle(reply: Reply): void {
    const answer = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (!this.busy) this.#worker?.unref();
    if ('error' in reply) answer?.reject(new JournalError(reply.error.code, reply.error.message));
    else answer?.resolve(reply);
  }

  /** The next request starts another one. */
  #lose(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const { reject } of this.#pending.values()) reject(new JournalError('Thread', error.message, error));
    this.#pending.clear();
  }
}
