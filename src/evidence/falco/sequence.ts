/**
 * Numbers for events in the order of their receipt. They follow the clock, in microseconds, so that a process that knows
 * nothing of an earlier one (its disk is gone, or is an old copy) gives out none that were used before.
 */
export class Sequence {
  #last: number;

  /** @param last the last one that is known to have been given out */
  constructor(last = 0) {
    this.#last = last;
  }

  get last(): number {
    return this.#last;
  }

  /** @param now milliseconds since the epoch */
  next(now: number): number {
    this.#last = Math.max(this.#last + 1, now * 1_000);
    return this.#last;
  }

  /** Those up to `number` are used. */
  skip(number: number): void {
    this.#last = Math.max(this.#last, number);
  }
}

/** When the event of this number was received, milliseconds since the epoch; later than that if they came too fast. */
export const receivedAt = (sequence: number): number => Math.floor(sequence / 1_000);
