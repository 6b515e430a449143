import type { PackedLiterals } from './literal.ts';
import type { PodSpec } from './pod-spec.ts';
import type { Provenance } from './provenance.ts';

export type Labels = Readonly<Record<string, string>>;

/**
 * The domains of an object's labels and annotations (`iam.gke.io` of `iam.gke.io/gcp-service-account`), sorted, without those of
 * Kubernetes itself; absent where there are none.
 */
export type KeyDomains = readonly string[];

/**
 * A top-level owner with what it runs. A pod without an owner is a workload of its own (kind `Pod`); a pod of an
 * unknown custom resource belongs to that resource.
 */
export interface Workload {
  readonly kind: string;
  readonly name: string;
  /** Absent when the owner was only named by a reference, or stands in a manifest. */
  readonly uid?: string;
  /** Absent for bare pods and for owners whose template is not read. */
  readonly template?: PodTemplate;
  /** Pods that the owner asks for; absent where it has no such number (DaemonSet, CronJob, bare pod). */
  readonly replicas?: number;
  /** Finished Job, or a bare pod that Succeeded or Failed. */
  readonly completed: boolean;
  /** Pending or Running, not being deleted; sorted by name. */
  readonly pods: readonly Pod[];
  /** The root and the controllers between it and its pods that are current, such as a Deployment's newest ReplicaSet. */
  readonly controllers: readonly ControllerRef[];
  /** Why an admission policy keeps it from having pods: the API server's own words. */
  readonly blocked?: string;
  /** What the owner's own annotations have in plain text that may be a secret. */
  readonly annotationLiterals?: PackedLiterals;
  /** What a controller that was read says beside its template. */
  readonly settings?: WorkloadSettings;
  /** Of a root that was read, where it shows any. */
  readonly provenance?: Provenance;
  /** Of a root that was read, with those of its template. */
  readonly keyDomains?: KeyDomains;
}

export interface WorkloadSettings {
  /**
   * `strategy` of a Deployment, `updateStrategy` of a StatefulSet or DaemonSet, with the API's default type; of a Rollout
   * `blueGreen` or `canary`, or '' where it has neither.
   */
  readonly strategy?: UpdateStrategy;
  /** Of a Job. */
  readonly ttlSecondsAfterFinished?: number;
  /** Annotation `plumbline.dev/base-image`, as written. */
  readonly baseImage?: string;
  /** Annotation `plumbline.dev/setuid-free-until`, as written. */
  readonly setuidFreeUntil?: string;
  /** Annotation `elastisys.io/ignore-minimum-replicas`. */
  readonly ignoreMinimumReplicas?: boolean;
  /**
   * Of the fields that the API server fills in, those that somebody wrote; absent where that cannot be told.
   * `imagePullPolicy` is followed by the container's name: `imagePullPolicy/app`.
   */
  readonly written?: readonly string[];
}

export interface UpdateStrategy {
  readonly type: string;
  /** As written: a number or a percentage. */
  readonly maxUnavailable?: number | string;
}

export interface ControllerRef {
  readonly kind: string;
  readonly name: string;
  readonly uid?: string;
}

export interface PodTemplate {
  readonly labels: Labels;
  readonly spec: PodSpec;
  /** Names of the PersistentVolumeClaims that it names. */
  readonly claims: readonly string[];
}

export interface Pod {
  readonly name: string;
  readonly uid?: string;
  readonly labels: Labels;
  readonly node?: string;
  readonly spec: PodSpec;
  readonly claims: readonly string[];
  /** A static pod's image in the API: no admission could have refused it. */
  readonly mirror: boolean;
  /** Istio's node agent says that it has put the pod into the ambient mesh. */
  readonly ambient?: true;
  /** The direct controller, such as the ReplicaSet. */
  readonly owner?: ControllerRef;
  /** What runs, by container name, where the kubelet has said so. */
  readonly running: Readonly<Record<string, RunningImage>>;
  /** How its containers are, by name, where the kubelet has said so. */
  readonly containers: Readonly<Record<string, ContainerState>>;
}

/** A container status, as far as controls read it. */
export interface ContainerState {
  /** It runs, or has run. */
  readonly started: boolean;
  /** Of its first process. */
  readonly uid?: number;
  readonly gid?: number;
  /** Why the kubelet cannot start it. */
  readonly refused?: StartRefusal;
}

/**
 * `RootImage`: the image's user is root, and the pod forbids it. `NamedUser`: the image's user is a name, of which the
 * kubelet cannot tell. `MissingReference`: a ConfigMap or Secret, or a key of one, is not there.
 */
export type StartRefusal = 'RootImage' | 'NamedUser' | 'MissingReference';

/** `image` and `imageID` of a container status, as written. */
export interface RunningImage {
  readonly image: string;
  readonly imageId: string;
}

/** The specifications of a workload's live pods, each with the first pod that has it. */
export function liveSpecs(workload: Workload): ReadonlyMap<PodSpec, Pod> {
  const known = specsOf.get(workload);
  if (known !== undefined) return known;
  const specs = new Map<PodSpec, Pod>();
  for (const pod of workload.pods) if (!specs.has(pod.spec)) specs.set(pod.spec, pod);
  specsOf.set(workload, specs);
  return specs;
}

/** Dozens of controls ask, and there may be ten thousand pods. */
const specsOf = new WeakMap<Workload, ReadonlyMap<PodSpec, Pod>>();
