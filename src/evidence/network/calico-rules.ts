import type {
  AddressBlock,
  Direction,
  PeerReach,
  PolicyPeers,
  PolicyPort,
  PolicyRule,
} from '../../domain/network-policy.ts';
import type { Json } from '../fields.ts';
import {
  integerField,
  listField,
  objectField,
  objectsField,
  ShapeError,
  stringField,
  stringsField,
} from '../fields.ts';
import { present } from '../present.ts';
import { calicoConstants, calicoNamespaceKey, calicoPodKey } from './calico-keys.ts';
import { parseCalicoSelector } from './calico-selector.ts';
import { selectsEverything } from './label-tests.ts';
import { refuseOthers, wordField } from './policy-fields.ts';

const ruleFields = [
  ...[
    'action',
    'metadata',
    'ipVersion',
    'protocol',
    'notProtocol',
    'icmp',
    'notICMP',
    'http',
    'source',
    'destination',
  ],
];
const entityFields = [
  ...[
    'nets',
    'notNets',
    'ports',
    'notPorts',
    'selector',
    'notSelector',
    'namespaceSelector',
    'serviceAccounts',
    'services',
  ],
];

/** The rules of one direction that decide something; Log decides nothing. */
export function projectCalicoRules(spec: Json, direction: Direction, global: boolean): PolicyRule[] {
  const list = direction.toLowerCase();
  return objectsField(spec, list, 'spec').flatMap((rule, index) => {
    const path = `spec.${list}[${index}]`;
    refuseOthers(rule, ruleFields, path);
    const action = wordField(rule, 'action', path, ['Allow', 'Deny', 'Pass', 'Log'] as const);
    if (action === undefined) throw new ShapeError(`${path}.action`, 'Allow, Deny, Pass or Log', undefined);
    return action === 'Log' ? [] : [{ action, path, ...projectRule(rule, path, direction, global) }];
  });
}

function projectRule(rule: Json, path: string, direction: Direction, global: boolean) {
  const [source, destination] = ['source', 'destination'].map((field) => {
    const entity = objectField(rule, field, path) ?? {};
    refuseOthers(entity, entityFields, `${path}.${field}`);
    return { entity, path: `${path}.${field}` };
  }) as [Entity, Entity];
  const [peer, own] = direction === 'Ingress' ? [source, destination] : [destination, source];
  const { ports, exact } = projectPorts(rule, path, destination);
  const peers = projectPeers(peer, global);
  const version = integerField(rule, 'ipVersion', path);
  const narrowed =
    !exact ||
    (version !== undefined && (peers.reach === 'cluster' || peers.reach === 'namespace')) ||
    has(source, ['ports', 'notPorts']) ||
    has(own, [
      'nets',
      'notNets',
      'selector',
      'notSelector',
      'namespaceSelector',
      'serviceAccounts',
      'services',
    ]) ||
    has({ entity: rule, path }, ['http', 'notICMP', 'notProtocol']);
  return present({
    peers: withVersion(peers, version),
    ports,
    narrowed: narrowed ? (true as const) : undefined,
  });
}

interface Entity {
  readonly entity: Json;
  readonly path: string;
}

/** An empty list or text asks for nothing. */
const has = ({ entity }: Entity, keys: readonly string[]): boolean =>
  keys.some((key) => {
    const value = entity[key] ?? undefined;
    return value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
  });

function projectPeers({ entity, path }: Entity, global: boolean): PolicyPeers {
  const nets = stringsField(entity, 'nets', path).map(asBlock);
  const notNets = stringsField(entity, 'notNets', path).map(asBlock);
  const reach = reachOf({ entity, path }, global);
  if (nets.length === 0 && notNets.length === 0) return present({ reach, blocks: [] });
  // Addresses and selectors are asked for both: what a selector leaves out, addresses do not bring back.
  const narrow = reach === undefined || reach === 'namespace' || reach === 'cluster';
  if (narrow) return { blocks: [] };
  const blocks = nets.length > 0 ? nets : ['0.0.0.0/0', '::/0'];
  return { blocks: blocks.map((cidr): AddressBlock => ({ cidr, except: notNets })) };
}

/** A single address is a block of one. */
const asBlock = (net: string): string => (net.includes('/') ? net : `${net}/${net.includes(':') ? 128 : 32}`);

/** Of a policy of a namespace, a selector without a namespaceSelector means the pods of that namespace. */
function reachOf({ entity, path }: Entity, global: boolean): PeerReach | undefined {
  const text = (field: string) => stringField(entity, field, path) ?? '';
  const namespaces = parseCalicoSelector(text('namespaceSelector'), {
    path: `${path}.namespaceSelector`,
    read: calicoNamespaceKey,
  });
  const pods = parseCalicoSelector(text('selector'), {
    path: `${path}.selector`,
    read: calicoPodKey,
    constants: calicoConstants,
  });
  if (has({ entity, path }, ['notSelector', 'serviceAccounts', 'services'])) return undefined;
  if (!selectsEverything(namespaces) || !selectsEverything(pods)) return undefined;
  if (text('namespaceSelector') !== '') return 'cluster';
  if (text('selector') === '') return 'anybody';
  return global ? 'cluster' : 'namespace';
}

function withVersion(peers: PolicyPeers, version: number | undefined): PolicyPeers {
  if (version === undefined) return peers;
  const all = version === 4 ? '0.0.0.0/0' : '::/0';
  if (peers.reach === 'anybody') return { blocks: [{ cidr: all, except: [] }] };
  return { ...peers, blocks: peers.blocks.filter(({ cidr }) => cidr.includes(':') === (version !== 4)) };
}

const protocolNumbers: Readonly<Record<string, string>> = {
  '1': 'ICMP',
  '6': 'TCP',
  '17': 'UDP',
  '132': 'SCTP',
};

/** @returns not exact when the rule asks for more of the ports than can be said with them */
function projectPorts(
  rule: Json,
  path: string,
  destination: Entity,
): { ports: PolicyPort[]; exact: boolean } {
  const written = rule['protocol'] ?? undefined;
  if (written !== undefined && typeof written !== 'string' && typeof written !== 'number') {
    throw new ShapeError(`${path}.protocol`, 'a string or a number', written);
  }
  const protocol = written === undefined ? undefined : (protocolNumbers[String(written)] ?? String(written));
  const ports = listField(destination.entity, 'ports', destination.path);
  const notPorts = listField(destination.entity, 'notPorts', destination.path);
  if (protocol === undefined) return { ports: [], exact: ports.length === 0 && notPorts.length === 0 };
  const all = ports.map((port, index) => projectPort(port, protocol, `${destination.path}.ports[${index}]`));
  return { ports: all.length === 0 ? [{ protocol }] : all, exact: notPorts.length === 0 };
}

/** A number, a name, or a range such as `1000:2000`. */
function projectPort(port: unknown, protocol: string, path: string): PolicyPort {
  if (typeof port !== 'string' && typeof port !== 'number') throw new ShapeError(path, 'a port', port);
  const range = /^(\d+)(?::(\d+))?$/.exec(String(port));
  if (range === null) return { protocol, port };
  return present({
    protocol,
    port: Number(range[1]),
    endPort: range[2] === undefined ? undefined : Number(range[2]),
  });
}
