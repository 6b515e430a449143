import { type Clock, nextTurn } from '../base/clock.ts';
import { invariant } from '../base/invariant.ts';
import { Agenda } from './agenda.ts';
import { ApiError, TerminalError } from './errors.ts';
import { RetryLimiter } from './retry-limiter.ts';

/** `low` is for the flood of a first list: whatever happens meanwhile overtakes it. */
export type Priority = 'normal' | 'low';

export interface WorkResult {
  /** Run the key again after so many milliseconds (earliest wins): a verdict ends, or a write was put off. */
  readonly requeueAfterMs?: number | undefined;
}

/** Level-based work on one key. What it throws is retried, a TerminalError excepted. */
export type Worker = (key: string) => Promise<WorkResult | void>;

export interface QueueHooks {
  added?(key: string): void;
  retried?(key: string): void;
  /** @param waited seconds since it was added */
  started?(key: string, waited: number): void;
  finished?(key: string, seconds: number, result: 'success' | 'error' | 'terminal'): void;
}

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Keys worked on at once; default 4. */
  readonly concurrency?: number;
  /** Least time between two starts of one key, milliseconds; default 100. */
  readonly debounceMs?: number;
  readonly onError: (failure: { key: string; error: unknown; terminal: boolean; failures: number }) => void;
  readonly hooks?: QueueHooks;
}

interface Pending {
  priority: Priority;
  readonly since: number;
}

/** So many normal keys in a row, and a low one has its turn: a busy cluster must not put off its own start for ever. */
const turnsOfNormal = 8;

/**
 * Keys that need work. A key is there once however often it is added, no two workers ever have the same key, and one
 * added while it is worked on is worked on again. The first add of a quiet key runs at once; what follows within the
 * debounce time of that run's start waits until that is over, and is then one run.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #concurrency: number;
  readonly #debounceMs: number;
  readonly #retries: RetryLimiter;
  /** All that waits for a run: ready, held by the debounce, or added while it is worked on. */
  readonly #pending = new Map<string, Pending>();
  readonly #ready: Readonly<Record<Priority, Set<string>>> = { normal: new Set(), low: new Set() };
  readonly #working = new Set<string>();
  /** When keys were last started, oldest first; forgotten after the debounce time. */
  readonly #started = new Map<string, number>();
  readonly #held: Agenda;
  readonly #later: Agenda;
  #turns = 0;
  #worker: Worker | undefined;
  #stopped = false;
  #drained: (() => void) | undefined;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#concurrency = options.concurrency ?? 4;
    this.#debounceMs = options.debounceMs ?? 100;
    this.#retries = new RetryLimiter(options.clock);
    this.#held = new Agenda(options.clock, (key) => this.#makeReady(key));
    this.#later = new Agenda(options.clock, (key) => this.add(key));
  }

  /** Keys that wait for a run. */
  get depth(): number {
    return this.#pending.size;
  }

  /** Keys that are worked on. */
  get working(): number {
    return this.#working.size;
  }

  add(key: string, options: { priority?: Priority } = {}): void {
    if (this.#stopped) return;
    this.#options.hooks?.added?.(key);
    const { priority = 'normal' } = options;
    const pending = this.#pending.get(key);
    if (pending !== undefined) {
      if (priority === 'normal') this.#promote(key, pending);
      return;
    }
    this.#pending.set(key, { priority, since: this.#options.clock.monotonic() });
    if (!this.#working.has(key)) this.#schedule(key);
  }

  /** Adds the key in so many milliseconds; of several such times the earliest counts. */
  addAfter(key: string, milliseconds: number): void {
    if (this.#stopped) return;
    if (milliseconds <= 0) this.add(key);
    else this.#later.set(key, milliseconds);
  }

  /** Adds the key when its failures allow. @param leastMs what the server asked for */
  addRateLimited(key: string, leastMs = 0): void {
    if (this.#stopped) return;
    this.#options.hooks?.retried?.(key);
    this.addAfter(key, Math.max(leastMs, this.#retries.next(key)));
  }

  /** Its next failure counts as the first. */
  forget(key: string): void {
    this.#retries.forget(key);
  }

  /**
   * Gives keys to `worker` until `signal` aborts; keys added before are kept. Resolves when the last worker has ended,
   * for a worker that is under way is not disturbed. Once only.
   */
  run(worker: Worker, signal: AbortSignal): Promise<void> {
    invariant(this.#worker === undefined, 'a work queue runs once');
    this.#worker = worker;
    return new Promise((resolve) => {
      this.#drained = resolve;
      if (signal.aborted) return this.#stop();
      signal.addEventListener('abort', () => this.#stop(), { once: true });
      this.#startReady();
    });
  }

  #stop(): void {
    this.#stopped = true;
    this.#held.clear();
    this.#later.clear();
    this.#pending.clear();
    this.#ready.normal.clear();
    this.#ready.low.clear();
    if (this.#working.size === 0) this.#drained?.();
  }

  #promote(key: string, pending: Pending): void {
    pending.priority = 'normal';
    if (this.#ready.low.delete(key)) this.#ready.normal.add(key);
  }

  /** Ready, or held back if the key was started just now. */
  #schedule(key: string): void {
    const started = this.#started.get(key) ?? Number.NEGATIVE_INFINITY;
    const wait = started + this.#debounceMs - this.#options.clock.monotonic();
    if (wait > 0) this.#held.set(key, wait);
    else this.#makeReady(key);
  }

  #makeReady(key: string): void {
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    this.#ready[pending.priority].add(key);
    this.#startReady();
  }

  #startReady(): void {
    while (this.#worker !== undefined && !this.#stopped && this.#working.size < this.#concurrency) {
      const key = this.#takeNext();
      if (key === undefined) return;
      void this.#work(this.#worker, key);
    }
  }

  #takeNext(): string | undefined {
    const { normal, low } = this.#ready;
    const lowHasTurn = low.size > 0 && (normal.size === 0 || this.#turns >= turnsOfNormal);
    const from = lowHasTurn ? low : normal;
    this.#turns = lowHasTurn || low.size === 0 ? 0 : this.#turns + 1;
    const [key] = from;
    if (key !== undefined) from.delete(key);
    return key;
  }

  async #work(worker: Worker, key: string): Promise<void> {
    const { clock, hooks } = this.#options;
    const start = clock.monotonic();
    const since = this.#pending.get(key)?.since ?? start;
    this.#pending.delete(key);
    this.#working.add(key);
    this.#noteStart(key, start);
    hooks?.started?.(key, (start - since) / 1_000);
    const result = await this.#attempt(worker, key);
    hooks?.finished?.(key, (clock.monotonic() - start) / 1_000, result);
    this.#working.delete(key);
    if (this.#pending.has(key)) this.#schedule(key);
    this.#startReady();
    if (this.#stopped && this.#working.size === 0) this.#drained?.();
  }

  async #attempt(worker: Worker, key: string): Promise<'success' | 'error' | 'terminal'> {
    try {
      // Not in the stack of who added the key: that may be a watcher in the middle of a batch of changes. And not in the
      // same turn as the key before: a thousand that have nothing to write would keep probes and leases waiting.
      await nextTurn();
      const result = await worker(key);
      this.forget(key);
      if (result?.requeueAfterMs !== undefined) this.addAfter(key, result.requeueAfterMs);
      return 'success';
    } catch (error) {
      const terminal = error instanceof TerminalError;
      if (terminal) this.forget(key);
      else this.addRateLimited(key, error instanceof ApiError ? error.retryAfterMs : undefined);
      this.#options.onError({ key, error, terminal, failures: this.#retries.failures(key) });
      return terminal ? 'terminal' : 'error';
    }
  }

  #noteStart(key: string, now: number): void {
    this.#started.delete(key);
    this.#started.set(key, now);
    for (const [old, started] of this.#started) {
      if (now - started < this.#debounceMs) return;
      this.#started.delete(old);
    }
  }
}
