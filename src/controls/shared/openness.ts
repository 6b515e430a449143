import type {
  AddressBlock,
  Direction,
  NetworkPolicy,
  PeerReach,
  PolicyRule,
} from '../../domain/network-policy.ts';
import { directions } from '../../domain/network-policy.ts';
import type { AddressReach } from './address-reach.ts';
import { addressesOf, reachOf } from './address-reach.ts';
import type { Traffic } from './denial.ts';
import { includes, traffic, trafficOf } from './denial.ts';
import { allPorts, describePorts } from './ports.ts';

/** One way in which a policy is too wide. */
export interface Opening {
  readonly weight: 'fail' | 'warn';
  readonly direction: Direction;
  /** Such as `spec.ingress[0]`. */
  readonly path: string;
  /** What stands there, in words. */
  readonly observed: string;
  readonly message: string;
  /** Ingress from the internet: what is behind it is exposed. */
  readonly exposed: boolean;
}

/** How far a rule's peers reach: everybody, every pod of the cluster, every pod of the namespace, or addresses. */
type Reach = PeerReach | AddressReach;

const reaches: Readonly<Record<Reach, string>> = {
  anybody: 'anybody',
  cluster: 'every namespace',
  namespace: 'every pod of the namespace',
  everything: 'every address',
  world: 'every address outside private networks',
};

/** What is too wide in the directions that the policy speaks of. */
export function openingsOf(policy: NetworkPolicy): Opening[] {
  return directions.flatMap((direction) => {
    const rules = liveRules(policy[direction]?.rules ?? []);
    const found = rules.flatMap(({ rule, reach }) => judgeRule(rule, reach, direction));
    if (found.some(({ weight }) => weight === 'fail')) return found;
    return [...found, ...judgeTogether(rules, direction)];
  });
}

/** Address blocks of the policy that cannot be read. */
export const unreadableBlocks = (policy: NetworkPolicy): readonly string[] =>
  addressesOf(
    directions.flatMap((direction) => (policy[direction]?.rules ?? []).flatMap(({ peers }) => peers.blocks)),
  ).unreadable;

interface Live {
  readonly rule: PolicyRule;
  readonly reach: Reach | undefined;
}

/** The rules that allow, as far as no earlier rule of the same policy has decided on all that they speak of. */
function liveRules(rules: readonly PolicyRule[]): Live[] {
  let decided: Traffic = traffic.none;
  const live: Live[] = [];
  for (const rule of rules) {
    if (rule.action !== 'Allow') decided |= trafficOf(rule, false);
    else {
      const reach = withoutDecided(reachOfPeers(rule), decided);
      if (reach !== 'none') live.push({ rule, reach });
    }
  }
  return live;
}

function withoutDecided(reach: Reach | undefined, decided: Traffic): Reach | 'none' | undefined {
  const [pods, outside] = [includes(decided, traffic.pods), includes(decided, traffic.outside)];
  switch (reach) {
    case undefined:
      return undefined;
    case 'anybody':
      return pods ? (outside ? 'none' : 'everything') : outside ? 'cluster' : 'anybody';
    case 'cluster':
    case 'namespace':
      return pods ? 'none' : reach;
    case 'everything':
    case 'world':
      return outside ? 'none' : reach;
  }
}

function judgeRule(rule: PolicyRule, reach: Reach | undefined, direction: Direction): Opening[] {
  return reach === undefined ? [] : describe(reach, rule, direction, rule.path);
}

/** Blocks in several rules are one: what one rule leaves out another may let in. */
function judgeTogether(rules: readonly Live[], direction: Direction): Opening[] {
  const open = rules.filter(({ rule }) => !rule.narrowed && allPorts(rule.ports));
  const [first] = open;
  const reachTogether = (blocks: readonly AddressBlock[]) => reachOf(addressesOf(blocks));
  const together = reachTogether(open.flatMap(({ rule }) => rule.peers.blocks));
  const alone = open.map(({ rule }) => reachTogether(rule.peers.blocks));
  if (first === undefined || together === undefined || alone.includes(together)) return [];
  const list = first.rule.path.replace(/\[\d+\]$/, '');
  return describe(together, { ports: [] }, direction, list);
}

/** The widest that the peers reach: to every pod of the namespace matters only where there is nothing wider. */
function reachOfPeers({ peers }: PolicyRule): Reach | undefined {
  if (peers.reach === 'anybody' || peers.reach === 'cluster') return peers.reach;
  return reachOf(addressesOf(peers.blocks)) ?? peers.reach;
}

function describe(
  reach: Reach,
  { ports, narrowed }: Pick<PolicyRule, 'ports' | 'narrowed'>,
  direction: Direction,
  path: string,
): Opening[] {
  const weight = weigh(reach, !narrowed && allPorts(ports), direction);
  if (weight === undefined) return [];
  const way = direction === 'Ingress' ? 'from' : 'to';
  const observed = `${way} ${reaches[reach]} on ${describePorts(ports)}${narrowed ? ', under further conditions' : ''}`;
  const message = `The policy allows ${direction.toLowerCase()} ${observed}.`;
  const exposed = direction === 'Ingress' && (reach === 'everything' || reach === 'world');
  return [{ weight, direction, path, observed, message, exposed }];
}

function weigh(reach: Reach, everyPort: boolean, direction: Direction): Opening['weight'] | undefined {
  switch (reach) {
    case 'anybody':
    case 'cluster':
    case 'everything':
      return everyPort ? 'fail' : 'warn';
    case 'namespace':
      return everyPort ? 'warn' : undefined;
    case 'world':
      return everyPort || direction === 'Ingress' ? 'warn' : undefined;
  }
}
