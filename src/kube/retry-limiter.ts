import type { Clock } from '../base/clock.ts';
import { TokenBucket } from './token-bucket.ts';

/** client-go's: the first retry at once, so that a conflict costs nothing, and after days of failure still every 17 minutes. */
const firstDelay = 5;
const longestDelay = 1_000_000;

interface Failing {
  readonly failures: number;
  /** When it may be tried again, monotonic milliseconds. */
  readonly due: number;
}

/**
 * When a key that failed may be tried again: exponential for each key, and over all keys ten a second after a burst of 100.
 * What happens to an object brings its key sooner. Such a try that fails does not lengthen the wait: a key then never waits
 * much longer than it has been failing, however much happens to it meanwhile.
 */
export class RetryLimiter {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #failing = new Map<string, Failing>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#bucket = new TokenBucket(clock, { perSecond: 10, burst: 100 });
  }

  /** Notes a failure. @returns milliseconds to wait */
  next(key: string): number {
    const now = this.#clock.monotonic();
    const before = this.#failing.get(key);
    if (before !== undefined && now < before.due) return before.due - now;
    const failures = before?.failures ?? 0;
    const wait = Math.max(Math.min(firstDelay * 2 ** failures, longestDelay), this.#bucket.reserve(1));
    this.#failing.set(key, { failures: failures + 1, due: now + wait });
    return wait;
  }

  /** Without those before their time. */
  failures(key: string): number {
    return this.#failing.get(key)?.failures ?? 0;
  }

  forget(key: string): void {
    this.#failing.delete(key);
  }
}
