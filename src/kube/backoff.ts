import type { Clock } from '../base/clock.ts';

/** A number in [0, 1), as Math.random gives; passed in so that tests can choose it. */
export type Random = () => number;

export interface BackoffOptions {
  clock: Clock;
  random: Random;
  /** First ceiling, milliseconds. */
  base?: number;
  factor?: number;
  /** Highest ceiling, milliseconds. */
  cap?: number;
  /** So long without a failure, in milliseconds, and the next one counts as the first. */
  resetAfter?: number;
}

/**
 * How long to wait after a failure. The constants are client-go's (800 ms, doubled, at most 30 s, forgotten after two
 * healthy minutes); the jitter is full, anywhere between nothing and the ceiling, so that the watches that one restart
 * of the API server cut do not come back in step.
 */
export class Backoff {
  readonly #options: Required<BackoffOptions>;
  #failures = 0;
  #lastFailure = 0;

  constructor(options: BackoffOptions) {
    this.#options = { base: 800, factor: 2, cap: 30_000, resetAfter: 120_000, ...options };
  }

  /** Counts a failure. @param retryAfterMs what the server asked for: never less than that @returns milliseconds */
  next(retryAfterMs?: number): number {
    const { clock, random, base, factor, cap, resetAfter } = this.#options;
    const now = clock.monotonic();
    if (now - this.#lastFailure > resetAfter) this.#failures = 0;
    const ceiling = Math.min(cap, base * factor ** this.#failures);
    // Past the cap more failures change nothing; uncounted, the power above stays finite.
    if (ceiling < cap) this.#failures++;
    // The wait itself is not health: it counts from its end.
    const wait = retryAfterMs === undefined ? random() * ceiling : retryAfterMs + random() * base;
    this.#lastFailure = now + wait;
    return wait;
  }
}
