import type { ClusterState } from './cluster-state.ts';
import type { Woken } from './wake.ts';
import { policyDelayMs } from './wake.ts';
import type { AnyWatched } from './watched.ts';

/**
 * Wakes whoever has a gap for want of an object that cannot be read, or has none any more. A change in a store does not
 * tell: the object was never in it, or is gone from it already.
 * @param namespace '' for an object of the cluster
 */
export function wakeForReadability(
  state: ClusterState,
  woken: Pick<Woken, 'wake' | 'wakeCluster' | 'wakeEach'>,
  watched: AnyWatched,
  namespace: string,
  name: string,
): void {
  if (watched === state.falcoRules) return woken.wakeCluster(policyDelayMs);
  if (watched === state.namespaces) return woken.wake(name, 'normal');
  if (namespace !== '') woken.wake(namespace, 'normal');
  if (namespace === '' || concernsAll(state, watched)) woken.wakeEach(policyDelayMs);
}

/**
 * What is asked over all namespaces, wherever its object stands: collectors and sensors on a node, whoever deploys and
 * from where, what shows flows, and what accounts may do.
 */
function concernsAll(state: ClusterState, watched: AnyWatched): boolean {
  const { pods, roles, roleBindings, gitOps, gitOpsSources, ciliumSettings } = state;
  const sources = gitOpsSources.map((each) => each.watched);
  const all: readonly AnyWatched[] = [pods, roles, roleBindings, ciliumSettings, ...gitOps, ...sources];
  return all.includes(watched);
}
