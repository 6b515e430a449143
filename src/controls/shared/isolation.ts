import { selects } from '../../domain/label-selector.ts';
import type { Direction, NetworkPolicy } from '../../domain/network-policy.ts';
import type { ClusterFacts, Gap, Source } from '../../domain/snapshot.ts';
import type { Labels, Pod, PodTemplate, Workload } from '../../domain/workload.ts';

/** Without types a policy is for ingress, and for egress only when it has rules for it: `egress: []` alone isolates nothing. */
export function isolates(policy: NetworkPolicy, direction: Direction): boolean {
  const types = policy.policyTypes ?? [];
  if (types.length > 0) return types.includes(direction);
  return direction === 'Ingress' || policy.egress.length > 0;
}

/** Whether pods with such labels are isolated, worked out once for all pods that share them. */
export function isolationOf(
  policies: readonly NetworkPolicy[],
  direction: Direction,
): (labels: Labels) => boolean {
  const isolating = policies.filter((policy) => isolates(policy, direction));
  const known = new Map<Labels, boolean>();
  return (labels) => {
    let isolated = known.get(labels);
    if (isolated === undefined) {
      isolated = isolating.some(({ podSelector }) => selects(podSelector, labels));
      known.set(labels, isolated);
    }
    return isolated;
  };
}

/**
 * The workloads whose pods talk, or will: a finished Job talks no more, and of an owner without pods and template
 * nothing is known but its name.
 */
export const talking = (workloads: readonly Workload[]): readonly Workload[] =>
  workloads.filter(
    ({ completed, pods, template }) => !completed && (pods.length > 0 || template !== undefined),
  );

/** Labels and network of the live pods, else of the template. */
export function talkersOf({ pods, template }: Workload): readonly (Pod | PodTemplate)[] {
  if (pods.length > 0) return pods;
  return template === undefined ? [] : [template];
}

/** Why what the policies that were read do not do may be done by others. */
export function policyDoubt(policies: Source<NetworkPolicy>, cluster: ClusterFacts): Gap | undefined {
  if (!policies.available) return policies;
  if (policies.gap !== undefined) return policies.gap;
  const { unreadPolicyApis } = cluster;
  if (unreadPolicyApis.length === 0) return undefined;
  const message = `Policies of ${unreadPolicyApis.join(', ')} exist in this cluster and are not read.`;
  return { reason: 'PartialEvidence', message };
}
