import type {
  AddressBlock,
  Direction,
  PeerReach,
  PolicyPort,
  PolicyRule,
} from '../../domain/network-policy.ts';
import type { Json } from '../fields.ts';
import { integerField, objectField, objectsField, ShapeError, stringField, stringsField } from '../fields.ts';
import { present } from '../present.ts';
import { ciliumKey } from './cilium-keys.ts';
import { projectLabelSelector, selectsEverything } from './label-tests.ts';
import { refuseOthers, widest } from './policy-fields.ts';

/** The fields that name peers, without the `from` or `to` before them. */
const peerFields = [
  'Endpoints',
  'Entities',
  'CIDR',
  'CIDRSet',
  'Nodes',
  'Groups',
  'Services',
  'FQDNs',
] as const;
const otherFields = ['toPorts', 'icmps', 'authentication'];

/** A rule that speaks of nobody makes its section one that is not empty, and does nothing else. */
type Projected = PolicyRule | undefined;

/** @returns what a section allows and what it denies */
export function projectCiliumRules(
  rule: Json,
  direction: Direction,
  path: string,
  clusterwide: boolean,
): [Projected[], Projected[]] {
  const list = direction.toLowerCase();
  const all = (field: string, action: PolicyRule['action']) =>
    objectsField(rule, field, path).map((each, index) =>
      projectRule(each, `${path}.${field}[${index}]`, { direction, action, clusterwide }),
    );
  return [all(list, 'Allow'), all(`${list}Deny`, 'Deny')];
}

interface Context {
  readonly direction: Direction;
  readonly action: PolicyRule['action'];
  readonly clusterwide: boolean;
}

function projectRule(rule: Json, path: string, context: Context): Projected {
  const { action, clusterwide } = context;
  const way = context.direction === 'Ingress' ? 'from' : 'to';
  // The requirements of old versions (fromRequires) hold for the rules of other policies too: they are refused here.
  refuseOthers(rule, [...peerFields.map((field) => `${way}${field}`), ...otherFields], path);
  const ports = projectPorts(rule, path);
  const named = peerFields.filter((field) => (rule[`${way}${field}`] ?? null) !== null);
  const [toPorts, icmps] = [objectsField(rule, 'toPorts', path), objectsField(rule, 'icmps', path)];
  if (named.length === 0) {
    if (toPorts.length + icmps.length === 0) return undefined;
    return { action, path, peers: { reach: 'anybody', blocks: [] }, ports };
  }
  const reach = widest([
    ...endpointReaches(rule, `${way}Endpoints`, path, clusterwide),
    ...entityReaches(rule, `${way}Entities`, path),
    ...(way === 'to' ? nameReaches(rule, path) : []),
  ]);
  const blocks = projectBlocks(rule, way, path);
  // An address of a pod is no address to Cilium: to deny all of them denies no pod, which blocks alone do not say.
  const narrowed = action === 'Deny' && blocks.length > 0 && reach !== 'anybody';
  return present({
    action,
    path,
    peers: present({ reach, blocks }),
    ports,
    narrowed: narrowed ? (true as const) : undefined,
  });
}

/** The empty selector of a policy of a namespace means the pods of that namespace. */
function endpointReaches(
  rule: Json,
  field: string,
  path: string,
  clusterwide: boolean,
): (PeerReach | undefined)[] {
  return objectsField(rule, field, path).map((selector, index) => {
    const at = `${path}.${field}[${index}]`;
    const test = projectLabelSelector(selector, at, ciliumKey);
    const entity = reservedEntity(selector);
    if (entity !== undefined) return entityReach[entity];
    if (!selectsEverything(test)) return undefined;
    const asksForNamespace = 'all' in test && test.all.length > 0;
    return clusterwide || asksForNamespace ? 'cluster' : 'namespace';
  });
}

/** Entities are labels too: `reserved:world` is the entity world. */
function reservedEntity(selector: Json): string | undefined {
  const keys = Object.keys(objectField(selector, 'matchLabels', '') ?? {});
  const [key = ''] = keys;
  return keys.length === 1 && key.startsWith('reserved:') ? key.slice('reserved:'.length) : undefined;
}

const entityReach: Readonly<Record<string, PeerReach | undefined>> = {
  all: 'anybody',
  cluster: 'cluster',
  world: 'world',
  'world-ipv4': 'world',
  'world-ipv6': 'world',
};
const narrowEntities = [
  ...['host', 'init', 'ingress', 'unmanaged', 'remote-node', 'health', 'none', 'kube-apiserver'],
];

function entityReaches(rule: Json, field: string, path: string): (PeerReach | undefined)[] {
  return stringsField(rule, field, path).map((entity, index) => {
    const known = Object.hasOwn(entityReach, entity) || narrowEntities.includes(entity);
    if (!known) throw new ShapeError(`${path}.${field}[${index}]`, 'an entity that is known here', entity);
    return entityReach[entity];
  });
}

/** A pattern of every name reaches whatever has one. */
const nameReaches = (rule: Json, path: string): (PeerReach | undefined)[] =>
  objectsField(rule, 'toFQDNs', path).map((name, index) =>
    /^\*+\.?$/.test(stringField(name, 'matchPattern', `${path}.toFQDNs[${index}]`) ?? '')
      ? 'world'
      : undefined,
  );

function projectBlocks(rule: Json, way: string, path: string): AddressBlock[] {
  const plain = stringsField(rule, `${way}CIDR`, path).map((cidr) => ({
    cidr: withLength(cidr),
    except: [],
  }));
  const sets = objectsField(rule, `${way}CIDRSet`, path).flatMap((set, index) => {
    const at = `${path}.${way}CIDRSet[${index}]`;
    refuseOthers(set, ['cidr', 'except', 'cidrGroupRef', 'cidrGroupSelector'], at);
    const cidr = stringField(set, 'cidr', at);
    // What a group of addresses holds is in an object of its own, which is not read: it may hold all of them.
    if (cidr === undefined)
      throw new ShapeError(`${at}.cidr`, 'a block of addresses (groups of them are not read)', undefined);
    return [{ cidr, except: stringsField(set, 'except', at) }];
  });
  return [...plain, ...sets];
}

const withLength = (cidr: string) => (cidr.includes('/') ? cidr : `${cidr}/${cidr.includes(':') ? 128 : 32}`);

function projectPorts(rule: Json, path: string): PolicyPort[] {
  const ports = objectsField(rule, 'toPorts', path).flatMap((entry, index) => {
    const at = `${path}.toPorts[${index}]`;
    const own = objectsField(entry, 'ports', at);
    if (own.length === 0) return everyPort;
    return own.flatMap((port, each) => projectPort(port, `${at}.ports[${each}]`));
  });
  return objectsField(rule, 'icmps', path).length > 0 ? [...ports, { protocol: 'ICMP' }] : ports;
}

const protocols = ['TCP', 'UDP', 'SCTP'] as const;
const everyPort: readonly PolicyPort[] = protocols.map((protocol) => ({ protocol }));

/** Port 0 is every port, and so are no port and a protocol; ANY or no protocol is every one of them. */
function projectPort(from: Json, path: string): PolicyPort[] {
  const port = stringField(from, 'port', path) ?? '0';
  const written = (stringField(from, 'protocol', path) ?? 'ANY').toUpperCase();
  const endPort = integerField(from, 'endPort', path);
  const number = /^\d+$/.test(port) ? Number(port) : undefined;
  const those = written === 'ANY' ? protocols : [written];
  return those.map((protocol) =>
    present({
      protocol,
      port: number === 0 ? undefined : (number ?? port),
      endPort: number === 0 || endPort === 0 ? undefined : endPort,
    }),
  );
}
