import type { Clock, Timer } from '../base/clock.ts';
import { IdleError } from './watch-machine.ts';

/** One stream's signal: it ends with the watcher's own, or when nothing has come for `idleMs`. */
export class WatchSession {
  readonly #controller = new AbortController();
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #opened: number;
  #heard: number;
  #timer: Timer;
  readonly #unlink: () => void;

  constructor(clock: Clock, idleMs: number, outer: AbortSignal) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#opened = this.#heard = clock.monotonic();
    this.#timer = this.#watchIdle(idleMs);
    const stop = () => this.#controller.abort(outer.reason);
    outer.addEventListener('abort', stop, { once: true });
    this.#unlink = () => outer.removeEventListener('abort', stop);
    if (outer.aborted) stop();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get ageMs(): number {
    return this.#clock.monotonic() - this.#opened;
  }

  /** Something came. Only notes the time: a timer set anew for every chunk would cost more than reading it. */
  heard(): void {
    this.#heard = this.#clock.monotonic();
  }

  /** Ends it for the watcher's own reason. */
  abort(reason: Error): void {
    this.#controller.abort(reason);
  }

  /** Lets go of the timer and of the watcher's signal, and of the connection if it is still open. */
  close(): void {
    this.#timer.cancel();
    this.#unlink();
    this.#controller.abort();
  }

  #watchIdle(delay: number): Timer {
    return this.#clock.timer(delay, () => {
      const leftMs = this.#heard + this.#idleMs - this.#clock.monotonic();
      // By the deadline: how long it was silent, rounded, may stay below the limit, and waits that move no clock never end.
      if (leftMs > 0) this.#timer = this.#watchIdle(leftMs);
      else this.#controller.abort(new IdleError(`nothing came for ${this.#idleMs} ms`));
    });
  }
}
