import { BadResponseError } from './errors.ts';

const headBytes = 4;

/**
 * Cuts a stream of bytes into frames that each begin with their length, in four bytes: so does a watch in protobuf. A frame
 * that spans chunks is joined once, at its end.
 */
export class LengthSplitter {
  readonly #limit: number;
  #parts: Buffer[] = [];
  #size = 0;
  /** Of the frame that has begun; undefined within its head. */
  #length: number | undefined;

  /** @param limit bytes; a longer frame is an error, for it is kept in memory until it ends */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes of a frame that has begun and not ended. */
  get pending(): number {
    return this.#size + (this.#length === undefined ? 0 : headBytes);
  }

  /**
   * Yields the frames that `chunk` completes, without their heads; empty ones are left out. One that lies within one chunk is a view of it: read it
   * before the next step.
   * @throws BadResponseError TooLarge
   */
  *push(chunk: Buffer): Generator<Buffer> {
    let start = 0;
    for (;;) {
      const missing = (this.#length ?? headBytes) - this.#size;
      if (chunk.length - start < missing) break;
      const whole = this.#join(chunk.subarray(start, start + missing));
      start += missing;
      if (this.#length === undefined) this.#length = this.#bound(whole.readUInt32BE(0));
      else {
        this.#length = undefined;
        if (whole.length > 0) yield whole;
      }
    }
    if (start === chunk.length) return;
    this.#parts.push(chunk.subarray(start));
    this.#size += chunk.length - start;
  }

  #join(last: Buffer): Buffer {
    if (this.#parts.length === 0) return last;
    this.#parts.push(last);
    const whole = Buffer.concat(this.#parts, this.#size + last.length);
    this.#parts = [];
    this.#size = 0;
    return whole;
  }

  #bound(length: number): number {
    if (length <= this.#limit) return length;
    throw new BadResponseError('TooLarge', `a frame of the watch is larger than ${this.#limit} bytes`);
  }
}
