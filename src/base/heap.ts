/** Gives what it holds in order, one by one: for a long list of which the first few are asked for. */
export class Heap<T> {
  readonly #items: T[];
  readonly #compare: (a: T, b: T) => number;

  /** @param items becomes the heap's own */
  constructor(items: T[], compare: (a: T, b: T) => number) {
    this.#items = items;
    this.#compare = compare;
    for (let index = items.length >> 1; index-- > 0;) this.#sink(index);
  }

  /** The least that is left. */
  take(): T | undefined {
    const [least] = this.#items;
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return last;
    this.#items[0] = last;
    this.#sink(0);
    return least;
  }

  #sink(from: number): void {
    const items = this.#items;
    const item = items[from] as T;
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= items.length) break;
      const right = child + 1;
      if (right < items.length && this.#compare(items[right] as T, items[child] as T) < 0) child = right;
      if (this.#compare(item, items[child] as T) <= 0) break;
      items[index] = items[child] as T;
      index = child;
    }
    items[index] = item;
  }
}
