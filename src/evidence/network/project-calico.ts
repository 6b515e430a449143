import type { NetworkPolicy, PolicyRules } from '../../domain/network-policy.ts';
import { policyOrders } from '../../domain/network-policy.ts';
import type { PodTest } from '../../domain/pod-test.ts';
import type { Json } from '../fields.ts';
import { asObject, booleanField, objectField, ShapeError, stringField, stringsField } from '../fields.ts';
import { present } from '../present.ts';
import { parseCalicoSelector } from './calico-selector.ts';
import { accountKey, calicoConstants, calicoNamespaceKey, calicoPodKey } from './calico-keys.ts';
import { projectCalicoRules } from './calico-rules.ts';
import type { ReadKey } from './label-tests.ts';
import { policyName, policyNamespace, refuseOthers } from './policy-fields.ts';

/** A policy before it is known what its tier, an object of its own, does with it. */
export interface CalicoPolicy extends Omit<NetworkPolicy, 'tier' | 'Ingress' | 'Egress'> {
  /** Absent for a GlobalNetworkPolicy. */
  readonly namespace?: string;
  readonly tierName: string;
  /** The same in both API groups, which may serve the same object. */
  readonly identity: string;
  readonly Ingress?: PolicyRules['rules'];
  readonly Egress?: PolicyRules['rules'];
}

/** @returns undefined for what selects no pods, and for copies of policies of Kubernetes, which are read where they come from */
export const projectCalicoPolicy = (object: unknown): CalicoPolicy | undefined => project(object, false);
export const projectCalicoGlobalPolicy = (object: unknown): CalicoPolicy | undefined => project(object, true);

const fields = {
  namespaced: [
    ...[
      'tier',
      'order',
      'selector',
      'serviceAccountSelector',
      'types',
      'ingress',
      'egress',
      'performanceHints',
    ],
  ],
  global: ['namespaceSelector', 'doNotTrack', 'preDNAT', 'applyOnForward'],
};

/** The prefixes that Calico gives its copies of policies of Kubernetes: NetworkPolicy, and the three for the cluster. */
const copies = /^(?:knp|kanp|kbanp|kcnp)\./;

function project(object: unknown, global: boolean): CalicoPolicy | undefined {
  const from = asObject(object, '');
  const metadata = objectField(from, 'metadata', '') ?? {};
  const written = policyName(metadata);
  if (copies.test(written)) return undefined;
  const spec = objectField(from, 'spec', '') ?? {};
  refuseOthers(spec, [...fields.namespaced, ...(global ? fields.global : [])], 'spec');
  const flags = ['doNotTrack', 'preDNAT', 'applyOnForward'].filter((flag) =>
    booleanField(spec, flag, 'spec'),
  );
  // These two are for host endpoints alone; a policy that also applies to forwarded traffic still applies to pods.
  if (flags.includes('doNotTrack') || flags.includes('preDNAT')) return undefined;
  const tierName = stringField(spec, 'tier', 'spec') || 'default';
  const name = written.startsWith(`${tierName}.`) ? written.slice(tierName.length + 1) : written;
  const namespace = global ? undefined : policyNamespace(metadata);
  const kind = global ? 'GlobalNetworkPolicy' : 'NetworkPolicy.projectcalico.org';
  return present({
    kind,
    name,
    namespace,
    identity: [kind, namespace ?? '', tierName, name].join('/'),
    tierName,
    order: orderOf(spec),
    selects: selectionOf(spec),
    ...rulesOf(spec, global),
  });
}

/** Without an order a policy is asked after those that have one. */
function orderOf(spec: Json): number {
  const order = spec['order'] ?? undefined;
  if (order === undefined) return policyOrders.last;
  if (typeof order !== 'number') throw new ShapeError('spec.order', 'a number', order);
  return order;
}

function selectionOf(spec: Json): PodTest {
  const parse = (field: string, read: ReadKey, constants = {}) =>
    parseCalicoSelector(stringField(spec, field, 'spec') ?? '', { path: `spec.${field}`, read, constants });
  return {
    all: [
      parse('selector', calicoPodKey, calicoConstants),
      parse('namespaceSelector', calicoNamespaceKey),
      parse('serviceAccountSelector', accountKey),
    ],
  };
}

/** Without types it is for the directions that it has rules for, and for ingress when it has none at all. */
function rulesOf(spec: Json, global: boolean): Pick<CalicoPolicy, 'Ingress' | 'Egress'> {
  const types = stringsField(spec, 'types', 'spec');
  const other = types.find((type) => type !== 'Ingress' && type !== 'Egress');
  if (other !== undefined) throw new ShapeError('spec.types', 'Ingress or Egress', other);
  const [ingress, egress] = [
    projectCalicoRules(spec, 'Ingress', global),
    projectCalicoRules(spec, 'Egress', global),
  ];
  const unset = types.length === 0;
  const isForIngress = unset ? ingress.length > 0 || egress.length === 0 : types.includes('Ingress');
  const isForEgress = unset ? egress.length > 0 : types.includes('Egress');
  return { ...(isForIngress ? { Ingress: ingress } : {}), ...(isForEgress ? { Egress: egress } : {}) };
}
