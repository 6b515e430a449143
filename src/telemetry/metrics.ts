import { Counter, Histogram } from 'prom-client';
import { invariant } from '../base/invariant.ts';
import type { Format } from './exposition-format.ts';
import { bound, ending, family, label, line } from './exposition-format.ts';
import type { MetricDescription, MetricName } from './metric-table.ts';
import { metricTable } from './metric-table.ts';
import type { VerdictSeries } from './verdict-series.ts';

export type Labels = Readonly<Record<string, string | number>>;

interface Value {
  readonly labels: Labels;
  readonly value: number;
}

/** Values that are read when Prometheus asks, from memory; nothing is kept between scrapes. */
export type Collect = () => Iterable<Value>;

const described = Object.entries(metricTable) as [MetricName, MetricDescription][];

/**
 * The process's metrics: counters and histograms that the code moves, gauges that are computed at scrape, and the verdict
 * series, which are written from the report index. prom-client holds what moves, and none of it is written by it: it makes
 * one text of all, in one format.
 */
export class Metrics {
  readonly #counters = new Map<MetricName, Counter>();
  readonly #histograms = new Map<MetricName, Histogram>();
  readonly #gauges = new Map<MetricName, Collect>();
  readonly #verdicts: Pick<VerdictSeries, 'chunks'>;

  constructor(verdicts: Pick<VerdictSeries, 'chunks'>) {
    this.#verdicts = verdicts;
    for (const [name, { type, help, labels, buckets = [] }] of described) {
      const common = { name, help, labelNames: [...labels], registers: [] };
      if (type === 'counter') this.#counters.set(name, new Counter(common));
      if (type === 'histogram')
        this.#histograms.set(name, new Histogram({ ...common, buckets: [...buckets] }));
    }
  }

  /** A gauge whose values are computed at each scrape. Called once per metric. */
  collect(name: MetricName, read: Collect): void {
    invariant(metricTable[name].type === 'gauge' && !this.#gauges.has(name), `${name} is read elsewhere`);
    this.#gauges.set(name, read);
  }

  increment(name: MetricName, labels: Labels = {}, by = 1): void {
    this.#counter(name).inc({ ...labels }, by);
  }

  observe(name: MetricName, value: number): void {
    const histogram = this.#histograms.get(name);
    invariant(histogram !== undefined, `${name} is no histogram`);
    histogram.observe(value);
  }

  /** Takes the series of one label set away, so that a gone namespace leaves nothing behind. */
  remove(name: MetricName, labels: Labels): void {
    this.#counter(name).remove({ ...labels });
  }

  #counter(name: MetricName): Counter {
    const counter = this.#counters.get(name);
    invariant(counter !== undefined, `${name} is no counter`);
    return counter;
  }

  /** The exposition in pieces, so that a large one neither doubles the memory nor blocks the event loop. */
  async *expose(format: Format = 'text'): AsyncGenerator<string> {
    for (const [name] of described) {
      const series = await this.#seriesOf(name);
      if (series !== undefined) yield* family(format, name, series);
    }
    yield* this.#verdicts.chunks(format);
    if (ending[format] !== '') yield ending[format];
  }

  /** undefined of what is written elsewhere, or by nobody yet. */
  async #seriesOf(name: MetricName): Promise<Iterable<string> | undefined> {
    const gauge = this.#gauges.get(name);
    if (gauge !== undefined) return lines(name, gauge());
    const counter = this.#counters.get(name);
    if (counter !== undefined) return lines(name, (await counter.get()).values as Value[]);
    const values = (await this.#histograms.get(name)?.get())?.values;
    return values?.map((one) => line(one.metricName ?? name, labelsOf(name, one.labels), one.value));
  }
}

function* lines(name: MetricName, values: Iterable<Value>): Generator<string> {
  for (const { labels, value } of values) yield line(name, labelsOf(name, labels), value);
}

/** In the order of the table, that of a bucket last. */
function labelsOf(name: MetricName, values: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = metricTable[name].labels.flatMap((each) => {
    const value = values[each];
    return value === undefined ? [] : [label(each, value)];
  });
  if (values['le'] !== undefined) pairs.push(label('le', bound(values['le'])));
  return pairs.join(',');
}
