import type { ReportState } from '../api/resources.ts';
import type { Severity, Status } from '../domain/verdict.ts';
import { worstStatus } from '../domain/verdict.ts';

const weights: Readonly<Record<Severity, number>> = { critical: 10, high: 5, medium: 2, low: 1 };

export interface Scored {
  readonly status: Status;
  readonly severity: Severity;
}

/**
 * 100 x (weight(Pass) + weight(Warn) / 2) / weight(Pass + Warn + Fail + Unknown), rounded down.
 * @returns 0 to 100, or undefined when nothing can be weighed
 */
export function score(controls: Iterable<Scored>): number | undefined {
  let reached = 0;
  let possible = 0;
  for (const { status, severity } of controls) {
    const weight = weights[severity];
    if (status === 'Pass' || status === 'Warn' || status === 'Fail' || status === 'Unknown')
      possible += weight;
    if (status === 'Pass') reached += weight;
    if (status === 'Warn') reached += weight / 2;
  }
  return possible === 0 ? undefined : Math.floor((100 * reached) / possible);
}

/** One word for a whole report; what only people can decide leaves it to the rest. */
export function stateOf(statuses: readonly Status[]): ReportState {
  if (statuses.includes('Fail')) return 'NonCompliant';
  if (statuses.includes('Unknown')) return 'Unknown';
  const settled = worstStatus(statuses.filter((status) => status === 'Pass' || status === 'Warn'));
  return settled === 'NotApplicable' ? 'NotAssessed' : 'Compliant';
}
