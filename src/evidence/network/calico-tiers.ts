import type { Direction, NetworkPolicy, PolicyRules } from '../../domain/network-policy.ts';
import { policyOrders, policyTiers } from '../../domain/network-policy.ts';
import type { Gap } from '../../domain/snapshot.ts';
import { asObject, objectField, ShapeError } from '../fields.ts';
import { present } from '../present.ts';
import { policyName, wordField } from './policy-fields.ts';
import type { CalicoPolicy } from './project-calico.ts';

/** Where policies of Calico stand among others, and what becomes of traffic that none of them speaks of. */
export interface CalicoTier {
  readonly name: string;
  readonly order: number;
  readonly otherwise: PolicyRules['otherwise'];
}

export function projectCalicoTier(object: unknown): CalicoTier {
  const from = asObject(object, '');
  const name = policyName(objectField(from, 'metadata', '') ?? {});
  const spec = objectField(from, 'spec', '') ?? {};
  const order = spec['order'] ?? undefined;
  if (order !== undefined && typeof order !== 'number') throw new ShapeError('spec.order', 'a number', order);
  const action = wordField(spec, 'defaultAction', 'spec', ['Deny', 'Pass'] as const);
  return { name, order: order ?? policyOrders.last, otherwise: action === 'Pass' ? 'next' : 'deny' };
}

/** It exists without an object, and so does what it does. */
const defaultTier: CalicoTier = { name: 'default', order: policyTiers.default, otherwise: 'deny' };

/**
 * Puts policies in their tiers. An object that both API groups serve counts once.
 * @returns with a gap for policies whose tier is not there: what they do is not known, and they are left out
 */
export function placeInTiers(
  policies: readonly CalicoPolicy[],
  tiers: readonly CalicoTier[],
): { readonly policies: NetworkPolicy[]; readonly gap?: Gap } {
  const known = new Map([defaultTier, ...tiers].map((tier) => [tier.name, tier]));
  const once = new Map(policies.map((policy) => [policy.identity, policy]));
  let gap: Gap | undefined;
  const placed = [...once.values()].flatMap((policy) => {
    const tier = known.get(policy.tierName);
    if (tier !== undefined) return [place(policy, tier)];
    gap ??= missingTier(policy);
    return [];
  });
  return present({ policies: placed, gap });
}

function place(policy: CalicoPolicy, { order: tier, otherwise }: CalicoTier): NetworkPolicy {
  const { tierName: _tier, identity: _identity, namespace: _namespace, Ingress, Egress, ...rest } = policy;
  const within = (rules: CalicoPolicy[Direction]) => rules && { otherwise, rules };
  return present({ ...rest, tier, Ingress: within(Ingress), Egress: within(Egress) });
}

const missingTier = ({ kind, name, tierName }: CalicoPolicy): Gap => ({
  reason: 'PartialEvidence',
  message: `${kind} ${name} is in the tier ${tierName}, of which nothing was read: when it is asked and what it leaves open is not known.`,
});
