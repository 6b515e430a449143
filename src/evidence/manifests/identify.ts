import type { Json } from '../fields.ts';
import { isObject } from '../fields.ts';
import { groupOf } from '../group-of.ts';
import { workloadGroups } from '../workloads/workload-kinds.ts';

export interface Identity {
  readonly apiVersion: string;
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  /** Whether the name is its own, and not a prefix of one that is generated. */
  readonly named: boolean;
  /** `default` where it names none. */
  readonly namespace: string;
  /** Whether it names one. */
  readonly namespaced: boolean;
  /** Whether it is of a kind that is read here. */
  readonly read: boolean;
}

/** As `kubectl apply` would file it; what is malformed here is caught by the projections. */
export function identify(object: Json): Identity {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const text = (value: unknown, fallback: string) =>
    typeof value === 'string' && value !== '' ? value : fallback;
  const apiVersion = text(object['apiVersion'], '');
  const kind = text(object['kind'], '');
  const group = groupOf(apiVersion);
  return {
    apiVersion,
    group,
    kind,
    name: text(metadata['name'], text(metadata['generateName'], '(without a name)')),
    named: text(metadata['name'], '') !== '',
    namespace: text(metadata['namespace'], 'default'),
    namespaced: text(metadata['namespace'], '') !== '',
    read: groups.get(kind) === group,
  };
}

/** The kinds that are read, and the API group that each has today. */
const groups: ReadonlyMap<string, string> = new Map([
  ['Pod', ''],
  ['Namespace', ''],
  ['PersistentVolume', ''],
  ['PersistentVolumeClaim', ''],
  ['ConfigMap', ''],
  ['NetworkPolicy', 'networking.k8s.io'],
  ['Ingress', 'networking.k8s.io'],
  ['Service', ''],
  ['ServiceAccount', ''],
  ['LimitRange', ''],
  ['HorizontalPodAutoscaler', 'autoscaling'],
  ['PodDisruptionBudget', 'policy'],
  ['RoleBinding', 'rbac.authorization.k8s.io'],
  ['Role', 'rbac.authorization.k8s.io'],
  ['ClusterRole', 'rbac.authorization.k8s.io'],
  ['ClusterRoleBinding', 'rbac.authorization.k8s.io'],
  ...Object.entries(workloadGroups),
]);

/** By their names in lower case: a `pod` is one that somebody meant. */
const spelledRight: ReadonlyMap<string, string> = new Map(
  [...groups.keys()].map((kind) => [kind.toLowerCase(), kind]),
);

/** Such as a Deployment of `extensions/v1beta1`: no server takes it, and nobody should think that it was judged. */
export const isMisplaced = ({ group, kind, read }: Identity): boolean =>
  spelledRight.has(kind.toLowerCase()) && !read && isBuiltIn(group);

/** Groups of Kubernetes itself; a custom resource of the same kind has a domain for its group. */
export const isBuiltIn = (group: string) => !group.includes('.') || group.endsWith('.k8s.io');

export class MisplacedError extends Error {
  readonly code = 'Misplaced';
  override readonly name = 'MisplacedError';

  constructor({ apiVersion, kind }: Identity) {
    const meant = spelledRight.get(kind.toLowerCase()) ?? kind;
    const group = groups.get(meant) ?? '';
    const right = group === '' ? 'v1' : `${group}/${meant === 'Rollout' ? 'v1alpha1' : 'v1'}`;
    const spelling = meant === kind ? '' : `the kind is spelled ${meant}, and `;
    super(`${apiVersion} has no ${kind}; ${spelling}its apiVersion is ${right}`);
  }
}
