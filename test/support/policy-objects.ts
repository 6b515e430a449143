import type { Source } from '../../src/domain/snapshot.ts';
import type { NetworkPolicy } from '../../src/domain/network-policy.ts';
import { policiesFrom, policyKindOf } from '../../src/evidence/network/policy-kinds.ts';
import { projectNetworkPolicy } from '../../src/evidence/network/project-network-policy.ts';

export interface PolicyObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

const object = (
  apiVersion: string,
  kind: string,
  name: string,
  spec: unknown,
  namespace?: string,
): PolicyObject => ({
  ...{ apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, spec },
});

/** Policies of each API, as a manifest has them; those of a namespace are in `shop`. */
export const policies = {
  kubernetes: (spec: unknown, name = 'kubernetes') =>
    object('networking.k8s.io/v1', 'NetworkPolicy', name, spec, 'shop'),
  calico: (spec: unknown, name = 'calico') =>
    object('projectcalico.org/v3', 'NetworkPolicy', name, spec, 'shop'),
  global: (spec: unknown, name = 'global') =>
    object('projectcalico.org/v3', 'GlobalNetworkPolicy', name, spec),
  tier: (name: string, order: number, defaultAction?: string) =>
    object('projectcalico.org/v3', 'Tier', name, {
      order,
      ...(defaultAction === undefined ? {} : { defaultAction }),
    }),
  cilium: (spec: unknown, name = 'cilium') =>
    object('cilium.io/v2', 'CiliumNetworkPolicy', name, spec, 'shop'),
  clusterwide: (spec: unknown, name = 'clusterwide') =>
    object('cilium.io/v2', 'CiliumClusterwideNetworkPolicy', name, spec),
  admin: (spec: unknown, name = 'admin') =>
    object('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', name, spec),
  baseline: (spec: unknown, name = 'default') =>
    object('policy.networking.k8s.io/v1alpha1', 'BaselineAdminNetworkPolicy', name, spec),
  cluster: (spec: unknown, name = 'cluster') =>
    object('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', name, spec),
} as const;

/** What the operator would gather of them for the namespace `shop`. */
export function policySource(objects: readonly PolicyObject[]): Source<NetworkPolicy> {
  const own = objects
    .filter(({ apiVersion }) => apiVersion === 'networking.k8s.io/v1')
    .map(projectNetworkPolicy);
  const evidence = objects.flatMap((each) => {
    const kind = policyKindOf(each.apiVersion, each.kind);
    return kind?.project(each) ?? [];
  });
  const others = policiesFrom(evidence.filter(({ namespace = 'shop' }) => namespace === 'shop'));
  return {
    available: true,
    items: [...own, ...others.policies],
    ...(others.gap === undefined ? {} : { gap: others.gap }),
  };
}
