import { groupOf } from '../group-of.ts';

/** Resources besides NetworkPolicy by which a cluster isolates pods: group, plural, kind. */
const policyResources: readonly (readonly [string, string, string])[] = [
  ['cilium.io', 'ciliumnetworkpolicies', 'CiliumNetworkPolicy'],
  ['cilium.io', 'ciliumclusterwidenetworkpolicies', 'CiliumClusterwideNetworkPolicy'],
  ['projectcalico.org', 'networkpolicies', 'NetworkPolicy'],
  ['projectcalico.org', 'globalnetworkpolicies', 'GlobalNetworkPolicy'],
  ['crd.projectcalico.org', 'networkpolicies', 'NetworkPolicy'],
  ['crd.projectcalico.org', 'globalnetworkpolicies', 'GlobalNetworkPolicy'],
  ['policy.networking.k8s.io', 'adminnetworkpolicies', 'AdminNetworkPolicy'],
  ['policy.networking.k8s.io', 'baselineadminnetworkpolicies', 'BaselineAdminNetworkPolicy'],
  ['policy.networking.k8s.io', 'clusternetworkpolicies', 'ClusterNetworkPolicy'],
  ['crd.antrea.io', 'networkpolicies', 'NetworkPolicy'],
  ['crd.antrea.io', 'clusternetworkpolicies', 'ClusterNetworkPolicy'],
  ['networking.k8s.aws', 'applicationnetworkpolicies', 'ApplicationNetworkPolicy'],
  ['networking.k8s.aws', 'clusternetworkpolicies', 'ClusterNetworkPolicy'],
  ['networking.gke.io', 'fqdnnetworkpolicies', 'FQDNNetworkPolicy'],
];

/**
 * The groups of those resources that isolate pods and are not read. Others of the same groups are none: Calico's staged
 * policies are only tried out, Cilium's local redirects and identities, and the addresses and endpoints that all of
 * them keep, isolate nothing.
 * @param resources from discovery, as `plural.group`, the name of a CustomResourceDefinition; a group alone is a group
 *   whose resources could not be listed, and counts when it has any such resource
 * @returns sorted, such as `cilium.io`
 */
export function unreadPolicyApis(resources: Iterable<string>): string[] {
  const shown = new Set(resources);
  const found = policyResources.filter(
    ([group, plural]) => shown.has(`${plural}.${group}`) || shown.has(group),
  );
  return [...new Set(found.map(([group]) => group))].sort();
}

/** The group of a policy that is not read, from a manifest; undefined for every other kind. */
export function policyApiOf(apiVersion: string, kind: string): string | undefined {
  const own = groupOf(apiVersion);
  return policyResources.find(([group, , name]) => group === own && name === kind)?.[0];
}
