import type { LabelExpression, LabelSelector } from '../../domain/label-selector.ts';
import type { NetworkPolicy, PolicyPeer, PolicyPort, PolicyRule } from '../../domain/network-policy.ts';
import type { Json } from '../fields.ts';
import {
  asObject,
  integerField,
  objectField,
  objectsField,
  ShapeError,
  stringField,
  stringMapField,
  stringsField,
} from '../fields.ts';
import { present } from '../present.ts';

export interface NetworkPolicyObject extends NetworkPolicy {
  /** `default` where a manifest leaves it out, as for kubectl. */
  readonly namespace: string;
}

/**
 * A networking.k8s.io/v1 NetworkPolicy.
 * @throws ShapeError when a field has another type than the API gives it
 */
export function projectNetworkPolicy(object: unknown): NetworkPolicyObject {
  const from = asObject(object, '');
  const metadata = objectField(from, 'metadata', '') ?? {};
  const name = stringField(metadata, 'name', 'metadata') ?? stringField(metadata, 'generateName', 'metadata');
  if (name === undefined) throw new ShapeError('metadata.name', 'a string', undefined);
  const spec = objectField(from, 'spec', '') ?? {};
  const types = stringsField(spec, 'policyTypes', 'spec');
  return present({
    name,
    namespace: stringField(metadata, 'namespace', 'metadata') ?? 'default',
    // To the API an absent selector is the empty one: every pod of the namespace.
    podSelector: projectSelector(spec, 'podSelector', 'spec') ?? {},
    // The API server fills in an empty list as it does an absent one.
    policyTypes: types.length === 0 ? undefined : types,
    ingress: projectRules(spec, 'ingress', 'from'),
    egress: projectRules(spec, 'egress', 'to'),
  });
}

function projectRules(spec: Json, list: string, peers: string): PolicyRule[] {
  return objectsField(spec, list, 'spec').map((rule, index) => {
    const path = `spec.${list}[${index}]`;
    return {
      peers: objectsField(rule, peers, path).map((peer, at) => projectPeer(peer, `${path}.${peers}[${at}]`)),
      ports: objectsField(rule, 'ports', path).map((port, at) => projectPort(port, `${path}.ports[${at}]`)),
    };
  });
}

function projectPeer(peer: Json, path: string): PolicyPeer {
  const block = objectField(peer, 'ipBlock', path);
  const at = `${path}.ipBlock`;
  return present({
    podSelector: projectSelector(peer, 'podSelector', path),
    namespaceSelector: projectSelector(peer, 'namespaceSelector', path),
    ipBlock: block && {
      cidr: stringField(block, 'cidr', at) ?? '',
      except: stringsField(block, 'except', at),
    },
  });
}

function projectPort(port: Json, path: string): PolicyPort {
  const value = port['port'] ?? undefined;
  const named = typeof value === 'string';
  return present({
    protocol: stringField(port, 'protocol', path) ?? 'TCP',
    port: named ? value : integerField(port, 'port', path),
    endPort: integerField(port, 'endPort', path),
  });
}

function projectSelector(from: Json, key: string, path: string): LabelSelector | undefined {
  const selector = objectField(from, key, path);
  if (selector === undefined) return undefined;
  const at = `${path}.${key}`;
  const expressions = objectsField(selector, 'matchExpressions', at);
  return present({
    matchLabels: stringMapField(selector, 'matchLabels', at),
    matchExpressions:
      expressions.length === 0
        ? undefined
        : expressions.map((one, index) => projectExpression(one, `${at}.matchExpressions[${index}]`)),
  });
}

function projectExpression(expression: Json, path: string): LabelExpression {
  const values = stringsField(expression, 'values', path);
  return present({
    key: stringField(expression, 'key', path) ?? '',
    operator: stringField(expression, 'operator', path) ?? '',
    values: values.length === 0 ? undefined : values,
  });
}
