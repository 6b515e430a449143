import type { Container, PodSpec } from '../../domain/pod-spec.ts';
import type { Pod, Workload } from '../../domain/workload.ts';

/** One image that one container of one workload runs, in however many pods. */
export interface RunningContainer {
  readonly workload: Workload;
  readonly container: string;
  /** As the specification has it. What the kubelet reports may be another tag of the same image. */
  readonly image: string;
  /** The digest that the runtime pulled, where the kubelet has said so. */
  readonly digest?: string;
  /** The first pod by name that runs it; absent for a template, and where the template alone tells which pods do. */
  readonly example?: string;
  /** Those that run it; none for a template. */
  readonly pods: readonly Pod[];
  /** Of the workload, of the pods' direct controllers and of what stands between. */
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

interface Group {
  readonly container: Container;
  readonly digest: string | undefined;
  readonly pods: Pod[];
}

function fromPods(workload: Workload): readonly RunningContainer[] {
  const found = new Map<string, Group>();
  const known = new Map<PodSpec, Map<Pod['running'], readonly Group[]>>();
  for (const pod of workload.pods) {
    // Pods of one template share specification and status, and so the groups that they belong to.
    const bySpec = known.get(pod.spec) ?? new Map<Pod['running'], readonly Group[]>();
    known.set(pod.spec, bySpec);
    const groups = bySpec.get(pod.running) ?? groupsOf(pod, found);
    bySpec.set(pod.running, groups);
    for (const { pods } of groups) pods.push(pod);
  }
  const groups = [...found.values()];
  return groups.map((group) => ({
    workload,
    container: group.container.name,
    image: group.container.image,
    ...(group.digest === undefined ? {} : { digest: group.digest }),
    ...exampleOf(workload, group, groups),
    ...ownersOf(workload, group.pods),
  }));
}

/** A pod's name is news at every rollout: it is told where the template does not say what runs, or not that alone. */
function exampleOf(
  { kind, template }: Workload,
  { container, pods }: Group,
  all: readonly Group[],
): { readonly example?: string } {
  const [first] = pods;
  if (first === undefined || kind === 'Pod') return {};
  const alone = all.every(
    ({ container: { name }, pods: others }) => others === pods || name !== container.name,
  );
  const written = template?.spec.containers.find(({ name }) => name === container.name);
  return alone && written?.image === container.image ? {} : { example: first.name };
}

function groupsOf({ spec, running }: Pod, found: Map<string, Group>): readonly Group[] {
  return spec.containers.map((container) => {
    const digest = pulledDigest(running[container.name]?.imageId);
    const key = JSON.stringify([container.name, container.image, digest]);
    const group = found.get(key) ?? { container, digest, pods: [] };
    found.set(key, group);
    return group;
  });
}

function ownersOf(workload: Workload, pods: readonly Pod[]) {
  // Pods of one controller share its reference.
  const direct = new Set(pods.map(({ owner }) => owner));
  const owners = [workload, ...workload.controllers, ...[...direct].filter((owner) => owner !== undefined)];
  return {
    pods,
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
