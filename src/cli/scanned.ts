import type { ClusterEvaluation } from '../evaluate/evaluate-cluster.ts';
import type { ReportStatus } from '../evaluate/report.ts';

/** One namespace by one profile. */
export interface ScannedReport {
  readonly namespace: string;
  readonly profile: string;
  readonly status: ReportStatus;
}

/** All that one scan has found. */
export interface Scanned {
  readonly reports: readonly ScannedReport[];
  /** By profile, what it says of the cluster, which manifests do not show. */
  readonly clusters: ReadonlyMap<string, ClusterEvaluation>;
  /** Runtime events that count in no report. */
  readonly runtime: { readonly unattributed: number; readonly dropped: number };
  /** Milliseconds since the epoch. */
  readonly now: number;
}
