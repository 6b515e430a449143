import type { Finding, Severity, Subject, Verdict } from './verdict.ts';

/**
 * A finding of which only what orders and counts it is there: a namespace may have tens of thousands, and a report lists
 * some hundreds. The fields mean what they mean in a finding.
 */
export interface Untold {
  readonly subject: Subject;
  readonly severity?: Severity;
  readonly ref?: string;
  readonly also?: readonly Subject[];
  readonly tell: () => Finding;
}

const untold = new WeakMap<Verdict, readonly Untold[]>();

/** A verdict whose findings are told when they are asked for. A copy of it has them told, and is the same in all else. */
export function withUntold(verdict: Omit<Verdict, 'findings'>, findings: readonly Untold[]): Verdict {
  let told: readonly Finding[] | undefined;
  const whole: Verdict = {
    ...verdict,
    get findings() {
      return (told ??= findings.map((each) => each.tell()));
    },
  };
  untold.set(whole, findings);
  return whole;
}

/** The findings of a verdict, told or not. */
export const findingsOf = (verdict: Verdict): readonly (Finding | Untold)[] =>
  untold.get(verdict) ?? verdict.findings;

export const told = (finding: Finding | Untold): Finding => ('tell' in finding ? finding.tell() : finding);
