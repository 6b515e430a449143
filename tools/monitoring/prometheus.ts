import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MonitoringError } from './errors.ts';
import { startPart, type Surroundings } from './part.ts';

/** What is scraped, and with which labels of the target. */
export interface Job {
  readonly name: string;
  /** `127.0.0.1:8080`, each with the labels that service discovery would give it, such as `pod`. */
  readonly targets: readonly {
    readonly address: string;
    readonly labels?: Readonly<Record<string, string>>;
  }[];
}

export interface PrometheusOptions {
  readonly jobs: readonly Job[];
  /** Paths of rules files. */
  readonly rules?: readonly string[];
  /** `127.0.0.1:9093` */
  readonly alertmanagers?: readonly string[];
  /** Of scrapes and of rules, as Prometheus writes durations; default `1s`. */
  readonly interval?: string;
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds since the epoch, and the value as text. */
  readonly value: readonly [number, string];
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

/** An alert as Prometheus holds it. */
export interface PrometheusAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing' | 'inactive';
  readonly activeAt: string;
}

/** A running Prometheus, by its web API. */
export class Prometheus {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** An instant query that gives a vector. @throws MonitoringError `QueryRefused` with what Prometheus says of it */
  async query(expression: string, time?: number): Promise<readonly Sample[]> {
    const at = time === undefined ? {} : { time: String(time) };
    const { result } = await this.#ask<{ result: Sample[] }>('query', { query: expression, ...at });
    return result;
  }

  /** A range query; `start` and `end` in seconds since the epoch, `step` in seconds. */
  async queryRange(
    expression: string,
    { start, end, step }: { start: number; end: number; step: number },
  ): Promise<readonly Series[]> {
    const parameters = { query: expression, start: String(start), end: String(end), step: String(step) };
    const { result } = await this.#ask<{ result: Series[] }>('query_range', parameters);
    return result;
  }

  async labelValues(label: string, match: string): Promise<readonly string[]> {
    return this.#ask<string[]>(`label/${label}/values`, { 'match[]': match });
  }

  async alerts(): Promise<readonly PrometheusAlert[]> {
    return (await this.#ask<{ alerts: PrometheusAlert[] }>('alerts', {})).alerts;
  }

  async #ask<T>(path: string, parameters: Readonly<Record<string, string>>): Promise<T> {
    const url = `${this.url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    const answer = (await response.json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success') {
      throw new MonitoringError('QueryRefused', `${parameters['query'] ?? path}: ${answer.error}`);
    }
    return answer.data;
  }
}

/** Starts a Prometheus on a free port of loopback. Resolves when it answers. */
export async function startPrometheus(around: Surroundings, options: PrometheusOptions): Promise<Prometheus> {
  const folder = join(around.folder, 'prometheus');
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'prometheus.json');
  // Its YAML is a superset of JSON.
  writeFileSync(config, JSON.stringify(configuration(options), undefined, 2));
  const url = await startPart(around, 'prometheus', (address) => [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--log.level=warn',
  ]);
  return new Prometheus(url);
}

function configuration({ jobs, rules = [], alertmanagers = [], interval = '1s' }: PrometheusOptions): object {
  return {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: rules,
    alerting: { alertmanagers: [{ static_configs: [{ targets: alertmanagers }] }] },
    scrape_configs: jobs.map(({ name, targets }) => ({
      job_name: name,
      // As the ServiceMonitor has it: a namespace in a metric is what the metric speaks of.
      honor_labels: true,
      static_configs: targets.map(({ address, labels = {} }) => ({ targets: [address], labels })),
    })),
  };
}
