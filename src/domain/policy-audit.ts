import type { AdmissionAction } from './admission.ts';
import type { NamespaceScope } from './namespace-scope.ts';
import type { ConfigAudit } from './scan-report.ts';
import type { Subject } from './verdict.ts';

/** What was found of objects that are there already. */
export type PolicyAudit =
  | ({ readonly is: 'constraint' } & ConstraintAudit)
  | PolicyReport
  | ({ readonly is: 'configaudit'; readonly specSince?: SpecSince } & ConfigAudit);

/**
 * Since when a StatefulSet or DaemonSet has had the pod specification that it has, in milliseconds since the epoch. `ever`:
 * the object that the audit is of never had another. `unknown`: nothing tells. Other owners have none.
 */
export type SpecSince = number | 'ever' | 'unknown';

/** What Gatekeeper found of one constraint, over the whole cluster. */
export interface ConstraintAudit {
  readonly kind: string;
  readonly name: string;
  readonly where: NamespaceScope;
  /** Milliseconds since the epoch; absent where it was never audited. */
  readonly auditedAt?: number;
  /** More were found than are listed. */
  readonly cutOff?: true;
  readonly violations: readonly ConstraintViolation[];
}

export interface ConstraintViolation {
  readonly namespace: string;
  readonly subject: Subject;
  readonly action: AdmissionAction;
  readonly message: string;
}

/** A PolicyReport or a Report of OpenReports: one object each, or a whole namespace. */
export interface PolicyReport {
  readonly is: 'report';
  readonly name: string;
  /** Those that are no pass, the worst first; cut off at a number. */
  readonly results: readonly PolicyResult[];
  /** How many were left out of them. */
  readonly unlisted: number;
}

export interface PolicyResult {
  readonly policy: string;
  readonly rule?: string;
  readonly result: 'fail' | 'warn' | 'error';
  /** `info` and what nobody knows are absent. */
  readonly severity?: 'critical' | 'high' | 'medium' | 'low';
  readonly subject?: Subject;
  readonly message: string;
}
