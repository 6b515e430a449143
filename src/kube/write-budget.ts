import type { Clock } from '../base/clock.ts';
import { TokenBucket } from './token-bucket.ts';

export interface WriteBudgetOptions {
  readonly clock: Clock;
  /** Least time between two writes of one object, milliseconds; default 10 s. */
  readonly intervalMs?: number;
  /** Over all objects; default 512 KiB/s with a burst of 16 MiB. */
  readonly bytesPerSecond?: number;
  readonly burstBytes?: number;
}

export type Admission = { readonly ok: true } | { readonly ok: false; readonly retryAfterMs: number };

/**
 * Holds down what is written, not how soon: the first change of an object goes at once, and what is put off is written
 * later with the state of then. It bounds what a storm of changes does to etcd.
 */
export class WriteBudget {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #bucket: TokenBucket;
  /** When keys were last let through, oldest first; forgotten after the interval. */
  readonly #written = new Map<string, number>();

  constructor(options: WriteBudgetOptions) {
    const { bytesPerSecond = 512 * 1024, burstBytes = 16 * 1024 ** 2 } = options;
    this.#clock = options.clock;
    this.#intervalMs = options.intervalMs ?? 10_000;
    this.#bucket = new TokenBucket(options.clock, { perSecond: bytesPerSecond, burst: burstBytes });
  }

  /** Asks to write `bytes` of `key` now. A yes is spent; `failed` gives back what can be. */
  admit(key: string, bytes: number): Admission {
    const now = this.#clock.monotonic();
    const last = this.#written.get(key) ?? Number.NEGATIVE_INFINITY;
    const retryAfterMs = Math.max(last + this.#intervalMs - now, this.#bucket.waitFor(bytes));
    if (retryAfterMs > 0) return { ok: false, retryAfterMs };
    this.#bucket.reserve(bytes);
    this.#note(key, now);
    return { ok: true };
  }

  /** The write of `key` was refused and changed nothing: the next need not wait for the interval. Its bytes are spent. */
  failed(key: string): void {
    this.#written.delete(key);
  }

  #note(key: string, now: number): void {
    this.#written.delete(key);
    this.#written.set(key, now);
    for (const [old, written] of this.#written) {
      if (now - written < this.#intervalMs) return;
      this.#written.delete(old);
    }
  }
}
