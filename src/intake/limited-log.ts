import type { Clock } from '../base/clock.ts';

type Fields = Readonly<Record<string, unknown>>;

/** As much of a logger as is needed here. */
export interface Warner {
  warn(message: string, fields?: Fields): void;
}

const interval = 60_000;

/** One line a minute for each kind of trouble: who floods the intake must not flood the log. */
export class LimitedLog {
  readonly #clock: Clock;
  readonly #logger: Warner;
  readonly #kinds = new Map<string, { at: number; passedOver: number }>();

  constructor(clock: Clock, logger: Warner) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** @param kind one of a few constants: each is remembered for good */
  warn(kind: string, message: string, fields: Fields): void {
    const at = this.#clock.monotonic();
    const last = this.#kinds.get(kind);
    if (last !== undefined && at - last.at < interval) {
      last.passedOver += 1;
      return;
    }
    this.#kinds.set(kind, { at, passedOver: 0 });
    this.#logger.warn(message, { ...fields, passedOver: last?.passedOver ?? 0 });
  }
}
