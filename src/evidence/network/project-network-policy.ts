import type {
  Direction,
  NetworkPolicy,
  PeerReach,
  PolicyPort,
  PolicyRule,
} from '../../domain/network-policy.ts';
import { directions, policyOrders, policyTiers } from '../../domain/network-policy.ts';
import { everyPod } from '../../domain/pod-test.ts';
import type { Json } from '../fields.ts';
import {
  asObject,
  integerField,
  objectField,
  objectsField,
  ShapeError,
  stringField,
  stringsField,
} from '../fields.ts';
import { present } from '../present.ts';
import { labelSelectorField, namespaceKey, podKey, selectsEverything } from './label-tests.ts';
import { policyName, policyNamespace, refuseOthers, widest, wordField } from './policy-fields.ts';

/** A policy of a namespace, of any API. */
export interface NetworkPolicyObject extends NetworkPolicy {
  readonly namespace: string;
}

/**
 * A networking.k8s.io/v1 NetworkPolicy. Without types it is for ingress, and for egress only when it has rules for it:
 * `egress: []` alone isolates nothing.
 * @throws ShapeError when a field has another type than the API gives it
 */
export function projectNetworkPolicy(object: unknown): NetworkPolicyObject {
  const from = asObject(object, '');
  const metadata = objectField(from, 'metadata', '') ?? {};
  const spec = objectField(from, 'spec', '') ?? {};
  refuseOthers(spec, ['podSelector', 'policyTypes', 'ingress', 'egress'], 'spec');
  // The API server fills in an empty list as it does an absent one.
  const types = projectTypes(spec);
  const rules = {
    Ingress: projectRules(spec, 'ingress', 'from'),
    Egress: projectRules(spec, 'egress', 'to'),
  };
  const isFor = {
    Ingress: types.length === 0 || types.includes('Ingress'),
    Egress: types.length === 0 ? rules.Egress.length > 0 : types.includes('Egress'),
  };
  const [ingress, egress] = directions.map((direction) =>
    isFor[direction] ? { otherwise: 'deny' as const, rules: rules[direction] } : undefined,
  );
  return present({
    kind: 'NetworkPolicy',
    name: policyName(metadata),
    namespace: policyNamespace(metadata),
    // To the API an absent selector is the empty one: every pod of the namespace.
    selects: labelSelectorField(spec, 'podSelector', 'spec', podKey) ?? everyPod,
    tier: policyTiers.default,
    order: policyOrders.kubernetes,
    Ingress: ingress,
    Egress: egress,
  });
}

function projectTypes(spec: Json): readonly Direction[] {
  return stringsField(spec, 'policyTypes', 'spec').map((written, index) => {
    const type = directions.find((known) => known === written);
    if (type === undefined)
      throw new ShapeError(`spec.policyTypes[${index}]`, `one of ${directions.join(', ')}`, written);
    return type;
  });
}

function projectRules(spec: Json, list: string, peers: string): PolicyRule[] {
  return objectsField(spec, list, 'spec').map((rule, index) => {
    const path = `spec.${list}[${index}]`;
    refuseOthers(rule, [peers, 'ports'], path);
    const those = objectsField(rule, peers, path).map((peer, at) =>
      projectPeer(peer, `${path}.${peers}[${at}]`),
    );
    return {
      action: 'Allow',
      path,
      peers: {
        ...present({ reach: those.length === 0 ? 'anybody' : widest(those.map(({ reach }) => reach)) }),
        blocks: those.flatMap(({ block }) => block ?? []),
      },
      ports: objectsField(rule, 'ports', path).map((port, at) => projectPort(port, `${path}.ports[${at}]`)),
    };
  });
}

const selectors = ['podSelector', 'namespaceSelector'];

function projectPeer(peer: Json, path: string) {
  const block = objectField(peer, 'ipBlock', path);
  const at = `${path}.ipBlock`;
  refuseOthers(peer, ['ipBlock', ...selectors], path);
  const selecting = selectors.some((key) => (peer[key] ?? null) !== null);
  // The API refuses both; what they would mean nobody can tell.
  if (selecting === (block !== undefined))
    throw new ShapeError(path, `an ipBlock, or one or both of ${selectors.join(' and ')}`, peer);
  if (block !== undefined) {
    refuseOthers(block, ['cidr', 'except'], at);
    return {
      block: { cidr: stringField(block, 'cidr', at) ?? '', except: stringsField(block, 'except', at) },
    };
  }
  const pods = labelSelectorField(peer, 'podSelector', path, podKey);
  const namespaces = labelSelectorField(peer, 'namespaceSelector', path, namespaceKey);
  return { reach: reachOf(pods, namespaces) };
}

function reachOf(
  pods: ReturnType<typeof labelSelectorField>,
  namespaces: ReturnType<typeof labelSelectorField>,
): PeerReach | undefined {
  if (pods !== undefined && !selectsEverything(pods)) return undefined;
  if (namespaces !== undefined) return selectsEverything(namespaces) ? 'cluster' : undefined;
  return pods === undefined ? undefined : 'namespace';
}

function projectPort(port: Json, path: string): PolicyPort {
  const value = port['port'] ?? undefined;
  const named = typeof value === 'string';
  refuseOthers(port, ['protocol', 'port', 'endPort'], path);
  return present({
    protocol: wordField(port, 'protocol', path, ['TCP', 'UDP', 'SCTP']) ?? 'TCP',
    port: named ? value : integerField(port, 'port', path),
    endPort: integerField(port, 'endPort', path),
  });
}
