import { keyedHash } from '../../domain/fingerprint.ts';
import { Memo } from '../../domain/memo.ts';

/** A result, and what its text is known by in all threads of the process. */
export type Learned<T> = readonly [key: string, result: T];

/** A memo of texts that may hold a secret: each is known by its hash alone. */
export class SecretMemo<T> {
  readonly #results: Memo<T>;

  constructor(most: number) {
    this.#results = new Memo(most);
  }

  get(source: string, make: () => T): T {
    return this.#results.get(keyedHash(source), make);
  }

  /** Works out what is not known yet. @returns what `learn` of another thread's memo takes; undefined of what was known */
  prepare(source: string, make: () => T): Learned<T> | undefined {
    const key = keyedHash(source);
    if (this.#results.has(key)) return undefined;
    const result = make();
    this.#results.set(key, result);
    return [key, result];
  }

  learn([key, result]: Learned<T>): void {
    if (!this.#results.has(key)) this.#results.set(key, result);
  }

  get size(): number {
    return this.#results.size;
  }
}
