import type { PlacedPanel, Target, Variable } from '../dashboards/model.ts';
import type { Prometheus } from '../monitoring/prometheus.ts';

/** What Grafana would put in for the variables, and the time that is shown. */
export interface Choice {
  readonly prometheus: Prometheus;
  /** By name. Those that are not here match everything, as `All` does. */
  readonly variables: Readonly<Record<string, string>>;
  /** Seconds since the epoch at which the time shown ends. */
  readonly end: number;
  /** Seconds that are shown. */
  readonly range: number;
  /** Seconds between two points. */
  readonly step: number;
  /** Seconds over which rates are taken. */
  readonly rateInterval: number;
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since the epoch, and the value. */
  readonly points: readonly (readonly [time: number, value: number])[];
}

/** The series of each query of a panel. */
export type Answers = ReadonlyMap<Target, readonly Series[]>;

const allValues: Readonly<Record<string, string>> = { cluster: '.*', namespace: '.+', profile: '.*' };

/** `$1` belongs to `label_replace`, and stays. */
export function fillIn(text: string, { variables, range, rateInterval }: Omit<Choice, 'prometheus'>): string {
  const values: Readonly<Record<string, string>> = {
    ...allValues,
    __range: `${range}s`,
    __rate_interval: `${rateInterval}s`,
    ...variables,
  };
  return text.replaceAll(/\$\{?([a-z_]\w*)\}?/g, (whole, name: string) => values[name] ?? whole);
}

/** @throws MonitoringError `QueryRefused` with what Prometheus says against the query */
export async function askTarget({ expr, instant }: Target, choice: Choice): Promise<Series[]> {
  const { prometheus, end, range, step } = choice;
  const query = fillIn(expr, choice);
  if (instant)
    return (await prometheus.query(query, end)).map(({ metric, value }) => ({
      labels: metric,
      points: [toPoint(value)],
    }));
  const all = await prometheus.queryRange(query, { start: end - range, end, step });
  return all.map(({ metric, values }) => ({ labels: metric, points: values.map(toPoint) }));
}

const toPoint = ([time, value]: readonly [number, string]): readonly [number, number] => [
  time,
  Number(value.replace('Inf', 'Infinity')),
];

export async function askPanel({ targets = [] }: PlacedPanel, choice: Choice): Promise<Answers> {
  const answers = new Map<Target, readonly Series[]>();
  for (const target of targets) answers.set(target, await askTarget(target, choice));
  return answers;
}

/** The values that a variable of type `query` offers. */
export async function askVariable({ definition }: Variable, choice: Choice): Promise<readonly string[]> {
  const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(String(definition)) ?? [];
  if (selector === undefined || label === undefined)
    throw new Error(`not a label_values: ${String(definition)}`);
  return choice.prometheus.labelValues(label, fillIn(selector, choice));
}
