import type { ControlPlane } from '../control-plane/control-plane.ts';
import { list, type Listed } from './cluster.ts';
import { until } from './until.ts';

const resources = {
  Deployment: '/apis/apps/v1/namespaces/NS/deployments',
  ReplicaSet: '/apis/apps/v1/namespaces/NS/replicasets',
  StatefulSet: '/apis/apps/v1/namespaces/NS/statefulsets',
  DaemonSet: '/apis/apps/v1/namespaces/NS/daemonsets',
  Job: '/apis/batch/v1/namespaces/NS/jobs',
  CronJob: '/apis/batch/v1/namespaces/NS/cronjobs',
  Pod: '/api/v1/namespaces/NS/pods',
} as const;
export type WorkloadKind = keyof typeof resources;

/** What runs in one namespace, and what makes it run. */
export type NamespaceObjects = Readonly<Record<WorkloadKind, readonly Listed[]>>;

export const isWorkloadKind = (kind: string): kind is WorkloadKind => Object.hasOwn(resources, kind);

async function readNamespace(plane: ControlPlane, namespace: string): Promise<NamespaceObjects> {
  const read = Object.entries(resources).map(
    async ([kind, path]) => [kind, await list(plane, path.replace('NS', namespace))] as const,
  );
  return Object.fromEntries(await Promise.all(read)) as unknown as NamespaceObjects;
}

/** Waits until everything in the namespaces runs, and what was to run once is through. */
export function awaitWorkloads(
  plane: ControlPlane,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, NamespaceObjects>> {
  return until({ what: 'the workloads to run', signal }, async () => {
    const found = new Map<string, NamespaceObjects>();
    for (const namespace of namespaces) {
      const objects = await readNamespace(plane, namespace);
      const [missing] = unready(objects);
      if (missing !== undefined) return { missing: `${missing} in ${namespace} is not ready` };
      found.set(namespace, objects);
    }
    return { found };
  });
}

/** The objects that are not yet as they are meant to be, such as `Deployment api`. */
function unready(objects: NamespaceObjects): string[] {
  const ready: Partial<Record<WorkloadKind, (object: Listed) => boolean>> = {
    Deployment: hasAllReplicas,
    StatefulSet: hasAllReplicas,
    DaemonSet: ({ status }) =>
      Number(status?.['desiredNumberScheduled']) > 0 &&
      status?.['numberReady'] === status?.['desiredNumberScheduled'],
    Job: ({ status }) => Number(status?.['succeeded'] ?? 0) > 0,
    Pod: ({ status }) => status?.['phase'] === 'Running' || status?.['phase'] === 'Succeeded',
  };
  return Object.entries(ready).flatMap(([kind, isReady]) =>
    objects[kind as WorkloadKind]
      .filter((object) => !isReady(object))
      .map(({ metadata }) => `${kind} ${metadata.name}`),
  );
}

const hasAllReplicas = ({ spec, status, metadata }: Listed): boolean =>
  status?.['observedGeneration'] === metadata.generation && status?.['readyReplicas'] === spec?.['replicas'];
