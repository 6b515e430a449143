/**
 * A bounded memory of what was seen lately: two generations of half the size, of which the older one is forgotten as
 * a whole when the younger one is full. It remembers at least the last half, and forgetting costs nothing per entry.
 */
export class RecentEvents {
  readonly #half: number;
  #young = new Set<string>();
  #old = new Set<string>();

  constructor(capacity: number) {
    this.#half = Math.max(1, Math.floor(capacity / 2));
  }

  /** @returns false when it was there already */
  add(identity: string): boolean {
    if (this.#young.has(identity) || this.#old.has(identity)) return false;
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(identity);
    return true;
  }
}
