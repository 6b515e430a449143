import type { Snapshot } from '../domain/snapshot.ts';
import { assembleWorkloads } from '../evidence/workloads/assemble.ts';
import type { ClusterState } from './cluster-state.ts';
import { Remembered } from './remembered.ts';
import { jointEvidence, valuesOf } from './watched.ts';

/** The workloads of one namespace, from memory. */
export function gatherWorkloads(
  state: ClusterState,
  namespace: string,
  memory = new Remembered(),
): Snapshot['workloads'] {
  const all = [state.pods, ...state.owners];
  const stamps = all.flatMap((watched) => watched.stamp(namespace));
  return memory.get('workloads', stamps, () =>
    jointEvidence(all, namespace, () =>
      assembleWorkloads({
        pods: valuesOf(state.pods, namespace),
        owners: state.owners.flatMap((owners) => valuesOf(owners, namespace)),
      }),
    ),
  );
}
