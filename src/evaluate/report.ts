import type { ComplianceReportStatus } from '../api/compliance-report.ts';

/** The pieces of a report's status, named. */
export type ReportStatus = ComplianceReportStatus;
export type ControlResult = NonNullable<ReportStatus['controls']>[number];
export type Condition = NonNullable<ReportStatus['conditions']>[number];
export type Transition = NonNullable<ReportStatus['transitions']>[number];
export type EvidenceRow = NonNullable<ReportStatus['evidence']>[number];
