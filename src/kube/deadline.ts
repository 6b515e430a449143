import type { Clock } from '../base/clock.ts';
import { ConnectionError } from './errors.ts';

/** A time limit joined with a caller's signal. Not AbortSignal.any: what that keeps of long-lived signals grows. */
export class Deadline {
  readonly #controller = new AbortController();
  /** To be called when what it limits is over, for it holds a timer and a listener of the caller's signal. */
  readonly clear: () => void;

  constructor(clock: Clock, milliseconds: number, outer: AbortSignal | undefined) {
    const stop = () => this.#controller.abort(outer?.reason);
    const timer = clock.timer(milliseconds, () => {
      const message = `the API server did not answer within ${Math.round(milliseconds)} ms`;
      this.#controller.abort(new ConnectionError('Timeout', message));
    });
    this.clear = () => {
      timer.cancel();
      outer?.removeEventListener('abort', stop);
    };
    outer?.addEventListener('abort', stop, { once: true });
    if (outer?.aborted === true) stop();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }
}

/** Whether it was a Deadline that ended what `signal` is for, and not its caller. */
export function isOverdue(signal: AbortSignal): boolean {
  return signal.reason instanceof ConnectionError && signal.reason.code === 'Timeout';
}
