import type { Container } from '../../domain/pod-spec.ts';
import type { Pod, Workload } from '../../domain/workload.ts';

/** One image that one container of one workload runs, in however many pods. */
export interface RunningContainer {
  readonly workload: Workload;
  readonly container: string;
  /** As the specification has it. What the kubelet reports may be another tag of the same image. */
  readonly image: string;
  /** The digest that the runtime pulled, where the kubelet has said so. */
  readonly digest?: string;
  /** The first pod by name that runs it; absent for a template. */
  readonly example?: string;
  /** Of the pods that run it, their direct controllers, and the workload with what stands between. */
  readonly uids: ReadonlySet<string>;
  /** The same as `kind/name`, with the uid where it is known. */
  readonly names: ReadonlyMap<string, string | undefined>;
}

/**
 * The images that run: those of live pods, and of templates that would be run next (a CronJob's, a workload's that has
 * no pods yet). Nothing runs of a finished Job or of what is scaled to zero. In a scan of manifests templates run.
 */
export function runningContainers(workloads: readonly Workload[]): readonly RunningContainer[] {
  const known = running.get(workloads);
  if (known !== undefined) return known;
  const found = findRunning(workloads);
  running.set(workloads, found);
  return found;
}

/** Every control about images asks this of the same list. */
const running = new WeakMap<readonly Workload[], readonly RunningContainer[]>();

function findRunning(workloads: readonly Workload[]): readonly RunningContainer[] {
  return workloads.flatMap((workload) => {
    if (workload.pods.length > 0) return fromPods(workload);
    if (workload.completed || workload.replicas === 0) return [];
    return (workload.template?.spec.containers ?? []).map((container) => ({
      workload,
      container: container.name,
      image: container.image,
      ...ownersOf(workload, []),
    }));
  });
}

function fromPods(workload: Workload): readonly RunningContainer[] {
  const found = new Map<string, { container: Container; digest: string | undefined; pods: Pod[] }>();
  for (const pod of workload.pods) {
    for (const container of pod.spec.containers) {
      const digest = pulledDigest(pod.running[container.name]?.imageId);
      const key = JSON.stringify([container.name, container.image, digest]);
      const group = found.get(key) ?? { container, digest, pods: [] };
      group.pods.push(pod);
      found.set(key, group);
    }
  }
  return [...found.values()].map(({ container, digest, pods }) => ({
    workload,
    container: container.name,
    image: container.image,
    ...(digest === undefined ? {} : { digest }),
    ...(pods[0] === undefined || workload.kind === 'Pod' ? {} : { example: pods[0].name }),
    ...ownersOf(workload, pods),
  }));
}

function ownersOf(workload: Workload, pods: readonly Pod[]) {
  const owners = [
    workload,
    ...workload.controllers,
    ...pods.flatMap((pod) => [
      { kind: 'Pod', name: pod.name, uid: pod.uid },
      ...(pod.owner ? [pod.owner] : []),
    ]),
  ];
  return {
    uids: new Set(owners.flatMap(({ uid }) => uid ?? [])),
    names: new Map(owners.map(({ kind, name, uid }) => [`${kind}/${name}`, uid])),
  };
}

/**
 * `docker.io/library/nginx@sha256:…` holds the digest that was pulled. A bare `sha256:…` is the hash of the image's
 * configuration, which no registry and no scanner knows the image by.
 */
function pulledDigest(imageId: string | undefined): string | undefined {
  const at = imageId?.indexOf('@') ?? -1;
  return at < 0 ? undefined : imageId?.slice(at + 1);
}
