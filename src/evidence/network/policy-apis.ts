import { groupOf } from '../group-of.ts';
import { policyKinds, policyKindOf } from './policy-kinds.ts';

/** The kinds that isolate pods in some clusters and that are not read, each with its plural and its group. */
const unreadKinds: readonly (readonly [string, string, string])[] = [
  ['NetworkPolicy', 'networkpolicies', 'crd.antrea.io'],
  ['ClusterNetworkPolicy', 'clusternetworkpolicies', 'crd.antrea.io'],
  ['ApplicationNetworkPolicy', 'applicationnetworkpolicies', 'networking.k8s.aws'],
  ['ClusterNetworkPolicy', 'clusternetworkpolicies', 'networking.k8s.aws'],
  ['FQDNNetworkPolicy', 'fqdnnetworkpolicies', 'networking.gke.io'],
];

/** A resource that a server serves; without a version where it did not say which. */
interface Served {
  readonly group: string;
  readonly version?: string;
  readonly plural: string;
}

/**
 * The API groups by which pods may be isolated and that are not read, be it that only other versions of them are served.
 * Other resources of the same groups are no policies: Calico's staged ones are only tried out, and the addresses, nodes
 * and endpoints that they keep isolate nothing.
 * @param resources from discovery; plurals in lower case
 * @returns groups such as `crd.antrea.io`, sorted
 */
export function unreadPolicyApis(resources: Iterable<Served>): string[] {
  const versions = new Map<string, Set<string | undefined>>();
  for (const { group, plural, version } of resources) {
    const name = `${plural}.${group}`;
    versions.set(name, (versions.get(name) ?? new Set()).add(version));
  }
  const unread = unreadKinds.filter(([, plural, group]) => versions.has(`${plural}.${group}`));
  const otherVersions = policyKinds.filter(({ plural, group, version }) => {
    const served = versions.get(`${plural}.${group}`);
    return served !== undefined && !served.has(version);
  });
  return [
    ...new Set([...unread.map(([, , group]) => group), ...otherVersions.map(({ group }) => group)]),
  ].sort();
}

/** The group of a policy that is not read, from a manifest; undefined for every other object. */
export function policyApiOf(apiVersion: string, kind: string): string | undefined {
  if (policyKindOf(apiVersion, kind) !== undefined) return undefined;
  const own = groupOf(apiVersion);
  const unread = unreadKinds.some(([name, , group]) => name === kind && group === own);
  return unread || policyKinds.some((known) => known.kind === kind && known.group === own) ? own : undefined;
}
