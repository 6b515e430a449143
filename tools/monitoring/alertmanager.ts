import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MonitoringError } from './errors.ts';
import { startPart, type Surroundings } from './part.ts';

/** An alert as Alertmanager holds it. */
export interface HeldAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly status: {
    readonly state: 'unprocessed' | 'active' | 'suppressed';
    readonly inhibitedBy: readonly string[];
  };
}

/** A running Alertmanager, by its web API. */
export class Alertmanager {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** `127.0.0.1:9093`, as Prometheus is told of it. */
  get address(): string {
    return new URL(this.url).host;
  }

  /** All that it holds, inhibited or not. */
  async alerts(): Promise<readonly HeldAlert[]> {
    const response = await fetch(`${this.url}/api/v2/alerts`, { signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new MonitoringError('RequestFailed', `Alertmanager answers ${response.status}`);
    return (await response.json()) as HeldAlert[];
  }
}

/**
 * Starts an Alertmanager on a free port of loopback, alone, so that it waits for no peer. Resolves when it answers.
 * @param configuration its file, as text
 */
export async function startAlertmanager(around: Surroundings, configuration: string): Promise<Alertmanager> {
  const folder = join(around.folder, 'alertmanager');
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'alertmanager.yaml');
  writeFileSync(config, configuration);
  const url = await startPart(around, 'alertmanager', (address) => [
    `--config.file=${config}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--cluster.listen-address=',
    '--log.level=warn',
  ]);
  return new Alertmanager(url);
}
