import { compareText } from '../domain/compare-text.ts';
import type { DiscoveredResource } from '../kube/discovery.ts';
import { resourceName } from '../kube/resource.ts';

/**
 * The kinds of custom resources in namespaces, each once and in order.
 * @param before those of the last time, which stand for groups of which the server says nothing now
 */
export function servedKinds(
  resources: readonly DiscoveredResource[],
  before: readonly DiscoveredResource[],
  silent: ReadonlySet<string>,
): readonly DiscoveredResource[] {
  const kinds = new Map<string, DiscoveredResource>();
  const kept = before.filter(({ group }) => silent.has(group));
  for (const resource of [...resources.filter(isWatchable), ...kept]) {
    // The server names the version that it prefers first.
    const name = resourceName(resource);
    if (!kinds.has(name)) kinds.set(name, resource);
  }
  return [...kinds.values()].sort((a, b) => compareText(a.group, b.group) || compareText(a.plural, b.plural));
}

/** A custom resource has a domain for its group; one that cannot be listed is no more than a question. */
const isWatchable = ({ group, namespaced, verbs }: DiscoveredResource): boolean =>
  group.includes('.') && namespaced && verbs.includes('list') && verbs.includes('watch');

export const keyOf = ({ group, version, plural }: DiscoveredResource): string =>
  `${group}/${version}/${plural}`;
