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

  /** Of profiles that no longer select the namespace. */
  keepOnly(profiles: readonly string[]): void {
    for (const profile of this.#verdicts.keys())
      if (!profiles.includes(profile)) this.#verdicts.delete(profile);
  }

  /** About how many findings are held. */
  get weight(): number {
    return [...this.#verdicts.values()].reduce((sum, { weight }) => sum + weight, 0);
  }
}

/** Of so many namespaces, and findings in them: some twelve megabytes. Those beyond are judged as if for the first time. */
const limits = { most: 64, weight: 25_000 };

/**
 * The memories of the namespaces that were judged last: what changes is mostly what has just changed. Nothing is kept of the
 * first judgement of each, for then all are judged, in the hour in which the process is largest.
 */
export class NamespaceMemories {
  readonly #recent = new Recent<NamespaceMemory>(limits, ({ weight }) => weight);
  readonly #judged = new Set<string>();

  /** For one judgement by all profiles. */
  of(namespace: string): NamespaceMemory {
    const isFirst = !this.#judged.has(namespace);
    this.#judged.add(namespace);
    return isFirst ? new NamespaceMemory() : this.#recent.get(namespace, () => new NamespaceMemory());
  }

  delete(namespace: string): void {
    this.#recent.delete(namespace);
    this.#judged.delete(namespace);
  }

  /** To be called when something was judged: only then it is known how much there is to hold. */
  trim(): void {
    this.#recent.trim();
  }
}
