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
  /** What waits for bytes, first come first served: when its turn is, and how many it wants. */
  readonly #line = new Map<string, { readonly due: number; readonly bytes: number }>();
  /** When keys were last let through, oldest first; forgotten after the interval. */
  readonly #written = new Map<string, number>();
  readonly #excused = new Map<string, number>();

  constructor(options: WriteBudgetOptions) {
    const { bytesPerSecond = 512 * 1024, burstBytes = 16 * 1024 ** 2 } = options;
    this.#clock = options.clock;
    this.#intervalMs = options.intervalMs ?? 10_000;
    this.#bucket = new TokenBucket(options.clock, { perSecond: bytesPerSecond, burst: burstBytes });
  }

  /** Asks to write `bytes` of `key` now. A yes is spent; `failed` gives back what can be. */
  admit(key: string, bytes: number): Admission {
    const now = this.#clock.monotonic();
    // Who may not be written yet has no place in the line: others would wait for it.
    const retryAfterMs = this.waitOf(key) || this.#waitInLine(key, bytes, now);
    if (retryAfterMs > 0) return { ok: false, retryAfterMs };
    this.#line.delete(key);
    this.#bucket.reserve(bytes);
    remember(this.#written, key, now, this.#intervalMs);
    return { ok: true };
  }

  /** Milliseconds until `key` may be written again as far as its own interval goes: 0 when it may now. Nothing is spent. */
  waitOf(key: string): number {
    const last = this.#written.get(key) ?? Number.NEGATIVE_INFINITY;
    return Math.max(0, last + this.#intervalMs - this.#clock.monotonic());
  }

  /**
   * Nobody takes what those before it wait for: under a storm of small ones there would never be enough for a large one.
   * What is left over goes to who asks, for those before it may have nothing to write any more. And each is told a turn of
   * its own. Were all told when there is enough for one of them, all would come back then, to be judged anew and sent away:
   * a thousand reports kept a processor busy until the last was written.
   * @returns milliseconds until its turn
   */
  #waitInLine(key: string, bytes: number, now: number): number {
    const wait = this.#bucket.waitFor(bytes, this.#wantedBefore(key, now));
    // One that is there keeps its place.
    if (wait > 0) this.#line.set(key, { due: now + wait, bytes });
    return wait;
  }

  #wantedBefore(key: string, now: number): number {
    let ahead = 0;
    for (const [other, { due, bytes }] of this.#line) {
      if (other === key) break;
      // It does not come back: nobody waits for it for ever.
      if (now - due > this.#intervalMs) this.#line.delete(other);
      else ahead += bytes;
    }
    return ahead;
  }

  /**
   * Somebody else has written `key`: to put that right need not wait for the interval. Once in each interval, for who
   * fights over an object must not make it a storm.
   */
  excuse(key: string): void {
    const now = this.#clock.monotonic();
    const waits = now - (this.#written.get(key) ?? Number.NEGATIVE_INFINITY) < this.#intervalMs;
    const used = now - (this.#excused.get(key) ?? Number.NEGATIVE_INFINITY) < this.#intervalMs;
    if (!waits || used) return;
    this.#written.delete(key);
    remember(this.#excused, key, now, this.#intervalMs);
  }

  /** The write of `key` was refused and changed nothing: the next need not wait for the interval. Its bytes are spent. */
  failed(key: string): void {
    this.#written.delete(key);
  }
}

/** Keeps the order of time, and forgets what is older than `keepMs`. */
function remember(times: Map<string, number>, key: string, now: number, keepMs: number): void {
  times.delete(key);
  times.set(key, now);
  for (const [old, time] of times) {
    if (now - time < keepMs) return;
    times.delete(old);
  }
}
