import type { Format } from './exposition-format.ts';
import { escapeLabel, family, label, line } from './exposition-format.ts';

/** One report as its metrics need it. */
export interface ReportSample {
  readonly namespace: string;
  readonly profile: string;
  readonly compliant: boolean;
  /** 0 to 100; absent where nothing could be scored. */
  readonly score?: number;
  readonly controls: readonly ControlSample[];
  readonly findings: Readonly<Record<string, number>>;
  /** Milliseconds since the epoch. */
  readonly evaluatedAt: number;
}

interface ControlSample {
  readonly id: string;
  readonly severity: string;
  readonly status: string;
}

/**
 * The verdicts as text, straight from the reports. Silent until `open`, since a gauge that appears with half
 * of its namespaces looks like a change; a report that is removed leaves no series.
 */
export class VerdictSeries {
  readonly #reports = new Map<string, ReportSample>();
  readonly #exists: (namespace: string) => boolean;
  #open = false;

  /** @param exists a namespace that is gone has no series, also while its report still waits to be forgotten */
  constructor(exists: (namespace: string) => boolean = () => true) {
    this.#exists = exists;
  }

  set(sample: ReportSample): void {
    this.#reports.set(`${sample.namespace}/${sample.profile}`, sample);
  }

  delete(namespace: string, profile: string): void {
    this.#reports.delete(`${namespace}/${profile}`);
  }

  open(): void {
    this.#open = true;
  }

  *chunks(format: Format = 'text'): Generator<string> {
    if (!this.#open) return;
    // Whoever reads slowly must not see a report twice that is deleted and made again meanwhile.
    const reports = [...this.#reports.values()].filter(
      ({ namespace }) => namespace === '' || this.#exists(namespace),
    );
    yield* family(format, 'plumbline_control_status', each(reports, controlLines));
    yield* family(
      format,
      'plumbline_report_compliant',
      each(reports, (r) => line('plumbline_report_compliant', names(r), r.compliant ? 1 : 0)),
    );
    yield* family(
      format,
      'plumbline_report_score_ratio',
      each(reports, (r) =>
        r.score === undefined ? '' : line('plumbline_report_score_ratio', names(r), r.score / 100),
      ),
    );
    yield* family(format, 'plumbline_findings', each(reports, findingLines));
    yield* family(
      format,
      'plumbline_report_last_evaluated_timestamp_seconds',
      each(reports, (r) =>
        line('plumbline_report_last_evaluated_timestamp_seconds', names(r), r.evaluatedAt / 1_000),
      ),
    );
  }
}

function* each(reports: readonly ReportSample[], write: (report: ReportSample) => string): Generator<string> {
  for (const report of reports) yield write(report);
}

/** What follows the names of a report. Most namespaces share the verdicts of a control, so that there are few of them. */
const tails = new WeakMap<ControlSample, string>();

function tailOf(control: ControlSample): string {
  const known = tails.get(control);
  if (known !== undefined) return known;
  const { id, severity, status } = control;
  const tail = `,${label('control', id)},${label('severity', severity)},${label('status', status)}} 1\n`;
  tails.set(control, tail);
  return tail;
}

function controlLines(report: ReportSample): string {
  const start = `plumbline_control_status{${names(report)}`;
  let text = '';
  for (const control of report.controls) text += start + tailOf(control);
  return text;
}

const findingLines = (report: ReportSample): string =>
  Object.entries(report.findings)
    .map(([severity, count]) =>
      line('plumbline_findings', `${names(report)},${label('severity', severity)}`, count),
    )
    .join('');

const names = ({ namespace, profile }: ReportSample): string =>
  `namespace="${escapeLabel(namespace)}",profile="${escapeLabel(profile)}"`;
