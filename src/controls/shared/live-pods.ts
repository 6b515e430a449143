import type { Snapshot } from '../../domain/snapshot.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { unknown } from '../../domain/verdict.ts';
import type { Pod, Workload } from '../../domain/workload.ts';
import { specSubjects } from './judge-specs.ts';

/** One pod for each thing that pods of the workload can show: pods that share specification and status show the same. */
export function distinctPods(workload: Workload): readonly Pod[] {
  const known = distinct.get(workload);
  if (known !== undefined) return known;
  const found = findDistinct(workload);
  distinct.set(workload, found);
  return found;
}

/** Several controls ask, and there may be ten thousand pods. */
const distinct = new WeakMap<Workload, readonly Pod[]>();

function findDistinct({ pods }: Workload): readonly Pod[] {
  const seen = new Map<Pod['spec'], Map<Pod['containers'], Set<Pod['running']>>>();
  return pods.filter(({ spec, containers, running }) => {
    const bySpec = seen.get(spec) ?? new Map<Pod['containers'], Set<Pod['running']>>();
    seen.set(spec, bySpec);
    const byState = bySpec.get(containers) ?? new Set();
    bySpec.set(containers, byState);
    if (byState.has(running)) return false;
    byState.add(running);
    return true;
  });
}

/** Manifests show what is to run; what runs, and as whom, only a cluster shows. */
export function unseenInManifests({ cluster, workloads }: Snapshot): Verdict | undefined {
  if (cluster.live || !workloads.available || specSubjects(workloads.items).length === 0) return undefined;
  if (workloads.items.some(({ pods }) => pods.some((pod) => Object.keys(pod.containers).length > 0)))
    return undefined;
  return unknown('NoEvidence', 'Manifests do not show what runs; only a cluster does.');
}

/** The name of a pod as an example, unless the pod is the workload itself. */
export const exampleOf = ({ kind }: Workload, { name }: Pod): { example?: string } =>
  kind === 'Pod' ? {} : { example: name };
