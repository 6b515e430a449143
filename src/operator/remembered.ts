import { isDeepStrictEqual } from 'node:util';

interface Result {
  readonly inputs: readonly unknown[];
  readonly value: unknown;
}

/** Results by name: the same object for as long as what it was made of is the same, or gives the same anew. */
export class Remembered {
  readonly #results = new Map<string, Result>();

  /**
   * @param inputs all that `make` reads, compared by identity
   * @param make pure, and of one type for one name
   */
  get<T>(name: string, inputs: readonly unknown[], make: () => T): T {
    const before = this.#results.get(name);
    if (before !== undefined && isSame(before.inputs, inputs)) return before.value as T;
    const made = make();
    const value = before !== undefined && isDeepStrictEqual(before.value, made) ? (before.value as T) : made;
    this.#results.set(name, { inputs, value });
    return value;
  }
}

const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((each, index) => Object.is(each, b[index]));
