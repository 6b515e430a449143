import type { Subject } from './verdict.ts';

/** Falco's priorities, worst first, as it writes them. */
export const priorities = [
  'Emergency',
  'Alert',
  'Critical',
  'Error',
  'Warning',
  'Notice',
  'Informational',
  'Debug',
] as const;
export type Priority = (typeof priorities)[number];

/** True when `a` is as bad as `b` or worse. */
export function atLeast(a: Priority, b: Priority): boolean {
  return priorities.indexOf(a) <= priorities.indexOf(b);
}

/** Runtime events of one rule about one subject, added up. */
export interface RuntimeFinding {
  readonly rule: string;
  readonly priority: Priority;
  /** `syscall`, `k8s_audit`, or a plugin's. */
  readonly source: string;
  readonly subject: Subject;
  /** One pod that it was seen in. */
  readonly example?: string;
  /** All events. */
  readonly count: number;
  /** RFC 3339, with the sensor's nanoseconds. */
  readonly firstSeen: string;
  readonly lastSeen: string;
  /**
   * Events per hour, repeats of the same rule, pod and container within the hour counted once.
   * `hour` is RFC 3339 at the full hour; oldest first.
   */
  readonly hours: readonly { readonly hour: string; readonly alerts: number }[];
  /** One event's text, redacted and cut. */
  readonly sample: string;
}
