import type { Finding } from '../../domain/verdict.ts';

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** By kind, name and container of the subject, then path and message; in no locale, so that it is the same everywhere. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted(
    (a, b) =>
      compare(a.subject.kind, b.subject.kind) ||
      compare(a.subject.name, b.subject.name) ||
      compare(a.subject.container ?? '', b.subject.container ?? '') ||
      compare(a.path ?? '', b.path ?? '') ||
      compare(a.message, b.message),
  );
}

/** `1 workload`, `2 workloads`. */
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** `1 of 5 workloads runs …`, `2 of 5 workloads run …`. */
export const someOf = (n: number, total: number, one: string, many: string): string =>
  `${n} of ${count(total, 'workload')} ${n === 1 ? one : many}`;
