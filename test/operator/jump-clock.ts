import type { Clock, Timer } from '../../src/base/clock.ts';
import { systemClock } from '../../src/base/clock.ts';

interface Waiting {
  readonly due: number;
  readonly run: () => void;
  timer: Timer;
}

/** Real time that a test can push ahead: for the days that a running operator must live through. */
export class JumpClock implements Clock {
  #ahead = 0;
  #wrong = 0;
  readonly #waiting = new Set<Waiting>();

  now(): number {
    return systemClock.now() + this.#ahead + this.#wrong;
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#ahead;
  }

  timer(milliseconds: number, run: () => void): Timer {
    const waiting: Waiting = {
      due: this.monotonic() + Math.max(0, milliseconds),
      run: () => {
        this.#waiting.delete(waiting);
        run();
      },
      timer: { cancel: () => undefined },
    };
    this.#waiting.add(waiting);
    this.#arm(waiting);
    return {
      cancel: () => {
        waiting.timer.cancel();
        this.#waiting.delete(waiting);
      },
    };
  }

  /** Somebody sets the wall clock, forward or back; nothing becomes due by it. */
  set(milliseconds: number): void {
    this.#wrong += milliseconds;
  }

  /** What was due in between is due now. */
  jump(milliseconds: number): void {
    this.#ahead += milliseconds;
    for (const waiting of this.#waiting) {
      waiting.timer.cancel();
      this.#arm(waiting);
    }
  }

  #arm(waiting: Waiting): void {
    waiting.timer = systemClock.timer(waiting.due - this.monotonic(), waiting.run);
  }
}
