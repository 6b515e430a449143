/** What Plumbline says of one control in one namespace. The words are those of the ComplianceReport. */
export const statuses = ['Pass', 'Warn', 'Fail', 'Unknown', 'Manual', 'NotApplicable', 'Excepted'] as const;
export type Status = (typeof statuses)[number];

export const severities = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof severities)[number];

/** Why evidence is missing or unusable; the only reasons that an `Unknown` may carry. */
export const unknownReasons = [
  'NoEvidence',
  'StaleEvidence',
  'PartialEvidence',
  'HiddenFindings',
  'Forbidden',
  'EvaluationError',
] as const;
export type UnknownReason = (typeof unknownReasons)[number];

/** What a finding is about: a top-level owner, one of its containers, or another object of the namespace. */
export interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly container?: string;
}

/** One thing that breaks (or weakens) a rule. No secret value ever stands in any of its fields. */
export interface Finding {
  readonly subject: Subject;
  /** The name of one live pod that shows it, where the template of the subject does not. */
  readonly example?: string;
  /** Field path in the subject, as `kubectl explain` writes it. */
  readonly path?: string;
  readonly observed?: string;
  readonly message: string;
  readonly severity?: Severity;
  /** An id elsewhere: a report, a rule, a policy. */
  readonly ref?: string;
  /** Other subjects that show the same. They count; a report names them in the message alone. */
  readonly also?: readonly Subject[];
}

export interface Verdict {
  readonly status: Status;
  /** CamelCase; always present on `Unknown`, then one of `unknownReasons`. */
  readonly reason?: string;
  readonly message: string;
  readonly findings: readonly Finding[];
  /** Milliseconds since the epoch at which time alone may change this verdict. */
  readonly validUntil?: number;
}

/** Worst first; `NotApplicable` last because it is dropped wherever anything else is said. */
const order: readonly Status[] = ['Fail', 'Unknown', 'Manual', 'Warn', 'Excepted', 'Pass', 'NotApplicable'];

/** The worst of several statuses; `NotApplicable` when there is none or nothing else. */
export function worstStatus(all: Iterable<Status>): Status {
  let worst = order.length - 1;
  for (const status of all) worst = Math.min(worst, order.indexOf(status));
  return order[worst] ?? 'NotApplicable';
}

/** Negative when `a` is the worse one. */
export function compareSeverity(a: Severity, b: Severity): number {
  return severities.indexOf(a) - severities.indexOf(b);
}

/** The sooner of two moments, of which either may be absent. */
export function soonest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.min(a, b);
}

export const pass = (message: string): Verdict => ({ status: 'Pass', message, findings: [] });

export const notApplicable = (reason: string, message: string): Verdict => ({
  status: 'NotApplicable',
  reason,
  message,
  findings: [],
});

export const unknown = (
  reason: UnknownReason,
  message: string,
  findings: readonly Finding[] = [],
): Verdict => ({ status: 'Unknown', reason, message, findings });
