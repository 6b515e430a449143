import type { IncomingMessage } from 'node:http';

/** `refused` for reasons that its head has given. */
type Failure = 'tooLarge' | 'busy' | 'aborted' | 'refused';

/** The text, or why there is none. */
export type Body = { readonly text: string } | { readonly failed: Failure };

/** Bytes that are being received by all requests together. */
export class BufferBudget {
  readonly #limit: number;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @returns false when there is no room; nothing is taken then */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#limit) return false;
    this.#used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}

/** How much of a refused body, in sizes of the largest that is taken, is still read. */
const drainFactor = 8;

/** Reads the body of one request. Invalid UTF-8 becomes signs of replacement: Falco passes on what file names hold. */
export function readBody(request: IncomingMessage, limit: number, budget: BufferBudget): Promise<Body> {
  if (announced(request) > limit) return drain(request, limit, 'tooLarge');
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let size = 0;
    const settle = (body: Body | Promise<Body>) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      budget.give(size);
      chunks = [];
      resolve(body);
    };
    const onData = (chunk: Buffer) => {
      if (size + chunk.length > limit) return settle(drain(request, limit, 'tooLarge'));
      if (!budget.take(chunk.length)) return settle(drain(request, limit, 'busy'));
      size += chunk.length;
      chunks.push(chunk);
    };
    const onEnd = () => settle({ text: Buffer.concat(chunks).toString('utf8') });
    const onClose = () => settle({ failed: 'aborted' });
    request.on('data', onData).once('end', onEnd).once('close', onClose);
  });
}

/**
 * Reads the rest and keeps none of it: a sender that still writes when the connection closes sees a reset instead of
 * our answer. One that goes on and on is cut off.
 */
export function drain<Reason extends Failure>(
  request: IncomingMessage,
  limit: number,
  failed: Reason,
): Promise<{ readonly failed: Reason }> {
  const most = drainFactor * limit;
  if (announced(request) > most) return Promise.resolve({ failed });
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > most) request.destroy();
  });
  return new Promise((resolve) => {
    const done = () => resolve({ failed });
    request.once('end', done).once('close', done);
  });
}

const announced = ({ headers }: IncomingMessage): number => Number(headers['content-length'] ?? 0);
