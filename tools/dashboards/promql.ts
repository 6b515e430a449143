import { catalogue } from '../../src/controls/catalogue.generated.ts';
import type { MetricName } from '../../src/telemetry/metric-table.ts';

/**
 * Which series of the cluster that was chosen: those of the namespaces and the profile that were chosen, of the
 * cluster's own controls, of both, events, or what the operator says of itself.
 */
export type Scope = 'namespaces' | 'cluster' | 'both' | 'events' | 'operator';

const scopes: Readonly<Record<Scope, readonly string[]>> = {
  namespaces: ['namespace=~"$namespace"', 'profile=~"$profile"'],
  cluster: ['namespace=""', 'profile=~"$profile"'],
  both: ['namespace=~"$namespace|"', 'profile=~"$profile"'],
  // Events belong to a namespace, and to no profile.
  events: ['namespace=~"$namespace"'],
  operator: [],
};

/** A selector. @param matchers what else must hold, such as `status="Fail"` */
export const series = (
  metric: MetricName | `${MetricName}_bucket`,
  scope: Scope,
  ...matchers: readonly string[]
): string => `${metric}{${['cluster=~"$cluster"', ...scopes[scope], ...matchers].join(', ')}}`;

/** A gauge of the leader, or one that every replica shows alike: a change of leader must not start it anew. */
export const gauge = (metric: MetricName, scope: Scope, ...matchers: readonly string[]): string =>
  `max without (pod, instance) (${series(metric, scope, ...matchers)})`;

export const status = (scope: Scope, ...matchers: readonly string[]): string =>
  gauge('plumbline_control_status', scope, ...matchers);

export const failing = (scope: Scope, ...matchers: readonly string[]): string =>
  status(scope, 'status="Fail"', ...matchers);

export const unknown = (scope: Scope, ...matchers: readonly string[]): string =>
  status(scope, 'status="Unknown"', ...matchers);

/** A matcher. @throws Error once the catalogue has no such control */
export function oneControl(id: string): string {
  if (catalogue.every((control) => control.id !== id)) throw new Error(`there is no control ${id}`);
  return `control="${id}"`;
}

/**
 * Zero where there is nothing to count. Not `vector(0)`: without the reports nothing is known, and a green zero would be a lie.
 * @param witness what must be there for the zero to be true
 */
export const orZero = (query: string, witness: string): string => `${query} or 0 * ${witness}`;

/** Each replica counts what it did. */
export const rate = (metric: MetricName, by: string, ...matchers: readonly string[]): string =>
  `sum by (${by}) (rate(${series(metric, 'operator', ...matchers)}[$__rate_interval]))`;

/**
 * How much a counter grew in the time that is shown. Prometheus' own `increase` does not see the first value of a series, which is the only
 * one that a rare event has. It was not there when the time began, nor shortly before: a scrape that failed just then is no birth.
 */
export function growth(by: string, selector: string): string {
  const window = `${selector}[$__range]`;
  const increase = `increase(${window})`;
  const born = `(min_over_time(${window}) unless max_over_time(${selector}[$__rate_interval] offset $__range))`;
  return `sum by (${by}) ((${increase} + ${born}) or ${increase} or ${born})`;
}

/** How much in all. Of what is gone, past values give a zero too: only what is there may say it. */
export const grown = (selector: string, witness: string): string =>
  orZero(`sum(${growth('cluster', selector)}) > 0`, witness);

/** A quantile of a histogram, 0 to 1. */
export const quantile = (q: number, metric: MetricName): string =>
  `histogram_quantile(${q}, sum by (le) (rate(${series(`${metric}_bucket`, 'operator')}[$__rate_interval])))`;

/** Groups controls by the requirement of the reference design that they answer, which their ids begin with: `RD-5.H.7` of `RD-5.H.7.2`. */
export const byRequirement = (query: string): string =>
  `label_replace(${query}, "requirement", "$1", "control", "(RD-(?:5[.][GH][.][0-9]+|[0-9]+[.][0-9]+))[.].*")`;

/** Worst first: a table keeps the order of `sort_desc`, and severities as words sort wrongly. @param by labels of a row */
export const bySeverity = (by: string, query: (severity: string) => string): string =>
  `sort_desc(max by (${by}) (${['low', 'medium', 'high', 'critical']
    .map((severity, index) => `${index + 1} * ${query(`severity="${severity}"`)}`)
    .join(' or ')}))`;
