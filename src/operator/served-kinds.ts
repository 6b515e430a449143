import { isDeepStrictEqual } from 'node:util';
import type { DiscoveredResource, Discovery } from '../kube/discovery.ts';
import { resourceName } from '../kube/resource.ts';

/**
 * What the server serves of kinds that are not in every cluster. An API group that does not answer at the moment is silent: what
 * it served stays as it was.
 */
export class ServedKinds<Entry extends { readonly resource: DiscoveredResource }> {
  readonly #concerns: (group: string) => boolean;
  #kinds: ReadonlyMap<string, Entry> = new Map();
  #silent: readonly string[] = [];

  /** @param concerns of which API groups it is to be known that they are silent */
  constructor(concerns: (group: string) => boolean) {
    this.#concerns = concerns;
  }

  /** By `keyOf`, each kind in one version. */
  get kinds(): ReadonlyMap<string, Entry> {
    return this.#kinds;
  }

  /** API groups of which the server could not say what it serves, in order. */
  get silent(): readonly string[] {
    return this.#silent;
  }

  /**
   * Takes in what the server has said.
   * @param served of that, the kinds that are wanted; of several versions of one the first counts
   * @returns whether other groups are silent than before
   */
  take({ incomplete }: Pick<Discovery, 'incomplete'>, served: readonly Entry[]): boolean {
    const groups = new Set(incomplete.flatMap((each) => each.split('/')[0] ?? ''));
    const silent = [...groups].filter(this.#concerns).sort();
    const kept = [...this.#kinds.values()].filter(({ resource }) => silent.includes(resource.group));
    const byName = new Map<string, Entry>();
    for (const entry of [...served, ...kept]) {
      const name = resourceName(entry.resource);
      if (!byName.has(name)) byName.set(name, entry);
    }
    this.#kinds = new Map([...byName.values()].map((entry) => [keyOf(entry.resource), entry]));
    const changed = !isDeepStrictEqual(silent, this.#silent);
    this.#silent = silent;
    return changed;
  }
}

/** Of a kind in one version, as it is watched. */
export const keyOf = ({ group, version, plural }: DiscoveredResource): string =>
  `${group}/${version}/${plural}`;
