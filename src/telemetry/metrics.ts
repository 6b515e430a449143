import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { invariant } from '../base/invariant.ts';
import type { MetricName } from './metric-table.ts';
import { metricTable } from './metric-table.ts';
import type { VerdictSeries } from './verdict-series.ts';

export type Labels = Readonly<Record<string, string | number>>;

/** Values that are read when Prometheus asks, from memory; nothing is kept between scrapes. */
export type Collect = () => Iterable<{ readonly labels: Labels; readonly value: number }>;

/**
 * The process's metrics: counters and histograms that the code moves, gauges that are computed at scrape,
 * and the verdict series, which are written from the report index because prom-client would hold each of them.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<MetricName, Counter>();
  readonly #histograms = new Map<MetricName, Histogram>();
  readonly #verdicts: Pick<VerdictSeries, 'chunks'>;

  constructor(verdicts: Pick<VerdictSeries, 'chunks'>) {
    this.#verdicts = verdicts;
    for (const [name, description] of Object.entries(metricTable) as [
      MetricName,
      (typeof metricTable)[MetricName],
    ][]) {
      const common = {
        name,
        help: description.help,
        labelNames: [...description.labels],
        registers: [this.#registry],
      };
      if (description.type === 'counter') this.#counters.set(name, new Counter(common));
      if (description.type === 'histogram') {
        const buckets = 'buckets' in description ? [...description.buckets] : [];
        this.#histograms.set(name, new Histogram({ ...common, buckets }));
      }
    }
  }

  /** A gauge whose values are computed at each scrape. Called once per metric. */
  collect(name: MetricName, read: Collect): void {
    const { help, labels } = metricTable[name];
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [this.#registry],
      collect: () => {
        gauge.reset();
        for (const { labels: values, value } of read()) gauge.set({ ...values }, value);
      },
    });
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

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The exposition in pieces, so that a large one neither doubles the memory nor blocks the event loop. */
  async *expose(): AsyncGenerator<string> {
    yield await this.#registry.metrics();
    yield* this.#verdicts.chunks();
  }
}
