import type { RuntimeFinding } from '../../domain/runtime.ts';

const hour = 3_600_000;

/** The first moment at which the finding's newest event has left the window; milliseconds since the epoch. */
export function leavesAt({ lastSeen }: RuntimeFinding, window: number): number {
  return Date.parse(lastSeen) + window + 1;
}

export const isInWindow = (finding: RuntimeFinding, window: number, now: number): boolean =>
  leavesAt(finding, window) > now;

/**
 * The first moment at which fewer than `threshold` alerts of these findings are left in the window; undefined when
 * there are fewer already. Only their hour is known, so that each counts until its whole hour has left.
 */
export function thresholdUntil(
  findings: readonly RuntimeFinding[],
  threshold: number,
  window: number,
  now: number,
): number | undefined {
  const hours = findings
    .flatMap((finding) =>
      finding.hours.map(({ hour: start, alerts }) => ({
        alerts,
        // The newest event ends its own hour early.
        until: Math.min(Date.parse(start) + hour + window, leavesAt(finding, window)),
      })),
    )
    .filter(({ until }) => until > now)
    .toSorted((a, b) => b.until - a.until);
  let sum = 0;
  for (const { alerts, until } of hours) {
    sum += alerts;
    if (sum >= threshold) return until;
  }
  return undefined;
}
