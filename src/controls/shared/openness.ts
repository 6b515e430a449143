import { isEmptySelector } from '../../domain/label-selector.ts';
import type { LabelSelector } from '../../domain/label-selector.ts';
import type { Direction, NetworkPolicy, PolicyPort, PolicyRule } from '../../domain/network-policy.ts';
import type { Addresses, AddressReach } from './address-reach.ts';
import { addressesOf, reachOf } from './address-reach.ts';
import { isolates } from './isolation.ts';

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
type Reach = 'anybody' | 'cluster' | 'namespace' | AddressReach;

const reaches: Readonly<Record<Reach, string>> = {
  anybody: 'anybody',
  cluster: 'every namespace',
  namespace: 'every pod of the namespace',
  everything: 'every address',
  world: 'every address outside private networks',
};

/** What is too wide in the directions that the policy isolates; rules of the others have no effect. */
export function openingsOf(policy: NetworkPolicy): Opening[] {
  return (['Ingress', 'Egress'] as const).flatMap((direction) => {
    if (!isolates(policy, direction)) return [];
    const rules = direction === 'Ingress' ? policy.ingress : policy.egress;
    const list = `spec.${direction.toLowerCase()}`;
    const found = rules.flatMap((rule, index) => judgeRule(rule, direction, `${list}[${index}]`));
    if (found.some(({ weight }) => weight === 'fail')) return found;
    return [...found, ...judgeTogether(rules, direction, list)];
  });
}

/** Address blocks of the policy that cannot be read. */
export const unreadableBlocks = (policy: NetworkPolicy): readonly string[] =>
  addressesOf([...policy.ingress, ...policy.egress].flatMap(({ peers }) => peers)).unreadable;

function judgeRule(rule: PolicyRule, direction: Direction, path: string): Opening[] {
  const reach = reachOfPeers(rule, addressesOf(rule.peers));
  return reach === undefined ? [] : describe(reach, rule.ports, direction, path);
}

/** Blocks in several rules are one: what one rule leaves out another may let in. */
function judgeTogether(rules: readonly PolicyRule[], direction: Direction, list: string): Opening[] {
  const open = rules.filter(({ ports }) => allPorts(ports));
  const together = reachOf(addressesOf(open.flatMap(({ peers }) => peers)));
  const alone = open.map(({ peers }) => reachOf(addressesOf(peers)));
  if (together === undefined || alone.includes(together)) return [];
  return describe(together, [], direction, list);
}

function reachOfPeers({ peers }: PolicyRule, addresses: Addresses): Reach | undefined {
  if (peers.length === 0) return 'anybody';
  const pods = peers.filter(({ ipBlock }) => ipBlock === undefined);
  const whole = pods.filter(({ podSelector }) => podSelector === undefined || isEmptySelector(podSelector));
  if (whole.some(({ namespaceSelector: namespaces }) => namespaces && selectsAllNamespaces(namespaces))) {
    return 'cluster';
  }
  const reach = reachOf(addresses);
  if (reach !== undefined) return reach;
  const own = whole.some(({ podSelector, namespaceSelector }) => podSelector && !namespaceSelector);
  return own ? 'namespace' : undefined;
}

/** Kubernetes gives every namespace the label with its name, so that asking for the label alone asks for nothing. */
function selectsAllNamespaces({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return (
    Object.keys(matchLabels).length === 0 &&
    matchExpressions.every(
      ({ key, operator }) => key === 'kubernetes.io/metadata.name' && operator === 'Exists',
    )
  );
}

/** Whether every port of TCP and of UDP is open; SCTP alone, which few clusters carry, limits nothing. */
export function allPorts(ports: readonly PolicyPort[]): boolean {
  return ports.length === 0 || ['TCP', 'UDP'].every((protocol) => coversPorts(ports, protocol));
}

function coversPorts(ports: readonly PolicyPort[], protocol: string): boolean {
  const own = ports.filter((port) => port.protocol === protocol);
  if (own.some(({ port }) => port === undefined)) return true;
  const ranges = own.flatMap(({ port, endPort }) =>
    typeof port === 'number' ? [{ first: port, last: endPort ?? port }] : [],
  );
  let next = 1;
  for (const { first, last } of ranges.sort((a, b) => a.first - b.first)) {
    if (first <= next) next = Math.max(next, last + 1);
  }
  return next > 65535;
}

function describe(reach: Reach, ports: readonly PolicyPort[], direction: Direction, path: string): Opening[] {
  const weight = weigh(reach, allPorts(ports), direction);
  if (weight === undefined) return [];
  const way = direction === 'Ingress' ? 'from' : 'to';
  const observed = `${way} ${reaches[reach]} on ${describePorts(ports)}`;
  const message = `The policy allows ${direction.toLowerCase()} ${observed}.`;
  const exposed = direction === 'Ingress' && (reach === 'everything' || reach === 'world');
  return [{ weight, direction, path, observed, message, exposed }];
}

function describePorts(ports: readonly PolicyPort[]): string {
  if (allPorts(ports)) return 'every port';
  const texts = ports.map(({ protocol, port, endPort }) => {
    if (port === undefined) return `every ${protocol} port`;
    return `${protocol} ${port}${endPort === undefined ? '' : `-${endPort}`}`;
  });
  return texts.join(', ');
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
