import type { LabelSelector } from './label-selector.ts';

export type Direction = 'Ingress' | 'Egress';

/** `networking.k8s.io/v1` NetworkPolicy, as far as isolation and openness need it. */
export interface NetworkPolicy {
  readonly name: string;
  readonly podSelector: LabelSelector;
  /** As written; absent when the manifest leaves it to the default. */
  readonly policyTypes?: readonly string[];
  readonly ingress: readonly PolicyRule[];
  readonly egress: readonly PolicyRule[];
}

export interface PolicyRule {
  /** `from` or `to`; empty means every peer. */
  readonly peers: readonly PolicyPeer[];
  /** Empty means every port. */
  readonly ports: readonly PolicyPort[];
}

export interface PolicyPeer {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly ipBlock?: { readonly cidr: string; readonly except: readonly string[] };
}

export interface PolicyPort {
  readonly protocol: string;
  readonly port?: string | number;
  readonly endPort?: number;
}
