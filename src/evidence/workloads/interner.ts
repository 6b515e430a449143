import { stableText } from '../../base/stable-text.ts';

/**
 * One frozen object for each content. Ten thousand pods of one ReplicaSet then hold one specification, and whoever
 * remembers a result by it evaluates it once. What nobody holds any more is forgotten.
 */
export class Interner<T extends object> {
  readonly #known = new Map<string, WeakRef<T>>();
  readonly #collected = new FinalizationRegistry<string>((key) => {
    // By the time this runs, an equal object may have taken the dead one's place.
    if (this.#known.get(key)?.deref() === undefined) this.#known.delete(key);
  });

  /** @returns an equal object that was interned before and is still in use, else `value` itself, frozen */
  intern(value: T): T {
    const key = stableText(value);
    const known = this.#known.get(key)?.deref();
    if (known !== undefined) return known;
    freeze(value);
    this.#known.set(key, new WeakRef(value));
    this.#collected.register(value, key);
    return value;
  }

  /** How many contents it knows. */
  get size(): number {
    return this.#known.size;
  }
}

function freeze(value: object): void {
  Object.freeze(value);
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null && !Object.isFrozen(inner)) freeze(inner as object);
  }
}
