import type { PackedLiterals, PlainText } from './literal.ts';
import type { MeshSettings } from './mesh-settings.ts';
import type { ConfigReference, ContainerProcess, StatedResources } from './container-process.ts';

/**
 * What the controls read of a pod specification, and nothing else. It is held once, however many pods share it
 * (see evidence/workloads), so nothing in it may differ from pod to pod of one template.
 *
 * A field that the manifest leaves out is absent here; `0` and `false` are values.
 */
export interface PodSpec {
  /** `spec.os.name`, as written. */
  readonly os?: string;
  readonly hostUsers?: boolean;
  /** Absent means `default`, written or not. */
  readonly serviceAccountName?: string;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly security: PodSecurity;
  readonly volumes: readonly Volume[];
  /** All containers in the order init, regular, ephemeral. */
  readonly containers: readonly Container[];
  /** Annotations `container.apparmor.security.beta.kubernetes.io/<container>`: container name to profile. */
  readonly appArmorAnnotations: Readonly<Record<string, string>>;
  /** What the annotations have in plain text that may be a secret. */
  readonly annotationLiterals?: PackedLiterals;
  readonly settings: PodSettings;
}

/** What a pod says of itself beside its security. */
export interface PodSettings {
  /** As written; the API server writes `default` into a pod that leaves it out. */
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly shareProcessNamespace?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  /** `spec.resources`, of the pod as a whole. */
  readonly resources?: StatedResources;
  /** ConfigMaps and Secrets behind volumes. */
  readonly references: readonly ConfigReference[];
  /** Annotation `plumbline.dev/base-image`, as written. */
  readonly baseImage?: string;
  /** Annotation `plumbline.dev/setuid-free-until`, as written. */
  readonly setuidFreeUntil?: string;
  /** Annotations that ask for tracing to be injected, and are not switched off. */
  readonly tracing: readonly string[];
  /** Absent where it says nothing to a mesh. */
  readonly mesh?: MeshSettings;
}

/** The fields that exist both at pod and at container level; the container's wins. */
export interface SharedSecurity {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly runAsNonRoot?: boolean;
  /** `seccompProfile.type` */
  readonly seccomp?: string;
  /** `appArmorProfile.type` */
  readonly appArmor?: string;
  readonly seLinux?: { readonly type?: string; readonly user?: string; readonly role?: string };
  readonly windows?: { readonly hostProcess?: boolean; readonly runAsUserName?: string };
}

export interface PodSecurity extends SharedSecurity {
  readonly fsGroup?: number;
  readonly supplementalGroups?: readonly number[];
  /** Names, as written. */
  readonly sysctls?: readonly string[];
}

export interface ContainerSecurity extends SharedSecurity {
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly procMount?: string;
  readonly readOnlyRootFilesystem?: boolean;
  readonly capabilities?: { readonly add: readonly string[]; readonly drop: readonly string[] };
}

export type ContainerKind = 'container' | 'initContainer' | 'ephemeralContainer';

export interface Container {
  readonly kind: ContainerKind;
  /** Index in its own list, for field paths. */
  readonly index: number;
  readonly name: string;
  /** As written; empty when the manifest leaves it to a mutator. */
  readonly image: string;
  readonly security: ContainerSecurity;
  readonly ports: readonly ContainerPort[];
  /** Probes and lifecycle hooks that set `host`: path below the container, and the host as written. */
  readonly hostOverrides: readonly { readonly path: string; readonly host: string }[];
  readonly volumeMounts: readonly VolumeMount[];
  /** Of environment, commands, probes and hooks. */
  readonly plainText?: PlainText;
  readonly imagePullPolicy?: string;
  /** `Always` makes an init container a sidecar. */
  readonly restartPolicy?: string;
  readonly resources: StatedResources;
  readonly process: ContainerProcess;
}

export interface ContainerPort {
  readonly index: number;
  readonly name?: string;
  readonly protocol: string;
  readonly containerPort: number;
  readonly hostPort?: number;
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly: boolean;
}

export interface Volume {
  readonly index: number;
  readonly name: string;
  /** The keys that name its source, normally one; empty means emptyDir. */
  readonly sources: readonly string[];
  /** `hostPath.path` */
  readonly hostPath?: string;
  /** `image.reference` of an image volume. */
  readonly image?: string;
  /** `csi.driver` of an inline CSI volume. */
  readonly csiDriver?: string;
  /** Brings a Secret, by itself or among others. */
  readonly secret?: true;
}

const listNames: Readonly<Record<ContainerKind, string>> = {
  container: 'containers',
  initContainer: 'initContainers',
  ephemeralContainer: 'ephemeralContainers',
};

/** The field path of a container, such as `spec.initContainers[0]`. */
export function containerPath(container: Container): string {
  return `spec.${listNames[container.kind]}[${container.index}]`;
}
