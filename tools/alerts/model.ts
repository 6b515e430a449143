import { formatDuration } from '../../src/base/duration.ts';

export const alertSeverities = ['critical', 'warning', 'info'] as const;
export type AlertSeverity = (typeof alertSeverities)[number];

/** Writes seconds as Prometheus reads durations; a test makes every one of them shorter. */
export type Span = (seconds: number) => string;

/** As they ship. */
export const shipped: Span = (seconds) => formatDuration(seconds * 1_000);

/** A fraction of what ships, in whole seconds, so that a test need not wait for minutes. */
export const hastened =
  (divisor: number): Span =>
  (seconds) =>
    formatDuration(Math.ceil(seconds / divisor) * 1_000);

/** One condition of an alert. An alert has several where it is told at several severities. */
export interface Condition {
  readonly severity: AlertSeverity;
  /** PromQL; what it returns is what fires. */
  readonly expression: (span: Span) => string;
  /** Seconds for which it must hold before it fires. */
  readonly after: number;
  /** Seconds for which it goes on firing when the expression returns nothing any more. */
  readonly keep?: number;
  /** Beside `severity`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** A template of Prometheus: with the labels, and the value. */
  readonly description: string;
}

/** What a person does who was woken by it, as Markdown. */
export interface Runbook {
  readonly meaning: string;
  readonly look: string;
  readonly fix: string;
}

export interface Alert {
  readonly name: string;
  /** One line without templates, so that alerts can be grouped by it. */
  readonly summary: string;
  readonly conditions: readonly Condition[];
  readonly runbook: Runbook;
}

/** Who can act on it: a namespace's people, or the platform's. */
export interface AlertGroup {
  readonly name: string;
  readonly about: string;
  /** True where each alert carries the namespace whose people it is for. */
  readonly tenants: boolean;
  readonly alerts: readonly Alert[];
}

export const minute = 60;
export const hour = 60 * minute;
export const day = 24 * hour;

/**
 * Over a change of leader no replica shows verdicts until the new one has judged everything. Alerts about verdicts go on
 * firing for so long, or each change would resolve all of them and send them again.
 */
export const leaderChange = 2 * minute;

/**
 * What was there so long ago. Not `offset` alone: one scrape that failed then ends every series for as long as it lasts, and all of
 * them would seem to begin when that is so long ago.
 * @param ago a duration, as Prometheus reads it
 */
export const earlier = (selector: string, ago: string, span: Span): string =>
  `max_over_time(${selector}[${span(5 * minute)}] offset ${ago})`;

/** The labels that tell replicas apart: whatever leads, it is the same series. */
export const replicas = 'pod, instance';
