import type { ClusterEvaluation } from '../evaluate/evaluate-cluster.ts';
import type { ReportStatus } from '../evaluate/report.ts';

/** One namespace by one profile. */
export interface ScannedReport {
  readonly namespace: string;
  readonly profile: string;
  readonly status: ReportStatus;
}

/** What is remembered of a report when it was printed. */
export interface ScannedState {
  readonly profile: string;
  readonly state: ReportStatus['state'];
  readonly evidence: ReportStatus['evidence'];
}

/** All that one scan has found. */
export interface Scanned {
  readonly states: readonly ScannedState[];
  /** By profile, what it says of the cluster, which manifests do not show. */
  readonly clusters: ReadonlyMap<string, ClusterEvaluation>;
  /** Runtime events that count in no report. */
  readonly runtime: { readonly unattributed: number; readonly dropped: number };
  /** Milliseconds since the epoch. */
  readonly now: number;
}
