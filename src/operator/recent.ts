/** Values by key, of which those that were asked for last are kept. */
export class Recent<T> {
  readonly #values = new Map<string, T>();
  readonly #limits: { readonly most: number; readonly weight: number };
  readonly #weigh: (value: T) => number;

  /** @param limits.weight of all values together; a value may grow while it is kept, so it is weighed by `trim` */
  constructor(limits: { readonly most: number; readonly weight: number }, weigh: (value: T) => number) {
    this.#limits = limits;
    this.#weigh = weigh;
  }

  get(key: string, make: () => T): T {
    const value = this.#values.get(key) ?? make();
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  /** Lets go of the values that nobody has asked for the longest, until what is left is within the limits. */
  trim(): void {
    let weight = 0;
    const newestFirst = [...this.#values].toReversed();
    for (const [index, [key, value]] of newestFirst.entries()) {
      weight += this.#weigh(value);
      if (index >= this.#limits.most || weight > this.#limits.weight) this.#values.delete(key);
    }
  }

  get size(): number {
    return this.#values.size;
  }
}
