import type { ControllerRef } from '../domain/workload.ts';
import type { ClusterState } from './cluster-state.ts';

/** Deployment, ReplicaSet, Pod is three; more than this is a ring. */
const deepest = 8;

/** The top-level owner of a pod, as far as owners are watched; undefined for a pod that is not there. */
export function topOwnerOf(state: ClusterState, namespace: string, pod: string): ControllerRef | undefined {
  const start = state.pods.store.get(namespace, pod)?.value;
  if (start === undefined) return undefined;
  let top: ControllerRef = start.owner === undefined ? { kind: 'Pod', name: pod } : start.owner;
  for (let depth = 0; depth < deepest; depth++) {
    const parent = findOwner(state, namespace, top)?.owner;
    if (parent === undefined) break;
    top = parent;
  }
  // A static pod is owned by its node, which says nothing about the workload.
  return top.kind === 'Node' ? { kind: 'Pod', name: pod } : { kind: top.kind, name: top.name };
}

function findOwner(state: ClusterState, namespace: string, { kind, name, uid }: ControllerRef) {
  for (const { store } of state.owners) {
    const found = store.get(namespace, name)?.value;
    if (found?.kind === kind && (uid === undefined || found.uid === uid)) return found;
  }
  return undefined;
}
