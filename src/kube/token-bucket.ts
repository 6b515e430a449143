import type { Clock } from '../base/clock.ts';

/** Tokens that come back at a steady rate, up to a burst. It begins full. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(clock: Clock, options: { perSecond: number; burst: number }) {
    this.#clock = clock;
    this.#perSecond = options.perSecond;
    this.#burst = this.#tokens = options.burst;
    this.#at = clock.monotonic();
  }

  /** Takes `count` now, going into debt if need be. @returns milliseconds until they would have been there */
  reserve(count: number): number {
    this.#refill();
    this.#tokens -= count;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1_000;
  }

  /**
   * Milliseconds until `reserve(count)` would leave `kept` and not wait; 0 when it may be called now. More than the burst
   * can never be there at once: it may go when the bucket is full, and is paid off afterwards.
   */
  waitFor(count: number, kept = 0): number {
    this.#refill();
    const missing = kept + Math.min(count, this.#burst) - this.#tokens;
    return missing <= 0 ? 0 : Math.ceil((missing / this.#perSecond) * 1_000);
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1_000) * this.#perSecond);
    this.#at = now;
  }
}
