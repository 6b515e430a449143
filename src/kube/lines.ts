import { BadResponseError } from './errors.ts';

/**
 * Cuts a stream of bytes into lines. It works on bytes, not text, because a chunk may end inside a character; a line
 * that spans chunks is joined once, at its end, so that its cost stays linear.
 */
export class LineSplitter {
  readonly #limit: number;
  #parts: Buffer[] = [];
  #size = 0;

  /** @param limit bytes; a longer line is an error, for it is kept in memory until it ends */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes of a line that has begun and not ended. */
  get pending(): number {
    return this.#size;
  }

  /**
   * Yields the lines that `chunk` completes, without their ends; empty ones are left out.
   * A line that lies within one chunk is a view of it: read it before the next step.
   * @throws BadResponseError TooLarge
   */
  *push(chunk: Buffer): Generator<Buffer> {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      const line = this.#join(chunk.subarray(start, end));
      start = end + 1;
      if (line.length > 0) yield line;
    }
    if (start === chunk.length) return;
    this.#keep(chunk.subarray(start));
  }

  #join(last: Buffer): Buffer {
    this.#bound(last.length);
    if (this.#parts.length === 0) return last;
    this.#parts.push(last);
    const line = Buffer.concat(this.#parts, this.#size + last.length);
    this.#parts = [];
    this.#size = 0;
    return line;
  }

  #keep(part: Buffer): void {
    this.#bound(part.length);
    this.#parts.push(part);
    this.#size += part.length;
  }

  #bound(more: number): void {
    if (this.#size + more <= this.#limit) return;
    throw new BadResponseError('TooLarge', `a frame of the watch is larger than ${this.#limit} bytes`);
  }
}
