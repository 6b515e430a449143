import type { EvaluationInput } from '../../domain/control.ts';
import type { RuntimeFinding } from '../../domain/runtime.ts';
import type { Finding } from '../../domain/verdict.ts';

const hour = 3_600_000;

/** The first moment at which the finding's newest event has left the window; milliseconds since the epoch. */
export function leavesAt({ lastSeen }: RuntimeFinding, window: number): number {
  return Date.parse(lastSeen) + window + 1;
}

export const isInWindow = (finding: RuntimeFinding, window: number, now: number): boolean =>
  leavesAt(finding, window) > now;

/** What was seen by rules of these names, within the window; nothing where nobody could see. */
export function eventsOfRules(
  { snapshot: { runtime }, parameters, now }: EvaluationInput,
  rules: readonly string[],
): readonly RuntimeFinding[] {
  if (!runtime.available) return [];
  const window = parameters['runtime.alertWindow'];
  return runtime.items.filter((each) => rules.includes(each.rule) && isInWindow(each, window, now));
}

export const eventFinding = ({ rule, subject, example, lastSeen }: RuntimeFinding): Finding => ({
  subject,
  ...(example === undefined ? {} : { example }),
  message: `Falco saw it, last at ${lastSeen.replace(/\.\d+/, '')}.`,
  ref: rule,
});

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
