import type { Snapshot } from '../../domain/snapshot.ts';
import type { Workload } from '../../domain/workload.ts';

/** The fewest pods that a workload is meant to have: what its autoscaler may scale it to, else what it asks for. */
export function leastReplicas(
  { kind, name, replicas = 1 }: Workload,
  { autoscalers }: Snapshot,
): { readonly count: number; readonly autoscaler?: string } {
  const scaling = (autoscalers.available ? autoscalers.items : []).filter(
    ({ target }) => target.kind === kind && target.name === name,
  );
  const [first] = scaling.toSorted((a, b) => a.minReplicas - b.minReplicas);
  return first === undefined ? { count: replicas } : { count: first.minReplicas, autoscaler: first.name };
}
