import type { Clock, Timer } from '../../src/base/clock.ts';

/** A clock that stands still until `advance` moves it; timers run in order of their time. */
export class FakeClock implements Clock {
  #now: number;
  #elapsed = 0;
  #timers = new Set<{ at: number; run: () => void }>();

  constructor(start = Date.parse('2026-01-01T00:00:00Z')) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  timer(milliseconds: number, run: () => void): Timer {
    const entry = { at: this.#elapsed + Math.max(0, milliseconds), run };
    this.#timers.add(entry);
    return { cancel: () => this.#timers.delete(entry) };
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** The wall clock jumps; timers do not notice. */
  jump(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** Moves both clocks, runs what is due, and lets promises settle after each timer. */
  async advance(milliseconds: number): Promise<void> {
    const until = this.#elapsed + milliseconds;
    await settle();
    for (;;) {
      const next = [...this.#timers].filter((t) => t.at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now += next.at - this.#elapsed;
      this.#elapsed = next.at;
      next.run();
      await settle();
    }
    this.#now += until - this.#elapsed;
    this.#elapsed = until;
    await settle();
  }
}

/** Lets pending promise callbacks run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}
