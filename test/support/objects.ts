/** Kubernetes objects as the API server writes them, as small as the API allows. */

export interface ObjectOptions {
  readonly uid?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** `kind/name`, or `apiVersion kind/name`; its uid is what `uidOf` says. */
  readonly owner?: string;
  readonly created?: string;
  readonly deleting?: boolean;
  /** Merged into the object's spec. */
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

const versions: Readonly<Record<string, string>> = {
  Pod: 'v1',
  ReplicationController: 'v1',
  Node: 'v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
  Rollout: 'argoproj.io/v1alpha1',
};

/** The uid that objects have unless a test says otherwise. */
export const uidOf = (kind: string, name: string) => `uid-${kind}-${name}`;

function metadata(kind: string, name: string, options: ObjectOptions) {
  const {
    uid = uidOf(kind, name),
    namespace = 'shop',
    labels,
    annotations,
    owner,
    created,
    deleting,
  } = options;
  return {
    name,
    namespace,
    uid,
    labels,
    annotations,
    ...(owner === undefined ? {} : { ownerReferences: [ownerReference(owner)] }),
    ...(created === undefined ? {} : { creationTimestamp: created }),
    ...(deleting === true ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
  };
}

function ownerReference(text: string) {
  const [apiVersion, path = ''] = text.includes(' ') ? text.split(' ') : [undefined, text];
  const [kind = '', name = ''] = path.split('/');
  return {
    apiVersion: apiVersion ?? versions[kind] ?? 'apps/v1',
    kind,
    name,
    uid: uidOf(kind, name),
    controller: true,
  };
}

export function podObject(name: string, options: ObjectOptions = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadata('Pod', name, options),
    spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }], ...options.spec },
    status: { phase: 'Running', ...options.status },
  };
}

/** A controller with a template of one container; a CronJob's stands in its Job's. */
export function workloadObject(kind: string, name: string, options: ObjectOptions = {}) {
  const template = {
    metadata: { labels: { app: name } },
    spec: { containers: [{ name: 'app', image: `registry.example/${name}:1` }] },
  };
  const spec = kind === 'CronJob' ? { jobTemplate: { spec: { template } } } : { template };
  return {
    apiVersion: versions[kind] ?? 'apps/v1',
    kind,
    metadata: metadata(kind, name, options),
    spec: { ...spec, ...options.spec },
    status: options.status ?? {},
  };
}

/** Status of a controller whose pods the API server refuses. */
export const replicaFailure = (message: string) => ({
  conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }],
});
