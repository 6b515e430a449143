import { VerdictMemory } from '../evaluate/verdict-memory.ts';
import { Recent } from './recent.ts';
import { Remembered } from './remembered.ts';

/** What an evaluation of one namespace has left behind for the next. */
export class NamespaceMemory {
  readonly sources = new Remembered();
  readonly #verdicts = new Map<string, VerdictMemory>();

  verdictsBy(profile: string): VerdictMemory {
    const known = this.#verdicts.get(profile) ?? new VerdictMemory();
    this.#verdicts.set(profile, known);
    return known;
  }

  forget(profile: string): void {
    this.#verdicts.delete(profile);
  }

  /** About how many findings are held. */
  get weight(): number {
    return [...this.#verdicts.values()].reduce((sum, { weight }) => sum + weight, 0);
  }
}

/** Of so many namespaces, and findings in them: some ten megabytes. Those beyond are judged as if for the first time. */
const limits = { most: 64, weight: 25_000 };

/** The memories of the namespaces that were judged last. What changes is mostly what has just changed. */
export class NamespaceMemories {
  readonly #recent = new Recent<NamespaceMemory>(limits, ({ weight }) => weight);

  of(namespace: string): NamespaceMemory {
    return this.#recent.get(namespace, () => new NamespaceMemory());
  }

  delete(namespace: string): void {
    this.#recent.delete(namespace);
  }

  trim(): void {
    this.#recent.trim();
  }
}
