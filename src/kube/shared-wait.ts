/**
 * Many who wait for one promise, each until its own signal aborts. A reaction to a promise stays until it settles: were
 * one added by everybody who asks, what never settles would grow for ever.
 */
export class SharedWait<T> {
  readonly #promise: Promise<T>;
  readonly #waiting = new Set<() => void>();
  #settled = false;

  constructor(promise: Promise<T>) {
    this.#promise = promise;
    const settle = () => {
      this.#settled = true;
      for (const proceed of this.#waiting) proceed();
      this.#waiting.clear();
    };
    promise.then(settle, settle);
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** @throws what the promise throws, or `signal.reason` */
  async wait(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (!this.#settled) await this.#wake(signal);
    return this.#promise;
  }

  #wake(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(proceed);
        reject(signal.reason as Error);
      };
      const proceed = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      this.#waiting.add(proceed);
      signal.addEventListener('abort', abort, { once: true });
    });
  }
}
