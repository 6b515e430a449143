import { compareText } from '../domain/compare-text.ts';
import type { DiscoveredResource } from '../kube/discovery.ts';

/** A custom resource in namespaces has a domain for its group; one that cannot be listed is no more than a question. */
export const isWatchable = ({ group, namespaced, verbs }: DiscoveredResource): boolean =>
  group.includes('.') && namespaced && verbs.includes('list') && verbs.includes('watch');

/** The order in which kinds are named, and in which the first are watched. */
export const inOrder = (a: DiscoveredResource, b: DiscoveredResource): number =>
  compareText(a.group, b.group) || compareText(a.plural, b.plural);
