import { Interner } from '../../domain/interner.ts';
import type { Power, Powers } from '../../domain/rights.ts';
import { powers as allPowers } from '../../domain/rights.ts';
import type { Json } from '../fields.ts';
import { asObject, objectsField, stringsField } from '../fields.ts';

/** Most roles of a cluster allow one of a few dozen things. */
const interned = new Interner<Powers>();

interface Rule {
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const change = ['create', 'update', 'patch', 'delete', 'deletecollection'] as const;
const make = ['create', 'update', 'patch'] as const;
const rbac = 'rbac.authorization.k8s.io';

/** One of these resources of the group, with one of these verbs. */
type Ask = readonly [group: string, resources: readonly string[], verbs: readonly string[]];

const asks: Readonly<Record<Exclude<Power, 'everything' | 'wildcard' | 'write'>, readonly Ask[]>> = {
  readSecrets: [['', ['secrets'], ['get', 'list', 'watch']]],
  // Servers before 1.35 let in whoever may get them, through a WebSocket.
  enterPods: [['', ['pods/exec', 'pods/attach'], ['create', 'get']]],
  forwardPorts: [['', ['pods/portforward'], ['create', 'get']]],
  makePods: [
    ['', ['pods'], ['create']],
    ['', ['replicationcontrollers'], make],
    ['apps', ['daemonsets', 'deployments', 'replicasets', 'statefulsets'], make],
    ['batch', ['cronjobs', 'jobs'], make],
    ['argoproj.io', ['rollouts'], make],
  ],
  makeTokens: [['', ['serviceaccounts/token'], ['create']]],
  bindRoles: [[rbac, ['rolebindings', 'clusterrolebindings'], make]],
  changeRoles: [[rbac, ['roles', 'clusterroles'], make]],
  escalate: [[rbac, ['roles', 'clusterroles'], ['escalate', 'bind']]],
  impersonate: [['', ['users', 'groups', 'serviceaccounts'], ['impersonate']]],
  proxyNodes: [['', ['nodes/proxy'], ['get', ...change]]],
  changeWebhooks: [
    [
      'admissionregistration.k8s.io',
      ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
      change,
    ],
  ],
  changePipeline: [
    ['', ['configmaps', 'pods', 'secrets'], change],
    ['apps', ['daemonsets', 'deployments', 'statefulsets'], change],
  ],
  changeLogs: [['', ['pods/log'], change]],
};

/** Their objects are questions: to create one changes nothing. */
const questions = ['authentication.k8s.io', 'authorization.k8s.io'];

/**
 * What the rules of a Role or ClusterRole allow, as far as controls ask; the same object for equal ones. Those of an
 * aggregated ClusterRole are what its controller has put in.
 * @returns undefined when that is nothing
 * @throws ShapeError when a field has another type than the API gives it
 */
export function projectRole(object: unknown): Powers | undefined {
  const all = new Set<Power>();
  const named = new Set<Power>();
  objectsField(asObject(object, ''), 'rules', '').forEach((item, index) => {
    const path = `rules[${index}]`;
    const found = stringsField(item, 'resourceNames', path).length > 0 ? named : all;
    for (const power of powersOf(ruleOf(item, path))) found.add(power);
  });
  if (all.size + named.size === 0) return undefined;
  return interned.intern({
    all: allPowers.filter((power) => all.has(power)),
    named: allPowers.filter((power) => named.has(power) && !all.has(power)),
  });
}

const ruleOf = (item: Json, path: string): Rule => ({
  groups: stringsField(item, 'apiGroups', path),
  resources: stringsField(item, 'resources', path),
  verbs: stringsField(item, 'verbs', path),
});

function powersOf(rule: Rule): Power[] {
  return allPowers.filter((power) => {
    if (power === 'everything') return isWildcard(rule) && rule.groups.includes('*');
    if (power === 'wildcard') return isWildcard(rule) && !rule.groups.includes('*');
    if (power === 'write') return writes(rule);
    return asks[power].some((ask) => allows(rule, ask));
  });
}

const isWildcard = ({ resources, verbs }: Rule): boolean => resources.includes('*') && verbs.includes('*');

const writes = ({ groups, resources, verbs }: Rule): boolean =>
  resources.length > 0 &&
  groups.some((group) => !questions.includes(group)) &&
  [...change, '*'].some((verb) => verbs.includes(verb));

function allows(rule: Rule, [group, resources, verbs]: Ask): boolean {
  return (
    [group, '*'].some((each) => rule.groups.includes(each)) &&
    [...verbs, '*'].some((verb) => rule.verbs.includes(verb)) &&
    resources.some((resource) => hasResource(rule.resources, resource))
  );
}

/** As the authorizer does: `*` is everything with its subresources, `*` before the slash any resource; `pods/*` is nothing. */
function hasResource(written: readonly string[], resource: string): boolean {
  const [, subresource] = resource.split('/');
  return (
    written.includes('*') ||
    written.includes(resource) ||
    (subresource !== undefined && written.includes(`*/${subresource}`))
  );
}
