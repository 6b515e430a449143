import type { PodTest } from './pod-test.ts';

export const directions = ['Ingress', 'Egress'] as const;
export type Direction = (typeof directions)[number];

/** A network policy of any API, as far as isolation and openness need it. */
export interface NetworkPolicy {
  /** As people name it: a kind of another group than Kubernetes' own that bears the same name has the group behind it. */
  readonly kind: string;
  readonly name: string;
  readonly selects: PodTest;
  /** Policies are asked tier by tier, the lowest first, and in a tier by their order. */
  readonly tier: number;
  readonly order: number;
  /** Set where the API leaves open which of two with the same order is asked first. */
  readonly ties?: true;
  /** What it says of each direction; absent where it says nothing. */
  readonly Ingress?: PolicyRules;
  readonly Egress?: PolicyRules;
}

export interface PolicyRules {
  /** What becomes of traffic that no rule of the tier speaks of: isolation, or a question to the next tier. */
  readonly otherwise: 'deny' | 'next';
  /** The first that speaks of it decides. */
  readonly rules: readonly PolicyRule[];
}

export interface PolicyRule {
  readonly action: 'Allow' | 'Deny' | 'Pass';
  /** Such as `spec.ingress[0]`. */
  readonly path: string;
  readonly peers: PolicyPeers;
  /** Empty means every port. */
  readonly ports: readonly PolicyPort[];
  /** Set where it asks for more than peers and ports (a source port, a kind of ICMP): it never speaks of everything. */
  readonly narrowed?: true;
}

/** Whom a rule speaks of. Selectors that leave anybody out are nothing here: they are what policies are for. */
export interface PolicyPeers {
  /** The widest of the peers that are not addresses. */
  readonly reach?: PeerReach;
  readonly blocks: readonly AddressBlock[];
}

/** Everybody; every pod of the cluster; every pod of the policy's namespace; all that is outside of the cluster. */
export type PeerReach = 'anybody' | 'cluster' | 'namespace' | 'world';

export interface AddressBlock {
  readonly cidr: string;
  readonly except: readonly string[];
}

export interface PolicyPort {
  readonly protocol: string;
  readonly port?: string | number;
  readonly endPort?: number;
}

/**
 * Where Kubernetes' own policies stand among tiers: those of administrators, those of namespaces, the baseline. The
 * numbers are the orders that Calico gives them, so that its tiers find their place between them.
 */
export const policyTiers = { admin: 1_000, default: 1_000_000, baseline: 10_000_000 } as const;

/** Calico's order of a NetworkPolicy of Kubernetes. Cilium knows none: its denials come first. */
export const policyOrders = {
  first: Number.NEGATIVE_INFINITY,
  kubernetes: 1_000,
  last: Number.POSITIVE_INFINITY,
} as const;
