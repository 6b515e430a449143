/** Results of a pure function by the text that they were made of. When there are too many, the oldest are forgotten. */
export class Memo<T> {
  readonly #results = new Map<string, T>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string, make: () => T): T {
    if (this.#most === 0) return make();
    const known = this.#results.get(key);
    if (known !== undefined || this.#results.has(key)) return known as T;
    const made = make();
    this.set(key, made);
    return made;
  }

  has(key: string): boolean {
    return this.#results.has(key);
  }

  /** Of a key that has no result yet. */
  set(key: string, result: T): void {
    if (this.#results.size >= this.#most) this.#results.delete(this.#results.keys().next().value ?? '');
    this.#results.set(key, result);
  }

  get size(): number {
    return this.#results.size;
  }
}
