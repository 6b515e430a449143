import type { Finding, Severity, Subject, Verdict } from './verdict.ts';

/**
 * A finding of which only what orders and counts it is there: a namespace may have tens of thousands, and a report lists
 * some hundreds. The fields mean what they mean in a finding.
 */
export interface Untold {
  readonly subject: Subject;
  readonly severity?: Severity;
  readonly ref?: string;
  /** All that show it, `subject` first. */
  readonly subjects: readonly Subject[];
  readonly tell: () => Finding;
}

/** A finding, told or not. */
export type AnyFinding = Finding | Untold;

const untold = new WeakMap<Verdict, readonly AnyFinding[]>();

/** A verdict whose findings are told when they are asked for. A copy of it has them told, and is the same in all else. */
export function withUntold(verdict: Omit<Verdict, 'findings'>, findings: readonly AnyFinding[]): Verdict {
  let all: readonly Finding[] | undefined;
  const whole: Verdict = {
    ...verdict,
    get findings() {
      return (all ??= findings.map(told));
    },
  };
  untold.set(whole, findings);
  return whole;
}

export const findingsOf = (verdict: Verdict): readonly AnyFinding[] =>
  untold.get(verdict) ?? verdict.findings;

export const isUntold = (finding: AnyFinding): finding is Untold => 'tell' in finding;

export const told = (finding: AnyFinding): Finding => (isUntold(finding) ? finding.tell() : finding);
