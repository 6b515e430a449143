import { cleanText } from '../base/clean-text.ts';
import { isRollUp } from '../domain/control.ts';
import { compareControlIds } from '../domain/control-id.ts';
import type { Severity, Status } from '../domain/verdict.ts';
import { compareSeverity, severities } from '../domain/verdict.ts';
import type { Listable } from './bound.ts';
import type { Judged } from './evaluate-controls.ts';
import { findingListOf, longest } from './finding-list.ts';

/** A control's row of a report, and its findings. The time of its last transition is not known here. */
export function listableOf({ control, verdict }: Judged): Listable {
  const findings = findingListOf(verdict, control.severity);
  const result = {
    id: control.id,
    title: control.title,
    severity: control.severity,
    status: verdict.status,
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    message: cleanText(verdict.message, longest),
    findingsTotal: findings.total,
    lastTransitionTime: '',
  };
  return { result, findings };
}

const statusOrder: readonly Status[] = [
  'Fail',
  'Unknown',
  'Manual',
  'Warn',
  'Excepted',
  'Pass',
  'NotApplicable',
];

export function worstFirst(a: Listable['result'], b: Listable['result']): number {
  return (
    statusOrder.indexOf(a.status) - statusOrder.indexOf(b.status) ||
    compareSeverity(a.severity, b.severity) ||
    compareControlIds(a.id, b.id)
  );
}

/** Findings of failing controls by severity, uncut; roll-ups repeat their parts' and are left out. */
export function countFindings(judged: readonly Judged[]): Record<Severity, number> {
  const counts = { critical: 0, high: 0, medium: 0, low: 0 };
  for (const { control, verdict } of judged) {
    if (verdict.status !== 'Fail' || isRollUp(control)) continue;
    const list = findingListOf(verdict, control.severity);
    for (const severity of severities) counts[severity] += list.counts[severity];
  }
  return counts;
}
