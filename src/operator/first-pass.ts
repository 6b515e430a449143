/**
 * Counts down the namespaces that were there at the start. Until each was judged once, no verdict metric is shown: half of
 * them would look like a change.
 */
export class FirstPass {
  readonly #onDone: () => void;
  #waiting: Set<string> | undefined;
  #done = false;

  constructor(onDone: () => void) {
    this.#onDone = onDone;
  }

  get done(): boolean {
    return this.#done;
  }

  begin(namespaces: Iterable<string>): void {
    this.#waiting = new Set(namespaces);
    this.#settle();
  }

  /** Judged, or given up on for now; either way its turn is over. */
  passed(namespace: string): void {
    if (this.#done || this.#waiting === undefined) return;
    this.#waiting.delete(namespace);
    this.#settle();
  }

  #settle(): void {
    if (this.#waiting?.size !== 0) return;
    this.#done = true;
    this.#waiting = undefined;
    this.#onDone();
  }
}
