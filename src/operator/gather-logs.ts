import { compareText } from '../domain/compare-text.ts';
import type { LogNamespace } from '../domain/log-readers.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { present } from '../evidence/present.ts';
import type { ClusterState } from './cluster-state.ts';
import { valuesOf } from './watched.ts';

/** @param named namespaces of the log pipeline, as the profile names them */
export function gatherLogs(
  state: ClusterState,
  namespace: string,
  named: readonly string[],
): Pick<Snapshot, 'logNodes' | 'logNamespaces'> {
  const { pods, logReaders } = state;
  const logNodes = pods.evidence(undefined, () => {
    const nodes = new Set(
      valuesOf(pods, namespace).flatMap(({ state: is, node }) => (is === 'live' ? (node ?? []) : [])),
    );
    return [...nodes].toSorted(compareText).flatMap((node) => logReaders.node(node) ?? []);
  });
  return present({ logNodes, logNamespaces: gatherLogNamespaces(state, named) });
}

function gatherLogNamespaces(state: ClusterState, named: readonly string[]): LogNamespace[] | undefined {
  const { pods, namespaces, logReaders } = state;
  if (!pods.available || !namespaces.available) return undefined;
  const reading = logReaders.namespaces();
  const others = named.filter(
    (name) => namespaces.store.get('', name) !== undefined && !reading.some((each) => each.name === name),
  );
  return [...reading, ...others.map((name) => ({ name, readers: [] }))].toSorted((a, b) =>
    compareText(a.name, b.name),
  );
}
