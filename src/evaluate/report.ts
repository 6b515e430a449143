import type { ComplianceReportStatus } from '../api/compliance-report.ts';

/** The pieces of a report's status, named. */
export type ReportStatus = ComplianceReportStatus;
export type ControlResult = NonNullable<ReportStatus['controls']>[number];
export type Condition = NonNullable<ReportStatus['conditions']>[number];
export type Transition = NonNullable<ReportStatus['transitions']>[number];
export type EvidenceRow = NonNullable<ReportStatus['evidence']>[number];

/** Of the report that was last written: what transitions and their times are told from. */
export interface PreviousReport {
  readonly controls?: readonly Pick<ControlResult, 'id' | 'status' | 'lastTransitionTime'>[];
  readonly conditions?: readonly Condition[];
  readonly transitions?: readonly Transition[];
}
