import type { GitOpsApp } from '../../domain/gitops.ts';
import type { Finding, UnknownReason, Verdict } from '../../domain/verdict.ts';
import { soonest, unknown } from '../../domain/verdict.ts';
import type { Source } from '../../domain/snapshot.ts';
import { nameApp } from './deployment.ts';
import { count, sortFindings } from './findings.ts';

/** What a rule says of one GitOps object. */
export interface AppIssue {
  readonly status: 'Fail' | 'Unknown' | 'Warn' | 'Pass';
  readonly findings: readonly Finding[];
  /** Of an Unknown. */
  readonly reason?: UnknownReason;
  readonly message?: string;
  /** When time alone may change it, milliseconds since the epoch. */
  readonly until?: number | undefined;
}

export const appFinding = (app: GitOpsApp, finding: Omit<Finding, 'subject'>): Finding => ({
  subject: { kind: app.kind, name: nameApp(app) },
  ...finding,
});

/** Workloads that are not known may name HelmReleases that are not known either. */
export const unreadIssues = (workloads: Source<unknown>): AppIssue[] =>
  workloads.available
    ? []
    : [{ status: 'Unknown', findings: [], reason: workloads.reason, message: workloads.message }];

export interface AppTexts {
  readonly fail: { readonly one: string; readonly many: string };
  readonly warn: { readonly one: string; readonly many: string };
  readonly pass: string;
}

/** Fail before Unknown before Warn; a number of objects stands before `texts`. */
export function summarizeIssues(issues: readonly AppIssue[], apps: number, texts: AppTexts): Verdict {
  const of = (status: AppIssue['status']) => issues.filter((issue) => issue.status === status);
  const validUntil = issues.reduce<number | undefined>(
    (sooner, { until }) => soonest(sooner, until),
    undefined,
  );
  const timed = validUntil === undefined ? {} : { validUntil };
  const told = (status: 'Fail' | 'Warn', some: readonly AppIssue[]): Verdict => {
    const findings = sortFindings(some.flatMap((issue) => issue.findings));
    const subjects = new Set(findings.map(({ subject }) => `${subject.kind}/${subject.name}`)).size;
    const { one, many } = status === 'Fail' ? texts.fail : texts.warn;
    const message = `${count(subjects, 'object')} ${subjects === 1 ? one : many}.`;
    return { status, message, findings, ...timed };
  };
  if (of('Fail').length > 0) return told('Fail', of('Fail'));
  const [first] = of('Unknown');
  if (first !== undefined)
    return { ...unknown(first.reason ?? 'PartialEvidence', first.message ?? ''), ...timed };
  if (of('Warn').length > 0) return told('Warn', of('Warn'));
  return {
    status: 'Pass',
    message: `${texts.pass} (${count(apps, 'GitOps object')}).`,
    findings: [],
    ...timed,
  };
}
