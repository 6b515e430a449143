import type { Listed, Metadata } from './cluster.ts';
import { isWorkloadKind, type NamespaceObjects, type WorkloadKind } from './workloads.ts';

export interface LiveOwner {
  readonly kind: WorkloadKind;
  readonly name: string;
  readonly uid: string;
}

export interface LivePod {
  readonly name: string;
  readonly node: string;
}

/** What a Deployment puts behind its name for a ReplicaSet. Its alphabet has no vowels and no look-alikes. */
const revision = /-[bcdfghjklmnpqrstvwxz2456789]+$/;

/**
 * The object that the examples mean by a kind and name. ReplicaSets have other names in every cluster: the present one of
 * the Deployment is meant. Undefined when there is none.
 */
export function findOwner(objects: NamespaceObjects, kind: string, name: string): LiveOwner | undefined {
  if (!isWorkloadKind(kind)) return undefined;
  const found =
    kind === 'ReplicaSet'
      ? presentReplicaSet(objects, name.replace(revision, ''))
      : objects[kind].find(({ metadata }) => metadata.name === name);
  return found === undefined ? undefined : { kind, name: found.metadata.name, uid: found.metadata.uid };
}

function presentReplicaSet(objects: NamespaceObjects, deployment: string): Listed | undefined {
  return objects.ReplicaSet.find(
    ({ metadata, spec }) => controllerOf(metadata)?.name === deployment && spec?.['replicas'] !== 0,
  );
}

/** A pod of the workload whose name the pod's name begins with: `cart-6b8d9f7c54-x7k2m` is of `cart`. */
export function findPod(objects: NamespaceObjects, name: string): LivePod | undefined {
  const exact = objects.Pod.find(({ metadata }) => metadata.name === name);
  const alike = objects.Pod.map((pod) => ({ pod, workload: workloadOf(objects, pod) }))
    .filter(({ workload }) => name.startsWith(`${workload}-`))
    .sort((a, b) => b.workload.length - a.workload.length);
  const pod = exact ?? alike[0]?.pod;
  const node = pod?.spec?.['nodeName'];
  return pod && { name: pod.metadata.name, node: typeof node === 'string' ? node : '' };
}

/** The name of what the pod belongs to: its Deployment, StatefulSet or DaemonSet; its own if it belongs to nothing. */
function workloadOf(objects: NamespaceObjects, { metadata }: Listed): string {
  const owner = controllerOf(metadata);
  if (owner?.kind !== 'ReplicaSet') return owner?.name ?? metadata.name;
  const replicaSet = objects.ReplicaSet.find((each) => each.metadata.name === owner.name);
  return (replicaSet && controllerOf(replicaSet.metadata)?.name) ?? owner.name;
}

const controllerOf = ({ ownerReferences = [] }: Metadata) =>
  ownerReferences.find(({ controller }) => controller === true);
