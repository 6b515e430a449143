import type { Clock } from '../base/clock.ts';
import { TokenBucket } from './token-bucket.ts';

/** client-go's: the first retry at once, so that a conflict costs nothing, and after days of failure still every 17 minutes. */
const firstDelay = 5;
const longestDelay = 1_000_000;

/** When a key that failed may be tried again: exponential for each key, and over all keys ten a second after a burst of 100. */
export class RetryLimiter {
  readonly #bucket: TokenBucket;
  readonly #failures = new Map<string, number>();

  constructor(clock: Clock) {
    this.#bucket = new TokenBucket(clock, { perSecond: 10, burst: 100 });
  }

  /** Counts a failure. @returns milliseconds to wait */
  next(key: string): number {
    const failures = this.failures(key);
    this.#failures.set(key, failures + 1);
    return Math.max(Math.min(firstDelay * 2 ** failures, longestDelay), this.#bucket.reserve(1));
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }
}
