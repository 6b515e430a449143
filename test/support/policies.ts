import type { NetworkPolicy } from '../../src/domain/network-policy.ts';
import { projectNetworkPolicy } from '../../src/evidence/network/project-network-policy.ts';

/** A NetworkPolicy from the spec of a manifest; without a selector it selects every pod. */
export const policy = (name: string, spec: Readonly<Record<string, unknown>> = {}): NetworkPolicy =>
  projectNetworkPolicy({ metadata: { name }, spec });

export const denyAll = policy('default-deny', { policyTypes: ['Ingress', 'Egress'] });

/** `app=web` as a selector. */
export const selecting = (app: string) => ({ matchLabels: { app } });
