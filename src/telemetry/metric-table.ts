/** Every metric, declared once: the registry, the verdict writer and the documentation all read this table. */
export interface MetricDescription {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds in the metric's unit, for histograms. */
  readonly buckets?: readonly number[];
}

const metric = (
  type: MetricDescription['type'],
  help: string,
  labels: readonly string[] = [],
  buckets?: readonly number[],
): MetricDescription => ({ type, help, labels, ...(buckets === undefined ? {} : { buckets }) });

export const metricTable = {
  plumbline_control_status: metric(
    'gauge',
    'The present status of a control, 1; other statuses have no series. The namespace is empty for cluster controls.',
    ['namespace', 'profile', 'control', 'severity', 'status'],
  ),
  plumbline_report_compliant: metric('gauge', 'Whether the report is Compliant: 1 or 0.', [
    'namespace',
    'profile',
  ]),
  plumbline_report_score_ratio: metric('gauge', 'The score of a report, 0 to 1.', ['namespace', 'profile']),
  plumbline_findings: metric('gauge', 'Findings of failing controls, by severity.', [
    'namespace',
    'profile',
    'severity',
  ]),
  plumbline_report_last_evaluated_timestamp_seconds: metric(
    'gauge',
    'When the namespace was last evaluated.',
    ['namespace', 'profile'],
  ),
  plumbline_runtime_events_total: metric('counter', 'Runtime events that were counted for a namespace.', [
    'namespace',
    'priority',
  ]),
  plumbline_evidence_available: metric('gauge', 'Whether a source of evidence can be read: 1 or 0.', [
    'source',
  ]),
  plumbline_evidence_newest_timestamp_seconds: metric(
    'gauge',
    'The date of the newest evidence of a source.',
    ['source'],
  ),
  plumbline_reconcile_total: metric(
    'counter',
    'Reconciles of a namespace, a profile or a RuntimeReport, by how they ended.',
    ['result'],
  ),
  plumbline_reconcile_duration_seconds: metric(
    'histogram',
    'Time that one reconcile took.',
    [],
    [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
  ),
  plumbline_workqueue_depth: metric('gauge', 'Keys that wait for a worker.'),
  plumbline_workqueue_adds_total: metric('counter', 'Keys added to the queue.'),
  plumbline_workqueue_retries_total: metric('counter', 'Keys added again after an error.'),
  plumbline_watch_restarts_total: metric('counter', 'Watches that were opened again.', [
    'resource',
    'reason',
  ]),
  plumbline_watch_relists_total: metric('counter', 'Full reads of a resource.', ['resource']),
  plumbline_store_objects: metric('gauge', 'Objects held in memory.', ['resource']),
  plumbline_api_requests_total: metric('counter', 'Requests to the API server.', [
    'verb',
    'resource',
    'code',
  ]),
  plumbline_kubernetes_events_total: metric(
    'counter',
    'Kubernetes Events about transitions, by what became of them: created, repeated (counted in the series of an ' +
      'Event), known (told before), failed or dropped.',
    ['result'],
  ),
  plumbline_leader: metric(
    'gauge',
    'Whether this replica writes the reports, and shows the metrics of verdicts: 1 or 0.',
  ),
  plumbline_falco_events_total: metric(
    'counter',
    'Events that the Falco intake received, by what became of them.',
    ['result'],
  ),
  plumbline_falco_events_unstored_total: metric(
    'counter',
    'Events that were taken and held in memory alone, because the store could not be written.',
  ),
  plumbline_runtime_events_unmarked_total: metric(
    'counter',
    'Events that were added to a RuntimeReport beyond those that it remembers: a copy of one that another replica took counts twice.',
  ),
  plumbline_intake_store_available: metric(
    'gauge',
    'Whether events are kept on disk until they are in a RuntimeReport: 1 or 0. No series where no store is set.',
  ),
  plumbline_intake_store_bytes: metric('gauge', 'Size of the file in which events are kept.'),
  plumbline_intake_commit_duration_seconds: metric(
    'histogram',
    'Time from an event being taken up to be written until it is on the disk.',
    [],
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
  ),
} as const satisfies Readonly<Record<string, MetricDescription>>;

export type MetricName = keyof typeof metricTable;

/** Base units, by which the names end; what counts things has none. */
const units = ['seconds', 'bytes', 'ratio'] as const;

/** The unit of a metric, which its name declares. */
export const unitOf = (name: MetricName): (typeof units)[number] | undefined =>
  units.find((unit) => name.replace(/_total$/, '').endsWith(`_${unit}`));
