import type { MetricName } from './metric-table.ts';
import { metricTable } from './metric-table.ts';

/** One report as its metrics need it. */
export interface ReportSample {
  readonly namespace: string;
  readonly profile: string;
  readonly compliant: boolean;
  /** 0 to 100; absent where nothing could be scored. */
  readonly score?: number;
  readonly controls: readonly { readonly id: string; readonly severity: string; readonly status: string }[];
  readonly findings: Readonly<Record<string, number>>;
  /** Milliseconds since the epoch. */
  readonly evaluatedAt: number;
}

const reportsPerChunk = 25;

/**
 * The verdicts as Prometheus text, straight from the reports. Silent until `open`, since a gauge that appears with half
 * of its namespaces looks like a change; a report that is removed leaves no series.
 */
export class VerdictSeries {
  readonly #reports = new Map<string, ReportSample>();
  #open = false;

  set(sample: ReportSample): void {
    this.#reports.set(`${sample.namespace}/${sample.profile}`, sample);
  }

  delete(namespace: string, profile: string): void {
    this.#reports.delete(`${namespace}/${profile}`);
  }

  open(): void {
    this.#open = true;
  }

  *chunks(): Generator<string> {
    if (!this.#open) return;
    // Whoever reads slowly must not see a report twice that is deleted and made again meanwhile.
    const reports = [...this.#reports.values()];
    yield* family(reports, 'plumbline_control_status', controlLines);
    yield* family(reports, 'plumbline_report_compliant', (r) =>
      line('report_compliant', names(r), r.compliant ? 1 : 0),
    );
    yield* family(reports, 'plumbline_report_score_ratio', (r) =>
      r.score === undefined ? '' : line('report_score_ratio', names(r), r.score / 100),
    );
    yield* family(reports, 'plumbline_findings', (r) =>
      Object.entries(r.findings)
        .map(([severity, count]) => line('findings', `${names(r)},severity="${severity}"`, count))
        .join(''),
    );
    yield* family(reports, 'plumbline_report_last_evaluated_timestamp_seconds', (r) =>
      line('report_last_evaluated_timestamp_seconds', names(r), r.evaluatedAt / 1_000),
    );
  }
}

function* family(
  reports: readonly ReportSample[],
  name: MetricName,
  write: (report: ReportSample) => string,
): Generator<string> {
  const { help, type } = metricTable[name];
  let chunk = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  for (const [index, report] of reports.entries()) {
    chunk += write(report);
    if ((index + 1) % reportsPerChunk === 0) {
      yield chunk;
      chunk = '';
    }
  }
  if (chunk !== '') yield chunk;
}

const controlLines = (report: ReportSample) =>
  report.controls
    .map(({ id, severity, status }) =>
      line('control_status', `${names(report)},control="${id}",severity="${severity}",status="${status}"`, 1),
    )
    .join('');

/** Names of Kubernetes objects need no escaping: they hold neither quote, backslash nor line end. */
const names = ({ namespace, profile }: ReportSample) => `namespace="${namespace}",profile="${profile}"`;

const line = (name: string, labels: string, value: number) => `plumbline_${name}{${labels}} ${value}\n`;
