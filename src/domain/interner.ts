import { hash } from 'node:crypto';
import { Memo } from './memo.ts';

/** A longer text is kept as its SHA-256: as short, and nobody can make two contents that have the same one. */
const longestText = 64;

/** What a content is known by. */
export function contentKey(text: string): string {
  return text.length > longestText ? hash('sha256', text, 'base64') : text;
}

/**
 * Values by a key, each for as long as somebody holds it. A key whose value is gone stays until its turn comes: each
 * addition looks at two, so that no more are dead than alive. Not a FinalizationRegistry: it takes 80 bytes for each value.
 */
export class WeakValues<T extends object> {
  readonly #known = new Map<string, WeakRef<T>>();
  #turn = this.#known.entries();

  get(key: string): T | undefined {
    return this.#known.get(key)?.deref();
  }

  set(key: string, value: T): void {
    this.#known.set(key, new WeakRef(value));
    this.#look();
    this.#look();
  }

  get size(): number {
    return this.#known.size;
  }

  #look(): void {
    const { value: entry } = this.#turn.next();
    if (entry === undefined) this.#turn = this.#known.entries();
    else if (entry[1].deref() === undefined) this.#known.delete(entry[0]);
  }
}

/**
 * One frozen object for each content. Ten thousand pods of one ReplicaSet then hold one specification, and whoever
 * remembers a result by it evaluates it once. What nobody holds any more is forgotten when others come.
 */
export class Interner<T extends object> {
  readonly #known = new WeakValues<T>();
  readonly #recent: Memo<T>;

  /**
   * @param recent so many of those that were met last are held: what many objects have in common is then found without
   * asking whether it is still alive. Only for values that are small.
   */
  constructor(recent = 0) {
    this.#recent = new Memo(recent);
  }

  /**
   * @param value its keys in an order that equal contents share: that of a projection, or the API server's, which sorts
   * maps. In another order it is another content, which costs memory and nothing else.
   * @returns an equal object that was interned before and is still in use, else `value` itself, frozen
   */
  intern(value: T): T {
    const text = JSON.stringify(value);
    return this.#recent.get(text, () => {
      const key = contentKey(text);
      return this.#known.get(key) ?? this.#keep(key, value);
    });
  }

  #keep(key: string, value: T): T {
    freeze(value);
    this.#known.set(key, value);
    return value;
  }

  /** How many contents it knows. */
  get size(): number {
    return this.#known.size;
  }
}

function freeze(value: object): void {
  for (const key of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[key];
    if (typeof inner !== 'object' || inner === null || Object.isFrozen(inner)) continue;
    // A list that was made by `flatMap`, `push` or `...` has room for sixteen more; its copy has none.
    const part: object = Array.isArray(inner) ? inner.slice() : inner;
    if (part !== inner) Object.assign(value, { [key]: part });
    freeze(part);
  }
  Object.freeze(value);
}
