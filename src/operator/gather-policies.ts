import type { Clock } from '../base/clock.ts';
import type { NetworkPolicy } from '../domain/network-policy.ts';
import type { Gap, Source } from '../domain/snapshot.ts';
import type { Labels } from '../domain/workload.ts';
import type { PolicyEvidence } from '../evidence/network/policy-kinds.ts';
import { policiesFrom } from '../evidence/network/policy-kinds.ts';
import type { ClusterState } from './cluster-state.ts';
import type { Remembered } from './remembered.ts';
import type { Watched } from './watched.ts';
import { valuesOf } from './watched.ts';
import { withPatience } from './with-patience.ts';

/**
 * The policies of every API that is read, of the namespace and of the cluster. An API that is not installed has none; one
 * that may not be read leaves a gap.
 */
export function gatherPolicies(
  state: ClusterState,
  namespace: string,
  memory: Remembered,
): Source<NetworkPolicy> {
  const others = state.otherPolicies.map(({ watched, namespaced }) => ({
    watched,
    where: namespaced ? namespace : '',
  }));
  const stamps = [
    ...state.networkPolicies.stamp(namespace),
    ...others.flatMap(({ watched, where }) => watched.stamp(where)),
  ];
  return memory.get('policies', stamps, () => readPolicies(state, namespace, others));
}

function readPolicies(
  { networkPolicies }: ClusterState,
  namespace: string,
  kinds: readonly { readonly watched: Watched<PolicyEvidence>; readonly where: string }[],
): Source<NetworkPolicy> {
  const own = networkPolicies.evidence(namespace, () => valuesOf(networkPolicies, namespace));
  if (!own.available) return own;
  let gap: Gap | undefined = own.gap;
  const evidence: PolicyEvidence[] = [];
  for (const { watched, where } of kinds) {
    if (watched.absent) continue;
    const source = watched.evidence(where, () => valuesOf(watched, where));
    if (source.available) evidence.push(...source.items);
    gap ??= source.available ? source.gap : { reason: source.reason, message: source.message };
  }
  const others = policiesFrom(evidence);
  gap ??= others.gap;
  const items = [...own.items, ...others.policies];
  return { available: true, items, ...(gap === undefined ? {} : { gap }) };
}

/** Undefined where they are not read. */
export const gatherAccountLabels = (
  { serviceAccounts }: ClusterState,
  namespace: string,
  memory: Remembered,
): ReadonlyMap<string, Labels> | undefined =>
  memory.get('account labels', serviceAccounts.stamp(namespace), () =>
    serviceAccounts.available
      ? new Map(serviceAccounts.store.list(namespace).map(({ name, value }) => [name, value.labels]))
      : undefined,
  );

/**
 * Resolves when it is known of every policy API and GitOps tool whether it is there and what it holds, of roles and
 * bindings what they say, of nodes what can run there, of Falco which rules it has and of workloads since when they are as
 * they are, or when the time is up: to judge before would call pods exposed, or not known, that are isolated a moment later.
 */
export async function alternativesDecided(
  state: ClusterState,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const rights = [state.roleBindings, state.clusterRoleBindings, state.roles, state.clusterRoles];
  const all = [...state.alternatives, ...rights, state.nodes, state.falcoRules, state.controllerRevisions];
  await withPatience(clock, signal, () => Promise.all(all.map(({ decided }) => decided)));
}
