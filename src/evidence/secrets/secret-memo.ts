import { keyedHash } from '../../domain/fingerprint.ts';
import { Memo } from '../../domain/memo.ts';

/** A memo of texts that may hold a secret: each is known by its hash alone. */
export class SecretMemo<T> {
  readonly #results: Memo<T>;

  constructor(most: number) {
    this.#results = new Memo(most);
  }

  get(source: string, make: () => T): T {
    return this.#results.get(keyedHash(source), make);
  }

  get size(): number {
    return this.#results.size;
  }
}
