/** A bound on how much runs at once; those who wait go in order. */
export class Slots {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** @returns what gives the slot back, to be called once @throws `signal.reason` when it aborts before there is one */
  async take(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#wait(signal);
    return () => this.#give();
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(proceed);
        reject(signal?.reason as Error);
      };
      const proceed = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      this.#waiting.add(proceed);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Hands the slot straight to the first who waits: were it freed in between, a newcomer could take it. */
  #give(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
