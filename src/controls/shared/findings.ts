import { compareText } from '../../domain/compare-text.ts';
import type { Finding } from '../../domain/verdict.ts';

/** By kind, name and container of the subject, then path and message; in no locale, so that it is the same everywhere. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted(
    (a, b) =>
      compareText(a.subject.kind, b.subject.kind) ||
      compareText(a.subject.name, b.subject.name) ||
      compareText(a.subject.container ?? '', b.subject.container ?? '') ||
      compareText(a.path ?? '', b.path ?? '') ||
      compareText(a.message, b.message) ||
      compareText(a.observed ?? '', b.observed ?? ''),
  );
}

/** `1 workload`, `2 workloads`. */
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** `1 of 5 workloads runs …`, `2 of 5 workloads run …`. */
export const someOf = (n: number, total: number, one: string, many: string): string =>
  `${n} of ${count(total, 'workload')} ${n === 1 ? one : many}`;
