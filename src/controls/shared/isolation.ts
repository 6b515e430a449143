import type { Direction, NetworkPolicy } from '../../domain/network-policy.ts';
import type { PodIdentity } from '../../domain/pod-test.ts';
import type { Gap, Snapshot } from '../../domain/snapshot.ts';
import type { Pod, PodTemplate, Workload } from '../../domain/workload.ts';
import { deniedOf, includes, traffic } from './denial.ts';

/**
 * Whether a pod is isolated in a direction: whatever is not allowed is denied. `clusterOnly`: from other pods, but egress
 * to the world stays open. `undecided`: it depends on what is not known.
 */
export type Isolation = 'isolated' | 'clusterOnly' | 'undecided' | 'exposed';

/** In the order in which they are asked. */
export const sortPolicies = (policies: readonly NetworkPolicy[]): readonly NetworkPolicy[] =>
  policies.toSorted(
    (a, b) => compare(a.tier, b.tier) || compare(a.order, b.order) || (a.name < b.name ? -1 : 1),
  );

/** Two infinities are the same, and their difference is no number. */
const compare = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1);

/** @param policies in order */
export function isolationOf(
  policies: readonly NetworkPolicy[],
  pod: PodIdentity,
  direction: Direction,
): Isolation {
  const surely = deniedOf(policies, pod, direction, 'surely');
  // No API for administrators speaks of ingress from outside of the cluster: what denies every pod is all there is.
  const needed = direction === 'Ingress' ? traffic.pods : traffic.all;
  if (includes(surely, needed)) return 'isolated';
  const possibly = deniedOf(policies, pod, direction, 'possibly');
  if (includes(possibly, needed)) return 'undecided';
  if (includes(surely, traffic.pods)) return 'clusterOnly';
  return includes(possibly, traffic.pods) ? 'undecided' : 'exposed';
}

/** The same for many pods: worked out once for all that are selected by the same labels and account. */
export function isolationIn(
  snapshot: Snapshot,
  direction: Direction,
): (talker: Pod | PodTemplate) => Isolation {
  const { networkPolicies } = snapshot;
  const policies = sortPolicies(networkPolicies.available ? networkPolicies.items : []);
  const known = new Map<object, Map<string, Isolation>>();
  return (talker) => {
    const account = accountOf(talker);
    const own = known.get(talker.labels) ?? new Map<string, Isolation>();
    known.set(talker.labels, own);
    const before = own.get(account);
    if (before !== undefined) return before;
    const isolation = isolationOf(policies, identityOf(snapshot, talker), direction);
    own.set(account, isolation);
    return isolation;
  };
}

const accountOf = ({ spec }: Pod | PodTemplate): string => spec.serviceAccountName ?? 'default';

/** By what policies select the pod. */
export function identityOf(snapshot: Snapshot, talker: Pod | PodTemplate): PodIdentity {
  const account = accountOf(talker);
  const labels = snapshot.serviceAccountLabels?.get(account);
  return {
    ...identityOfAny(snapshot),
    pod: talker.labels,
    serviceAccountName: { name: account },
    ...(labels === undefined ? {} : { serviceAccount: labels }),
  };
}

/** By what the pods of the namespace are selected, each way once; none where the workloads are not known. */
export function identitiesOf(snapshot: Snapshot): readonly PodIdentity[] {
  const { workloads } = snapshot;
  const talkers = workloads.available ? talking(workloads.items).flatMap(talkersOf) : [];
  const different = new Map<object, Map<string, Pod | PodTemplate>>();
  for (const talker of talkers) {
    const own = different.get(talker.labels) ?? new Map<string, Pod | PodTemplate>();
    different.set(talker.labels, own.set(accountOf(talker), talker));
  }
  return [...different.values()].flatMap((own) =>
    [...own.values()].map((talker) => identityOf(snapshot, talker)),
  );
}

/** What is known of every pod of the namespace, also of those to come. */
export function identityOfAny({ namespace }: Snapshot): PodIdentity {
  const { name, labels } = namespace;
  return { namespaceName: { name }, ...(labels === undefined ? {} : { namespace: labels }) };
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
export function policyDoubt({ networkPolicies, cluster }: Snapshot): Gap | undefined {
  if (!networkPolicies.available) return networkPolicies;
  if (networkPolicies.gap !== undefined) return networkPolicies.gap;
  const { unreadPolicyApis } = cluster;
  if (unreadPolicyApis.length === 0) return undefined;
  const message = `Policies of ${unreadPolicyApis.join(', ')} exist in this cluster and are not read.`;
  return { reason: 'PartialEvidence', message };
}

/** What an undecided isolation depends on. */
export const undecidedGap = (direction: Direction): Gap => ({
  reason: 'PartialEvidence',
  message: `Whether policies restrict ${direction.toLowerCase()} depends on what is not known: labels of the namespace or of a ServiceAccount, labels that the network plugin may leave out, or which of two policies with one priority comes first.`,
});
