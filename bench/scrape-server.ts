import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, Registry } from 'prom-client';
import { systemClock } from '../src/base/clock.ts';
import { catalogue } from '../src/controls/catalogue.generated.ts';
import { statuses } from '../src/domain/verdict.ts';
import { HttpServer } from '../src/http/server.ts';
import { silentLogger } from '../src/telemetry/log.ts';
import type { MetricName } from '../src/telemetry/metric-table.ts';
import { metricTable } from '../src/telemetry/metric-table.ts';
import { Metrics } from '../src/telemetry/metrics.ts';
import type { ReportSample } from '../src/telemetry/verdict-series.ts';
import { VerdictSeries } from '../src/telemetry/verdict-series.ts';

/**
 * A server of metrics for `scrape.ts`, as a process of its own: `node --expose-gc scrape-server.ts WRITER NAMESPACES`. Asked
 * `begin` it cleans up and starts to measure, asked `end` it tells what it measured.
 */
export interface Measured {
  /** Seconds of all threads. */
  readonly cpu: number;
  /** Longest time that the event loop did not turn, milliseconds. */
  readonly block: number;
}

const [writer, namespaces] = [process.argv[2], Number(process.argv[3])];

/** One object for each verdict, as the operator has them too. */
const verdicts = new Map<string, ReportSample['controls'][number]>();

function verdict(id: string, severity: string, index: number): ReportSample['controls'][number] {
  const status = statuses[index % statuses.length] ?? 'Pass';
  const key = `${id}/${status}`;
  const known = verdicts.get(key) ?? { id, severity, status };
  verdicts.set(key, known);
  return known;
}

function* reports(): Generator<ReportSample> {
  const ofCluster = catalogue.filter((control) => 'evaluateCluster' in control);
  const own = catalogue.filter((control) => !('evaluateCluster' in control));
  for (let index = 0; index <= namespaces; index++) {
    const controls = index === namespaces ? ofCluster : own;
    yield {
      namespace: index === namespaces ? '' : `team-${String(index).padStart(4, '0')}-production`,
      profile: 'reference-design',
      compliant: index % 3 === 0,
      score: index % 101,
      controls: controls.map(({ id, severity }, place) => verdict(id, severity, index * 7 + place * 3)),
      findings: { critical: index % 5, high: index % 11, medium: index % 17, low: index % 23 },
      evaluatedAt: 1_790_000_000_000 + index * 37,
    };
  }
}

async function listenPlumbline(): Promise<number> {
  const series = new VerdictSeries();
  for (const report of reports()) series.set(report);
  series.open();
  const server = new HttpServer({
    host: '127.0.0.1',
    port: 0,
    metrics: new Metrics(series),
    alive: () => [],
    ready: () => [],
    clock: systemClock,
    logger: silentLogger,
  });
  return (await server.listen()).port;
}

/** What the same series are to the library that is usual for Node: it holds each, and makes one text of all. */
async function listenPromClient(): Promise<number> {
  const registry = new Registry();
  const gauge = (name: MetricName) =>
    new Gauge({
      name,
      help: metricTable[name].help,
      labelNames: [...metricTable[name].labels],
      registers: [registry],
    });
  const status = gauge('plumbline_control_status');
  const compliant = gauge('plumbline_report_compliant');
  const score = gauge('plumbline_report_score_ratio');
  const findings = gauge('plumbline_findings');
  const evaluated = gauge('plumbline_report_last_evaluated_timestamp_seconds');
  for (const report of reports()) {
    const names = { namespace: report.namespace, profile: report.profile };
    for (const { id, severity, status: is } of report.controls)
      status.set({ ...names, control: id, severity, status: is }, 1);
    compliant.set(names, report.compliant ? 1 : 0);
    score.set(names, (report.score ?? 0) / 100);
    for (const [severity, count] of Object.entries(report.findings))
      findings.set({ ...names, severity }, count);
    evaluated.set(names, report.evaluatedAt / 1_000);
  }
  const server = createServer((_request, response) => {
    void registry.metrics().then((text) => {
      response.setHeader('Content-Type', registry.contentType);
      response.end(text);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const delay = monitorEventLoopDelay({ resolution: 1 });
let before = process.cpuUsage();

async function begin(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => void setTimeout(resolve, 50));
  }
  delay.enable();
  delay.reset();
  before = process.cpuUsage();
}

function end(): Measured {
  const { user, system } = process.cpuUsage(before);
  delay.disable();
  return { cpu: (user + system) / 1e6, block: delay.max / 1e6 };
}

process.on('message', (message) => {
  if (message === 'begin') void begin().then(() => process.send?.('began'));
  else setTimeout(() => process.send?.(end()), 20);
});
const port = await (writer === 'prom-client' ? listenPromClient() : listenPlumbline());
process.send?.({ port, series: namespaces });
