import type { EvaluationInput } from '../../domain/control.ts';
import type { Finding, UnknownReason, Verdict } from '../../domain/verdict.ts';
import { notApplicable, unknown } from '../../domain/verdict.ts';
import type { Workload } from '../../domain/workload.ts';
import { count, someOf, sortFindings } from './findings.ts';
import { noWorkloads, specSubjects } from './judge-specs.ts';

/** What a rule about a workload as a whole says of one; undefined where it does not speak of it. */
export interface WorkloadIssue {
  readonly status: 'Fail' | 'Unknown' | 'Warn';
  readonly findings: readonly Finding[];
  /** Of an Unknown, why, in a sentence. */
  readonly message?: string;
  /** Of an Unknown; PartialEvidence where it is left out. */
  readonly reason?: UnknownReason;
}

export interface WorkloadTexts {
  readonly one: string;
  readonly many: string;
  readonly pass: string;
  readonly warn: { readonly one: string; readonly many: string };
  /** Why nothing is judged, where the rule speaks of no workload that is there. */
  readonly none: { readonly reason: string; readonly message: string };
}

/**
 * The verdict of a rule about workloads as a whole: Fail before Unknown before Warn.
 * @param judge `out` for a workload that the rule does not speak of, `good` for one that keeps it
 */
export function judgeWorkloads(
  { snapshot }: EvaluationInput,
  judge: (workload: Workload) => WorkloadIssue | 'good' | 'out',
  texts: WorkloadTexts,
): Verdict {
  const { workloads } = snapshot;
  if (!workloads.available) return unknown(workloads.reason, workloads.message);
  const subjects = specSubjects(workloads.items);
  if (subjects.length === 0) return noWorkloads(snapshot);
  const judged = subjects.map(judge).filter((each) => each !== 'out');
  if (judged.length === 0) return notApplicable(texts.none.reason, texts.none.message);
  const issues = judged.filter((each) => each !== 'good');
  const of = (status: WorkloadIssue['status']) => issues.filter((issue) => issue.status === status);
  const findingsOf = (some: readonly WorkloadIssue[]) =>
    sortFindings(some.flatMap(({ findings }) => findings));
  const [failing, unsettled, warning] = [of('Fail'), of('Unknown'), of('Warn')];
  if (failing.length > 0) {
    const message = `${someOf(failing.length, judged.length, texts.one, texts.many)}.`;
    return { status: 'Fail', message, findings: findingsOf(failing) };
  }
  const [first] = unsettled;
  if (first !== undefined) return unknown(first.reason ?? 'PartialEvidence', first.message ?? '');
  if (warning.length > 0) {
    const message = `${someOf(warning.length, judged.length, texts.warn.one, texts.warn.many)}.`;
    return { status: 'Warn', message, findings: findingsOf(warning) };
  }
  return { status: 'Pass', message: `${texts.pass} (${count(judged.length, 'workload')}).`, findings: [] };
}

/** A finding about the workload as a whole. */
export const workloadFinding = ({ kind, name }: Workload, finding: Omit<Finding, 'subject'>): Finding => ({
  subject: { kind, name },
  ...finding,
});
