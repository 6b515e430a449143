import type { Direction, NetworkPolicy, PolicyRule } from '../../domain/network-policy.ts';
import { directions, policyTiers } from '../../domain/network-policy.ts';
import type { PodTest } from '../../domain/pod-test.ts';
import type { Json } from '../fields.ts';
import { asObject, integerField, objectField, objectsField, ShapeError } from '../fields.ts';
import { present } from '../present.ts';
import { podsTest, projectAdminPeers } from './admin-peers.ts';
import { projectAdminPorts, projectProtocols } from './admin-ports.ts';
import { labelSelectorField, namespaceKey } from './label-tests.ts';
import { policyName, refuseOthers, wordField } from './policy-fields.ts';

/** What differs between the three kinds of SIG Network for administrators. */
interface Dialect {
  readonly kind: string;
  /** The actions: the first lets through. */
  readonly actions: readonly [string, ...string[]];
  readonly fields: readonly string[];
  readonly tierOf: (spec: Json) => number;
  readonly projectPorts: (rule: Json, path: string) => PolicyRule['ports'];
  readonly portField: string;
}

const adminPolicy: Dialect = {
  kind: 'AdminNetworkPolicy',
  actions: ['Allow', 'Deny', 'Pass'],
  fields: ['priority', 'subject', 'ingress', 'egress'],
  tierOf: () => policyTiers.admin,
  projectPorts: projectAdminPorts,
  portField: 'ports',
};

const dialects = {
  admin: adminPolicy,
  baseline: {
    ...adminPolicy,
    kind: 'BaselineAdminNetworkPolicy',
    // There is nothing behind it to pass anything on to.
    actions: ['Allow', 'Deny'],
    fields: ['subject', 'ingress', 'egress'],
    tierOf: () => policyTiers.baseline,
  },
  cluster: {
    kind: 'ClusterNetworkPolicy',
    actions: ['Accept', 'Deny', 'Pass'],
    fields: ['tier', 'priority', 'subject', 'ingress', 'egress'],
    tierOf: (spec) => {
      const tier = wordField(spec, 'tier', 'spec', ['Admin', 'Baseline'] as const);
      if (tier === undefined) throw new ShapeError('spec.tier', 'Admin or Baseline', undefined);
      return tier === 'Admin' ? policyTiers.admin : policyTiers.baseline;
    },
    projectPorts: projectProtocols,
    portField: 'protocols',
  },
} satisfies Readonly<Record<string, Dialect>>;

/** policy.networking.k8s.io/v1alpha1 */
export const projectAdminPolicy = (object: unknown): NetworkPolicy => project(object, dialects.admin);
export const projectBaselineAdminPolicy = (object: unknown): NetworkPolicy =>
  project(object, dialects.baseline);
/** policy.networking.k8s.io/v1alpha2 */
export const projectClusterNetworkPolicy = (object: unknown): NetworkPolicy =>
  project(object, dialects.cluster);

function project(object: unknown, dialect: Dialect): NetworkPolicy {
  const from = asObject(object, '');
  const spec = objectField(from, 'spec', '') ?? {};
  refuseOthers(spec, dialect.fields, 'spec');
  const order = dialect.fields.includes('priority') ? integerField(spec, 'priority', 'spec') : 0;
  if (order === undefined || order < 0 || order > 1000) {
    throw new ShapeError('spec.priority', 'an integer from 0 to 1000', order);
  }
  const name = policyName(objectField(from, 'metadata', '') ?? {});
  // The API knows one baseline, and refuses it any other name.
  if (dialect === dialects.baseline && name !== 'default')
    throw new ShapeError('metadata.name', 'default', name);
  const [ingress, egress] = directions.map((direction) => {
    const rules = projectRules(spec, direction, dialect);
    return rules.length === 0 ? undefined : { otherwise: 'next' as const, rules };
  });
  return present({
    kind: dialect.kind,
    name,
    selects: projectSubject(spec),
    tier: dialect.tierOf(spec),
    order,
    ties: true as const,
    Ingress: ingress,
    Egress: egress,
  });
}

/** One of the two, by the API; the empty selector of either is every namespace, or every pod. */
function projectSubject(spec: Json): PodTest {
  const subject = objectField(spec, 'subject', 'spec') ?? {};
  refuseOthers(subject, ['namespaces', 'pods'], 'spec.subject');
  const namespaces = labelSelectorField(subject, 'namespaces', 'spec.subject', namespaceKey);
  const pods = objectField(subject, 'pods', 'spec.subject');
  if ((namespaces === undefined) === (pods === undefined)) {
    throw new ShapeError('spec.subject', 'one of namespaces and pods', subject);
  }
  if (namespaces !== undefined) return namespaces;
  return podsTest(pods ?? {}, 'spec.subject.pods');
}

function projectRules(spec: Json, direction: Direction, dialect: Dialect): PolicyRule[] {
  const list = direction.toLowerCase();
  const peers = direction === 'Ingress' ? 'from' : 'to';
  return objectsField(spec, list, 'spec').map((rule, index) => {
    const path = `spec.${list}[${index}]`;
    refuseOthers(rule, ['name', 'action', peers, dialect.portField], path);
    const action = wordField(rule, 'action', path, dialect.actions);
    if (action === undefined) throw new ShapeError(`${path}.action`, 'an action', undefined);
    return {
      action: action === dialect.actions[0] ? 'Allow' : (action as 'Deny' | 'Pass'),
      path,
      peers: projectAdminPeers(rule, peers, path),
      ports: dialect.projectPorts(rule, path),
    };
  });
}
