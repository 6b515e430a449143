import { cleanText, detach } from '../../base/clean-text.ts';
import type { Json } from '../fields.ts';
import { present } from '../present.ts';
import { fieldText, labelName, subdomainName } from './values.ts';

/** What an event is about, as far as its own fields say. */
export interface Attribution {
  /** Absent for what happened on a host, in the cloud, or to an object outside namespaces. */
  readonly namespace?: string;
  readonly pod?: string;
  readonly podUid?: string;
  readonly container?: string;
  readonly containerId?: string;
  /** The object of an audit event that is not a pod. */
  readonly target?: { readonly kind: string; readonly name: string };
}

/** Only fields are read, never `output`: that text holds what an attacker typed. */
export function attribute(fields: Json): Attribution {
  const get = (name: string) => fieldText(fields, name);
  const resource = get('ka.target.resource');
  const ofPods = resource === undefined || resource === 'pods';
  const containerId = get('container.id');
  const host = containerId === 'host';
  return present({
    namespace: namespaceOf(get, resource),
    pod: subdomainName(
      get('k8s.pod.name') ??
        get('k8smeta.pod.name') ??
        get('ka.target.pod.name') ??
        (resource === 'pods' ? get('ka.target.name') : undefined),
    ),
    podUid: uid(get('k8s.pod.uid') ?? get('k8smeta.pod.uid')),
    container: host ? undefined : containerName(get('container.name')),
    containerId: host ? undefined : uid(containerId),
    target: ofPods ? undefined : targetOf(resource, get('ka.target.name')),
  });
}

type Get = (name: string) => string | undefined;

function namespaceOf(get: Get, resource: string | undefined): string | undefined {
  return (
    labelName(get('k8s.ns.name')) ??
    labelName(get('k8smeta.ns.name')) ??
    labelName(get('ka.target.namespace')) ??
    namespaceOfUri(get('ka.uri')) ??
    (resource === 'namespaces' ? labelName(get('ka.target.name')) : undefined)
  );
}

/** `/api/v1/namespaces/shop/pods`: several default audit rules print the path and not the namespace. */
function namespaceOfUri(uri: string | undefined): string | undefined {
  const match =
    uri === undefined ? null : /^\/apis?\/[^?]{0,500}?\/namespaces\/([^/?]{1,63})(?:[/?]|$)/.exec(uri);
  return labelName(detach(match?.[1] ?? ''));
}

/** Docker's names hold container, pod, namespace and more: `k8s_app_app-0_shop_<uid>_0`. */
function containerName(name: string | undefined): string | undefined {
  return labelName(name) ?? labelName(detach(/^k8s_([^_]{1,63})_/.exec(name ?? '')?.[1] ?? ''));
}

const uid = (text: string | undefined): string | undefined =>
  text !== undefined && /^[-a-zA-Z0-9]{1,64}$/.test(text) ? text : undefined;

/** Kinds of the resources that audit rules speak of most. */
const kinds: Readonly<Record<string, string>> = {
  configmaps: 'ConfigMap',
  cronjobs: 'CronJob',
  daemonsets: 'DaemonSet',
  deployments: 'Deployment',
  ingresses: 'Ingress',
  jobs: 'Job',
  namespaces: 'Namespace',
  networkpolicies: 'NetworkPolicy',
  persistentvolumeclaims: 'PersistentVolumeClaim',
  replicasets: 'ReplicaSet',
  rolebindings: 'RoleBinding',
  roles: 'Role',
  secrets: 'Secret',
  serviceaccounts: 'ServiceAccount',
  services: 'Service',
  statefulsets: 'StatefulSet',
};

function targetOf(resource: string, name: string | undefined): Attribution['target'] {
  // Names of RBAC objects may hold colons and capitals.
  if (name === undefined) return undefined;
  const kind = Object.hasOwn(kinds, resource) ? kinds[resource] : undefined;
  return { kind: kind ?? cleanText(resource, 63), name: cleanText(name, 253) };
}
