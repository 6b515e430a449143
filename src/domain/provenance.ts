import type { GitOpsKind } from './gitops.ts';

/** Who made a root workload what it is, as far as the object itself shows it. */
export interface Provenance {
  readonly deployer: Deployer;
  /** The latest change by each field manager that is no known controller, in the order of their names. */
  readonly changes: readonly ManagedChange[];
}

/** The same for all workloads that are deployed alike. */
export interface Deployer {
  /** Field managers of the object itself, not of its status or scale; sorted. Kubernetes' own controllers are left out. */
  readonly managers: readonly string[];
  /** Whom its labels and annotations name. */
  readonly claims: readonly DeployerClaim[];
}

/** `Helm` is a release that somebody installed, `namespace` then where its record is. */
export interface DeployerClaim {
  readonly kind: GitOpsKind | 'Helm';
  /** Absent where it is not said: an Argo CD has one namespace of its own. */
  readonly namespace?: string;
  readonly name: string;
}

export interface ManagedChange {
  readonly manager: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}
