import type { Clock, Timer } from '../base/clock.ts';
import type { Ending } from '../kube/watch-machine.ts';
import type { Logger } from '../telemetry/log.ts';

/** Ways for a watch to end that mean that the server cannot be worked with. A line that was cut is opened again first. */
const outages: readonly Ending[] = ['unreachable', 'out-of-reach', 'unauthorized', 'server-error'];

/** A server that starts answers some requests well and others not yet; it is well when it has been for so long. */
const settledMs = 10_000;

/** Tells of an outage of the API server once, and of its end, however many watches it breaks and however long it lasts. */
export class OutageLog {
  readonly #clock: Clock;
  readonly #logger: Logger;
  #isOut = false;
  #settling: Timer | undefined;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  watchEnded(reason: Ending, error: unknown): void {
    if (!outages.includes(reason)) return;
    this.close();
    if (this.#isOut) return;
    this.#isOut = true;
    this.#logger.error('the API server cannot be worked with; trying on', { reason, error });
  }

  /** @param code of an answer: HTTP status, or `error` when there was none */
  answered(code: string): void {
    if (!this.#isOut || this.#settling !== undefined || !/^[23]/.test(code)) return;
    this.#settling = this.#clock.timer(settledMs, () => {
      this.#settling = undefined;
      this.#isOut = false;
      this.#logger.info('the API server answers again');
    });
  }

  /** Leaves no timer behind. */
  close(): void {
    this.#settling?.cancel();
    this.#settling = undefined;
  }
}
