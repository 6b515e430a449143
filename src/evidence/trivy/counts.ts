import type { SeverityCounts } from '../../domain/scan-report.ts';
import type { Json } from '../fields.ts';
import { integerField, objectField, stringField } from '../fields.ts';

const names = ['critical', 'high', 'medium', 'low', 'unknown'] as const;
type SeverityName = (typeof names)[number];

export const severityName = (text: string | undefined): SeverityName => {
  const name = (text ?? '').toLowerCase();
  return names.find((each) => each === name) ?? 'unknown';
};

/** Negative when `a` is the worse one. */
export const compareSeverityNames = (a: string, b: string): number =>
  names.indexOf(severityName(a)) - names.indexOf(severityName(b));

export function countSeverities(findings: readonly Json[], key: string, path: string): SeverityCounts {
  const counts = { critical: 0, high: 0, medium: 0, low: 0, unknown: 0 };
  for (const finding of findings) counts[severityName(stringField(finding, key, path))] += 1;
  return counts;
}

/** `report.summary`, or the list itself where that says more: a summary that leaves a finding out hides it. */
export function readCounts(report: Json, listed: SeverityCounts): SeverityCounts {
  const summary = objectField(report, 'summary', 'report') ?? {};
  const counts = { ...listed };
  for (const name of names) {
    const said = integerField(summary, `${name}Count`, 'report.summary') ?? 0;
    counts[name] = Math.max(said, listed[name]);
  }
  return counts;
}

export const noCounts: SeverityCounts = { critical: 0, high: 0, medium: 0, low: 0, unknown: 0 };

export const totalOf = (counts: SeverityCounts): number =>
  counts.critical + counts.high + counts.medium + counts.low + counts.unknown;
