import type { Direction, NetworkPolicy, PolicyRule } from '../../domain/network-policy.ts';
import type { PodIdentity } from '../../domain/pod-test.ts';
import { holds } from '../../domain/pod-test.ts';
import { addressesOf, holdsAll, reachOf } from './address-reach.ts';
import { coversPorts } from './ports.ts';

/**
 * Kinds of traffic that a rule speaks of as a whole or not at all, one bit each: with the pods of the cluster, or with
 * addresses outside of it by family, each over TCP and over UDP. SCTP alone, which few clusters carry, limits nothing.
 */
export type Traffic = number;

const pods: Traffic = 0b00_00_11;
const outside: Record<4 | 6, Traffic> = { 4: 0b00_11_00, 6: 0b11_00_00 };
const overTcp: Traffic = 0b01_01_01;
const overUdp: Traffic = 0b10_10_10;

export const traffic = { none: 0, pods, outside: outside[4] | outside[6], all: 0b11_11_11 } as const;

export const includes = (all: Traffic, part: Traffic): boolean => (all & part) === part;

/** Where not all is known: what is denied whatever the rest is, or what is denied if all of it denies. */
type Certainty = 'surely' | 'possibly';

/**
 * What policies deny a pod in a direction, were there no exceptions: rules that allow are left out (what they open is
 * RD-2.3.4), and so are those that pass only a part of the traffic on to the next tier.
 * @param policies sorted by tier and order
 */
export function deniedOf(
  policies: readonly NetworkPolicy[],
  pod: PodIdentity,
  direction: Direction,
  certainty: Certainty,
): Traffic {
  let denied = traffic.none;
  for (const tier of tiersOf(policies)) denied |= deniedInTier(tier, pod, direction, certainty);
  return denied;
}

/** Policies that are asked together, since nothing says which comes first. */
type Turn = readonly NetworkPolicy[];

/** The turns of each tier; worked out once for all pods that are held against the same list. */
function tiersOf(policies: readonly NetworkPolicy[]): readonly (readonly Turn[])[] {
  const before = known.get(policies);
  if (before !== undefined) return before;
  const tiers = groupBy(policies, ({ tier }) => tier).map((tier) =>
    groupBy(tier, ({ order, ties }) => (ties ? order : undefined)),
  );
  known.set(policies, tiers);
  return tiers;
}

const known = new WeakMap<readonly NetworkPolicy[], readonly (readonly Turn[])[]>();

function deniedInTier(
  turns: readonly Turn[],
  pod: PodIdentity,
  direction: Direction,
  certainty: Certainty,
): Traffic {
  let [denied, passed, denies] = [traffic.none as Traffic, traffic.none as Traffic, false];
  for (const turn of turns) {
    // Made when there is one: most policies select other pods, and those of Kubernetes itself only allow.
    let rules: PolicyRule[] | undefined;
    for (const policy of turn) {
      const own = policy[direction];
      if (own === undefined) continue;
      const selected = holds(policy.selects, pod);
      if (selected === false) continue;
      // Of one that may select the pod, the worse half counts for sure, and the better one possibly.
      const counts = (action: PolicyRule['action']) =>
        selected === true || action === (certainty === 'surely' ? 'Pass' : 'Deny');
      if (own.otherwise === 'deny' && counts('Deny')) denies = true;
      for (const rule of own.rules)
        if (rule.action !== 'Allow' && counts(rule.action)) (rules ??= []).push(rule);
    }
    if (rules === undefined) continue;
    for (const rule of turn.length === 1 ? rules : worstFirst(rules, certainty)) {
      const spoken = trafficOf(rule, certainty === 'surely' ? rule.action === 'Pass' : false);
      if (rule.action === 'Deny') denied |= spoken & ~passed;
      else passed |= spoken & ~denied;
    }
  }
  return denies ? traffic.all & ~passed : denied;
}

/** Which of several with the same order is asked first, the API leaves open. */
function worstFirst(rules: readonly PolicyRule[], certainty: Certainty): PolicyRule[] {
  const first = certainty === 'surely' ? 'Pass' : 'Deny';
  return rules.toSorted((a, b) => Number(b.action === first) - Number(a.action === first));
}

/**
 * The traffic that a rule speaks of as a whole.
 * @param generous whether most of it counts as the whole, as for what opens or lets pass
 */
export function trafficOf({ peers, ports, narrowed }: PolicyRule, generous: boolean): Traffic {
  if (narrowed && !generous) return traffic.none;
  const protocols = (coversPorts(ports, 'TCP') ? overTcp : 0) | (coversPorts(ports, 'UDP') ? overUdp : 0);
  return placesOf(peers, generous) & protocols;
}

function placesOf({ reach, blocks }: PolicyRule['peers'], generous: boolean): Traffic {
  if (reach === 'anybody') return traffic.all;
  let places = (reach === 'cluster' ? traffic.pods : 0) | (reach === 'world' ? traffic.outside : 0);
  if (blocks.length === 0) return places;
  const addresses = addressesOf(blocks);
  for (const family of [4, 6] as const) {
    const whole = generous ? reachOf(addresses, [family]) !== undefined : holdsAll(addresses, family);
    if (whole) places |= outside[family];
  }
  // Pods have addresses too.
  return includes(places, traffic.outside) && reach !== 'world' ? traffic.all : places;
}

/** Neighbours with the same key; each without a key by itself. */
function groupBy<T>(items: readonly T[], key: (item: T) => number | undefined): T[][] {
  const groups: T[][] = [];
  let before: number | undefined;
  for (const item of items) {
    const own = key(item);
    if (own !== undefined && own === before) groups.at(-1)?.push(item);
    else groups.push([item]);
    before = own;
  }
  return groups;
}
