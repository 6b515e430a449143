import { groupOf } from '../group-of.ts';

/** The kinds besides NetworkPolicy by which a cluster isolates pods, each with its plural and its group. */
const policyKinds: readonly (readonly [string, string, string])[] = [
  ['CiliumNetworkPolicy', 'ciliumnetworkpolicies', 'cilium.io'],
  ['CiliumClusterwideNetworkPolicy', 'ciliumclusterwidenetworkpolicies', 'cilium.io'],
  ['NetworkPolicy', 'networkpolicies', 'projectcalico.org'],
  ['GlobalNetworkPolicy', 'globalnetworkpolicies', 'projectcalico.org'],
  ['NetworkPolicy', 'networkpolicies', 'crd.projectcalico.org'],
  ['GlobalNetworkPolicy', 'globalnetworkpolicies', 'crd.projectcalico.org'],
  ['AdminNetworkPolicy', 'adminnetworkpolicies', 'policy.networking.k8s.io'],
  ['BaselineAdminNetworkPolicy', 'baselineadminnetworkpolicies', 'policy.networking.k8s.io'],
  ['ClusterNetworkPolicy', 'clusternetworkpolicies', 'policy.networking.k8s.io'],
  ['NetworkPolicy', 'networkpolicies', 'crd.antrea.io'],
  ['ClusterNetworkPolicy', 'clusternetworkpolicies', 'crd.antrea.io'],
  ['ApplicationNetworkPolicy', 'applicationnetworkpolicies', 'networking.k8s.aws'],
  ['ClusterNetworkPolicy', 'clusternetworkpolicies', 'networking.k8s.aws'],
  ['FQDNNetworkPolicy', 'fqdnnetworkpolicies', 'networking.gke.io'],
];

/**
 * The API groups by which pods may be isolated and that are not read. Other resources of the same groups are no policies:
 * Calico's staged ones are only tried out, and the addresses, nodes and endpoints that they keep isolate nothing.
 * @param resources from discovery; plurals in lower case
 * @returns groups such as `cilium.io`, sorted
 */
export function unreadPolicyApis(
  resources: Iterable<{ readonly group: string; readonly plural: string }>,
): string[] {
  const shown = new Set<string>();
  for (const { group, plural } of resources) shown.add(`${plural}.${group}`);
  const found = policyKinds.filter(([, plural, group]) => shown.has(`${plural}.${group}`));
  return [...new Set(found.map(([, , group]) => group))].sort();
}

/** The group of such a policy, from a manifest; undefined for every other object. */
export function policyApiOf(apiVersion: string, kind: string): string | undefined {
  const own = groupOf(apiVersion);
  return policyKinds.some(([name, , group]) => name === kind && group === own) ? own : undefined;
}
