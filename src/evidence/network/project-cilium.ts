import type { Direction, NetworkPolicy, PolicyRules } from '../../domain/network-policy.ts';
import { policyOrders, policyTiers } from '../../domain/network-policy.ts';
import type { Json } from '../fields.ts';
import { asObject, booleanField, objectField, objectsField, ShapeError } from '../fields.ts';
import { present } from '../present.ts';
import { ciliumKey } from './cilium-keys.ts';
import { projectCiliumRules } from './cilium-rules.ts';
import { labelSelectorField } from './label-tests.ts';
import { policyName, policyNamespace, refuseOthers } from './policy-fields.ts';

/** What one object holds: each of its rules selects pods of its own, so that each is a policy here. */
interface CiliumPolicies {
  /** Absent for a CiliumClusterwideNetworkPolicy. */
  readonly namespace?: string;
  readonly policies: readonly NetworkPolicy[];
}

const ruleFields = [
  ...['description', 'labels', 'log', 'endpointSelector', 'nodeSelector', 'enableDefaultDeny'],
  ...['ingress', 'ingressDeny', 'egress', 'egressDeny'],
];

export const projectCiliumPolicy = (object: unknown): CiliumPolicies => project(object, false);
export const projectCiliumClusterwidePolicy = (object: unknown): CiliumPolicies => project(object, true);

function project(object: unknown, clusterwide: boolean): CiliumPolicies {
  const from = asObject(object, '');
  const metadata = objectField(from, 'metadata', '') ?? {};
  const name = policyName(metadata);
  const spec = objectField(from, 'spec', '');
  const specs = objectsField(from, 'specs', '');
  const rules = [
    ...(spec === undefined ? [] : [{ rule: spec, path: 'spec' }]),
    ...specs.map((rule, index) => ({ rule, path: `specs[${index}]` })),
  ];
  if (rules.length === 0) throw new ShapeError('spec', 'an object', undefined);
  const kind = clusterwide ? 'CiliumClusterwideNetworkPolicy' : 'CiliumNetworkPolicy';
  return present({
    namespace: clusterwide ? undefined : policyNamespace(metadata),
    policies: rules.flatMap(({ rule, path }) => projectRule(rule, path, { kind, name, clusterwide })),
  });
}

interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly clusterwide: boolean;
}

function projectRule(rule: Json, path: string, { kind, name, clusterwide }: Owner): NetworkPolicy[] {
  refuseOthers(rule, ruleFields, path);
  const selects = labelSelectorField(rule, 'endpointSelector', path, ciliumKey);
  const nodes = objectField(rule, 'nodeSelector', path);
  if ((selects === undefined) === (nodes === undefined)) {
    throw new ShapeError(path, 'one of endpointSelector and nodeSelector', rule);
  }
  // It is for the nodes themselves.
  if (selects === undefined) return [];
  const section = (direction: Direction) => sectionOf(rule, direction, path, clusterwide);
  return [
    present({
      kind,
      name,
      selects,
      tier: policyTiers.default,
      // What it denies is denied whatever others allow.
      order: policyOrders.first,
      Ingress: section('Ingress'),
      Egress: section('Egress'),
    }),
  ];
}

/** A section that is not empty denies what it does not allow, unless it is told otherwise. */
function sectionOf(
  rule: Json,
  direction: Direction,
  path: string,
  clusterwide: boolean,
): PolicyRules | undefined {
  const [allows, denies] = projectCiliumRules(rule, direction, path, clusterwide);
  const written = allows.length + denies.length > 0;
  const settings = objectField(rule, 'enableDefaultDeny', path) ?? {};
  const field = direction.toLowerCase();
  const denying = booleanField(settings, field, `${path}.enableDefaultDeny`) ?? written;
  if (!denying && !written) return undefined;
  return {
    otherwise: denying ? 'deny' : 'next',
    rules: [...denies, ...allows].flatMap((each) => each ?? []),
  };
}
