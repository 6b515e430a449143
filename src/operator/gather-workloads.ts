import type { Gap, Snapshot } from '../domain/snapshot.ts';
import { assembleWorkloads } from '../evidence/workloads/assemble.ts';
import type { ClusterState } from './cluster-state.ts';
import { Remembered } from './remembered.ts';
import type { AnyWatched } from './watched.ts';
import { jointEvidence, valuesOf } from './watched.ts';

/**
 * The workloads of one namespace, from memory. A kind that is not installed has none; one that may not be read leaves a gap:
 * its pods are seen, and not what it would run.
 */
export function gatherWorkloads(
  state: ClusterState,
  namespace: string,
  memory = new Remembered(),
): Snapshot['workloads'] {
  const all = [state.pods, ...state.owners];
  const stamps = all.flatMap((watched) => watched.stamp(namespace));
  return memory.get('workloads', stamps, () => {
    const [required, others] = [all.filter((each) => each.required), all.filter((each) => !each.required)];
    const found = jointEvidence(required, namespace, () =>
      assembleWorkloads({
        pods: valuesOf(state.pods, namespace),
        owners: state.owners.flatMap((owners) => valuesOf(owners, namespace)),
      }),
    );
    const gap = gapOf(others, namespace);
    return found.available && gap !== undefined ? { gap, ...found } : found;
  });
}

function gapOf(all: readonly Pick<AnyWatched, 'absent' | 'evidence'>[], namespace: string): Gap | undefined {
  for (const watched of all) {
    if (watched.absent) continue;
    const source = watched.evidence(namespace, () => []);
    if (!source.available) return { reason: source.reason, message: source.message };
    if (source.gap !== undefined) return source.gap;
  }
  return undefined;
}
