import type { LabelSelector } from './label-selector.ts';
import type { KeyDomains, Labels } from './workload.ts';

/** What stands around workloads in a namespace, each kind as far as controls read it. */

export interface Service {
  readonly name: string;
  /** Absent where the endpoints are made by hand. */
  readonly selector?: Labels;
  readonly ports: readonly {
    readonly port: number;
    /** A number, or the name of a container's port; the same as `port` where it is left out. */
    readonly targetPort: number | string;
  }[];
  readonly keyDomains?: KeyDomains;
}

/** Of an Ingress only what its labels and annotations are for. */
export interface Ingress {
  readonly name: string;
  readonly keyDomains?: KeyDomains;
}

export interface ServiceAccount {
  readonly name: string;
  readonly labels: Labels;
  readonly automountToken?: boolean;
  /** Secrets that it lists and that are named as those of its long-lived tokens are. */
  readonly tokenSecrets?: readonly string[];
  readonly keyDomains?: KeyDomains;
}

/** A RoleBinding or ClusterRoleBinding. */
export interface RoleBinding {
  readonly name: string;
  /** Names of the namespace's service accounts that it binds; `*` stands for all of them. */
  readonly accounts: readonly string[];
}

export interface LimitRange {
  readonly name: string;
  /** Resources of which a container that requests none gets a default. */
  readonly requests: readonly string[];
}

export interface Autoscaler {
  readonly name: string;
  readonly target: { readonly kind: string; readonly name: string };
  /** With the API's default of one. */
  readonly minReplicas: number;
}

export interface DisruptionBudget {
  readonly name: string;
  /** Absent selects no pod. */
  readonly selector?: LabelSelector;
  /** As written: a number or a percentage. */
  readonly minAvailable?: number | string;
  readonly maxUnavailable?: number | string;
}

/** A PersistentVolumeClaim, bound or not. */
export interface Claim {
  readonly name: string;
  /** `ReadWriteOnce` and the like. */
  readonly accessModes: readonly string[];
  /** What was asked for its volume, such as `ebs.csi.aws.com`; absent while it has none. */
  readonly provisioner?: string;
}
