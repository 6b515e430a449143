import type { Clock, Timer } from '../base/clock.ts';

/**
 * Milliseconds after which it is looked again for what a definition defines: the API server takes a moment to serve what it has
 * established, and a busy one longer. Without that the next look at what is absent would be minutes away.
 */
const servedAfterMs = [3_000, 7_000, 20_000] as const;

/** Looks at once for what a definition defines, and some times more. */
export class SecondLooks {
  readonly #clock: Clock;
  readonly #look: () => void;
  #next: Timer | undefined;

  constructor(clock: Clock, look: () => void) {
    this.#clock = clock;
    this.#look = look;
  }

  /** A definition has come, changed or gone. Of several that come together, the last one counts. */
  begin(): void {
    this.#look();
    this.#lookLater(servedAfterMs);
  }

  cancel(): void {
    this.#next?.cancel();
  }

  #lookLater([wait, ...others]: readonly number[]): void {
    this.#next?.cancel();
    if (wait === undefined) return;
    this.#next = this.#clock.timer(wait, () => {
      this.#look();
      this.#lookLater(others);
    });
  }
}
