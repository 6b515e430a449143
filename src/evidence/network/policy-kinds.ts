import type { NetworkPolicy } from '../../domain/network-policy.ts';
import type { Gap } from '../../domain/snapshot.ts';
import type { CalicoTier } from './calico-tiers.ts';
import { placeInTiers, projectCalicoTier } from './calico-tiers.ts';
import {
  projectAdminPolicy,
  projectBaselineAdminPolicy,
  projectClusterNetworkPolicy,
} from './project-admin-policy.ts';
import type { CalicoPolicy } from './project-calico.ts';
import { projectCalicoGlobalPolicy, projectCalicoPolicy } from './project-calico.ts';
import { projectCiliumClusterwidePolicy, projectCiliumPolicy } from './project-cilium.ts';

/** What an object of another API than Kubernetes' own says. */
export interface PolicyEvidence {
  /** Absent when it is for the whole cluster. */
  readonly namespace?: string;
  readonly policies?: readonly NetworkPolicy[];
  readonly calico?: CalicoPolicy;
  readonly tier?: CalicoTier;
}

/** A kind that is read beside networking.k8s.io's NetworkPolicy. */
export interface PolicyKind {
  readonly kind: string;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** @returns undefined for an object that concerns no pod */
  readonly project: (object: unknown) => PolicyEvidence | undefined;
}

const calico = (project: (object: unknown) => CalicoPolicy | undefined) => (object: unknown) => {
  const policy = project(object);
  if (policy === undefined) return undefined;
  return { ...(policy.namespace === undefined ? {} : { namespace: policy.namespace }), calico: policy };
};
const one = (project: (object: unknown) => NetworkPolicy) => (object: unknown) => ({
  policies: [project(object)],
});

/** Calico's kinds in one of its two groups: the aggregated API, and the definitions that it keeps its objects in. */
const calicoKinds = (group: string, version: string): PolicyKind[] => {
  const of = (
    kind: string,
    plural: string,
    namespaced: boolean,
    project: PolicyKind['project'],
  ): PolicyKind => ({
    ...{ kind, group, version, plural, namespaced, project },
  });
  return [
    of('NetworkPolicy', 'networkpolicies', true, calico(projectCalicoPolicy)),
    of('GlobalNetworkPolicy', 'globalnetworkpolicies', false, calico(projectCalicoGlobalPolicy)),
    of('Tier', 'tiers', false, (object) => ({ tier: projectCalicoTier(object) })),
  ];
};

const sigNetwork = (
  kind: string,
  version: string,
  plural: string,
  project: PolicyKind['project'],
): PolicyKind => ({
  ...{ kind, group: 'policy.networking.k8s.io', version, plural, namespaced: false, project },
});

const cilium = (
  kind: string,
  plural: string,
  namespaced: boolean,
  project: PolicyKind['project'],
): PolicyKind => ({
  ...{ kind, group: 'cilium.io', version: 'v2', plural, namespaced, project },
});

/** Of two groups that serve the same objects the later one counts. */
export const policyKinds: readonly PolicyKind[] = [
  cilium('CiliumNetworkPolicy', 'ciliumnetworkpolicies', true, projectCiliumPolicy),
  cilium(
    'CiliumClusterwideNetworkPolicy',
    'ciliumclusterwidenetworkpolicies',
    false,
    projectCiliumClusterwidePolicy,
  ),
  ...calicoKinds('crd.projectcalico.org', 'v1'),
  ...calicoKinds('projectcalico.org', 'v3'),
  sigNetwork('AdminNetworkPolicy', 'v1alpha1', 'adminnetworkpolicies', one(projectAdminPolicy)),
  sigNetwork(
    'BaselineAdminNetworkPolicy',
    'v1alpha1',
    'baselineadminnetworkpolicies',
    one(projectBaselineAdminPolicy),
  ),
  sigNetwork('ClusterNetworkPolicy', 'v1alpha2', 'clusternetworkpolicies', one(projectClusterNetworkPolicy)),
];

/** The kind of a manifest, if it is one of them. */
export const policyKindOf = (apiVersion: string, kind: string): PolicyKind | undefined =>
  policyKinds.find((known) => known.kind === kind && `${known.group}/${known.version}` === apiVersion);

/**
 * The policies that a namespace has from other APIs.
 * @param evidence of the namespace and of the cluster
 */
export function policiesFrom(evidence: readonly PolicyEvidence[]): {
  readonly policies: readonly NetworkPolicy[];
  readonly gap?: Gap;
} {
  const tiered = placeInTiers(
    evidence.flatMap(({ calico: policy }) => policy ?? []),
    evidence.flatMap(({ tier }) => tier ?? []),
  );
  return { ...tiered, policies: [...evidence.flatMap(({ policies = [] }) => policies), ...tiered.policies] };
}
