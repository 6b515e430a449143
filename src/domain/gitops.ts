import type { UnknownReason } from './verdict.ts';

/** What deploys into a namespace from a repository, and keeps it as it is there. */

export const gitOpsKinds = ['Application', 'Kustomization', 'HelmRelease'] as const;
/** `Application` is Argo CD's, the others are Flux's. */
export type GitOpsKind = (typeof gitOpsKinds)[number];

/** An Application, Kustomization or HelmRelease, as far as it concerns one namespace. */
export interface GitOpsApp {
  readonly kind: GitOpsKind;
  /** Where it stands, which is mostly not where it deploys. */
  readonly namespace: string;
  readonly name: string;
  /** `Kind/name` of what it has in the namespace and what may run pods; sorted. */
  readonly workloads: readonly string[];
  readonly settings: GitOpsSettings;
  readonly state: GitOpsState;
  /** The state in its controller's own words, such as `OutOfSync, Healthy`. */
  readonly observed: string;
  /** When its controller last compared; milliseconds since the epoch, as all below. Absent where it does not say. */
  readonly reconciledAt?: number;
  /** How often its controller is told to compare, milliseconds. */
  readonly interval?: number;
  /** When something was last applied; absent where it does not say. */
  readonly syncedAt?: number;
  /** The longest that it is known to be OutOfSync, or not ready. */
  readonly troubledSince?: number;
  /** The longest that it is known to be suspended. */
  readonly suspendedSince?: number;
  /** Where what it deploys comes from; of an Application there may be several. None where it names none that is known. */
  readonly origins: readonly GitOpsOrigin[];
}

/** A repository, as an object names it. Its address is not kept, for there may be a password in it. */
export interface GitOpsOrigin {
  /** Where the object names it, such as `spec.sourceRef`. */
  readonly path: string;
  /** The object that decides about signatures, such as `GitRepository flux-system/shop`. */
  readonly by: string;
  readonly signature: Signature | UnreadSignature;
  /** What is deployed is whatever the repository calls its main branch. */
  readonly head?: true;
}

/**
 * Whether its controller verifies who has signed what it takes from there. `verified`: it must, and has. `refused`: it must,
 * and did not find the signature good. `unproven`: it must, and nothing shows that it has. `off`: it need not. `never`: it cannot.
 */
export type Signature = 'verified' | 'refused' | 'unproven' | 'off' | 'never';

/** The object that decides cannot be read. */
export interface UnreadSignature {
  readonly reason: UnknownReason;
  /** A sentence. */
  readonly message: string;
}

/** What its author asks of the controller. */
export interface GitOpsSettings {
  /** Changes in the repository are applied by themselves. */
  readonly automated: boolean;
  /** What is changed in the cluster is changed back by itself. */
  readonly selfHeal: boolean;
  /** What is gone from the repository is deleted by itself. */
  readonly prune: boolean;
  readonly suspended: boolean;
}

/**
 * `agreed`: the cluster is as the repository says, and well. `differs`: it is not as it says. `progressing`: on its way.
 * `suspended`: nobody looks. `failed`: what was deployed is not well. `notReady`: it could not be deployed. `unknown`: its
 * controller says nothing, or that it does not know.
 */
export type GitOpsState =
  'agreed' | 'differs' | 'progressing' | 'suspended' | 'failed' | 'notReady' | 'unknown';

/** The moment from which the controller's last word is stale. */
export const staleAt = ({ reconciledAt, interval = 0 }: Stamped, within: number): number | undefined =>
  reconciledAt === undefined ? undefined : reconciledAt + within + interval;

type Stamped = Pick<GitOpsApp, 'reconciledAt' | 'interval'>;

/** An Application that failed may be out of sync too. */
export const isOutOfSync = ({ kind, observed }: Pick<GitOpsApp, 'kind' | 'observed'>): boolean =>
  kind === 'Application' && observed.startsWith('OutOfSync');
