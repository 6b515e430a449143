import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { type Alertmanager, type HeldAlert, startAlertmanager } from '../monitoring/alertmanager.ts';
import { Surroundings } from '../monitoring/part.ts';
import { type Prometheus, startPrometheus } from '../monitoring/prometheus.ts';
import { DemoError } from './errors.ts';
import { until } from './until.ts';

const inMonitoring = (...names: string[]) =>
  resolve(import.meta.dirname, '../../config/monitoring', ...names);

/** What Falco saw in the namespace `legacy`: its rule waits for nothing. */
const first = 'PlumblineRuntimeFindings';
/** Milliseconds: a scrape, a look at the rules, and what Prometheus takes to send it on; for a machine under load. */
const within = 60_000;

/** A Prometheus with the rules that ship, and an Alertmanager with the sample of its file, beside the demo's operator. */
export class DemoMonitoring {
  readonly #around: Surroundings;
  readonly #death = Promise.withResolvers<never>();
  #prometheus: Prometheus | undefined;
  #alertmanager: Alertmanager | undefined;

  constructor(say: (line: string) => void) {
    this.#around = new Surroundings(
      ({ message }) => this.#death.reject(new DemoError('MonitoringDied', message)),
      say,
    );
    this.#death.promise.catch(() => {}); // Whoever waits for it is told; nobody has to wait.
  }

  /** Never resolves; rejects when one of them ends though nobody stopped it. */
  get death(): Promise<never> {
    return this.#death.promise;
  }

  /** @param metrics the operator's URL */
  async start(metrics: string): Promise<void> {
    const configuration = readFileSync(inMonitoring('alertmanager', 'alertmanager.yaml'), 'utf8');
    this.#alertmanager = await startAlertmanager(this.#around, configuration);
    this.#prometheus = await startPrometheus(this.#around, {
      jobs: [
        {
          name: 'plumbline-metrics',
          targets: [{ address: new URL(metrics).host, labels: { pod: 'plumbline' } }],
        },
      ],
      rules: [inMonitoring('alerts', 'plumbline.rules.yaml')],
      alertmanagers: [this.#alertmanager.address],
      interval: '2s',
    });
  }

  /** Waits for the first alert in Alertmanager. @returns what to print of it, and of those whose time has not come */
  async show(signal: AbortSignal): Promise<string> {
    const started = systemClock.monotonic();
    const alert = await Promise.race([
      until({ what: `the alert ${first} in Alertmanager`, signal, within }, async () => {
        const held = (await this.#alertmanager?.alerts()) ?? [];
        const found = held.find(({ labels }) => labels['alertname'] === first);
        return found === undefined ? { missing: 'it has not arrived' } : { found };
      }),
      this.death,
    ]);
    const seconds = Math.round((systemClock.monotonic() - started) / 1_000);
    return `
Alertmanager has, ${seconds} s after Prometheus was there (its rule waits for nothing):
${describe(alert)}
Prometheus has these, whose time has not come (${await this.#pending()}).
${this.#nextSteps()}`;
  }

  /** Idempotent. */
  stop(): Promise<void> {
    return this.#around.stop();
  }

  async #pending(): Promise<string> {
    const alerts = (await this.#prometheus?.alerts()) ?? [];
    const pending = Map.groupBy(
      alerts.filter(({ state }) => state === 'pending'),
      ({ labels }) => labels['alertname'] ?? '',
    );
    return [...pending].map(([name, all]) => `${all.length} ${name}`).join(', ');
  }

  #nextSteps(): string {
    const prometheus = this.#prometheus?.url ?? '';
    return `
  # Alertmanager, in a browser
  ${this.#alertmanager?.url}

  # Prometheus, by its API (built from its module it has no pages): which alerts wait, and which fire
  curl -s ${prometheus}/api/v1/alerts
  curl -s ${prometheus}/api/v1/query --data-urlencode 'query=plumbline_report_score_ratio'
`;
  }
}

const describe = ({ labels, annotations }: HeldAlert) => `
  ${labels['alertname']}  severity=${labels['severity']} namespace=${labels['namespace']}
  ${annotations['description']}
  ${annotations['runbook_url']}
`;
