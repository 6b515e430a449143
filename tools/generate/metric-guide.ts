import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { priorities } from '../../src/domain/runtime.ts';
import { sourceNames } from '../../src/domain/snapshot.ts';
import { severities, statuses } from '../../src/domain/verdict.ts';
import type { EventResult } from '../../src/intake/falco-intake.ts';
import type { Ending } from '../../src/kube/watch-machine.ts';
import type { MetricName } from '../../src/telemetry/metric-table.ts';

/** What a person wants to know of a metric beside its help. */
export interface MetricGuide {
  /** The question that it answers. */
  readonly use: string;
  /** How many series it has at most; absent where it has no labels. */
  readonly series?: string;
  /** What labels hold, where that is not what they hold elsewhere. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface MetricGroup {
  readonly title: string;
  readonly text: string;
  readonly metrics: Readonly<Partial<Record<MetricName, MetricGuide>>>;
}

const among = (values: readonly string[]) => values.map((value) => `\`${value}\``).join(', ');
const own = catalogue.filter((control) => !('evaluateCluster' in control)).length;
const ofCluster = catalogue.length - own;
const perReport = 'namespaces × profiles that select them, and one for each profile for the cluster itself';

const endings: Readonly<Record<Ending, true>> = {
  ended: true,
  short: true,
  cut: true,
  idle: true,
  silent: true,
  expired: true,
  'rolled-back': true,
  absent: true,
  forbidden: true,
  unauthorized: true,
  throttled: true,
  'server-error': true,
  refused: true,
  unreachable: true,
  'out-of-reach': true,
  'bad-frame': true,
  unfinished: true,
  'no-watch-list': true,
  internal: true,
};

/** One that is held is counted when it is known as what. */
const eventResults: Readonly<Record<Exclude<EventResult, 'held'>, true>> = {
  accepted: true,
  duplicate: true,
  rejected: true,
  unattributed: true,
  dropped: true,
};

/** What a label holds, wherever it stands. */
export const labelValues: Readonly<Record<string, string>> = {
  namespace: 'a namespace; empty for what is judged of the cluster',
  profile: 'a ComplianceProfile, or `reference-design`, which is built in',
  control: 'an id of the [catalogue](controls/README.md)',
  severity: `${among(severities)}, as the profile sets it`,
  status: among(statuses),
  priority: among(priorities),
  source: among(sourceNames),
  resource: 'what is watched, as kubectl names it: `pods`, `deployments.apps`',
};

/** In the order of the page; every metric of the table stands in one of them. */
export const metricGroups: readonly MetricGroup[] = [
  {
    title: 'Verdicts',
    text: 'From the replica that leads alone, and all at once, when it has judged every namespace. They follow the judgement, also where the write of a report is put off.',
    metrics: {
      plumbline_control_status: {
        use: 'Which controls fail, in which namespace, and since when: `plumbline_control_status{status="Fail",severity="critical"}`. The series of another status ends when this one begins.',
        series: `namespaces × profiles that select them × ${own} controls, and ${ofCluster} of the cluster for each profile`,
      },
      plumbline_report_compliant: {
        use: 'Which namespaces have a report that is anything else than Compliant.',
        series: perReport,
      },
      plumbline_report_score_ratio: {
        use: 'A trend. No series where nothing could be scored.',
        series: perReport,
      },
      plumbline_findings: {
        use: 'How much there is to do, and whether it gets less.',
        series: `four times: ${perReport}`,
      },
      plumbline_report_last_evaluated_timestamp_seconds: {
        use: 'Whether reports are kept up to date: every namespace is judged once an hour at least.',
        series: perReport,
      },
    },
  },
  {
    title: 'Evidence',
    text: 'From each replica, of what it sees itself.',
    metrics: {
      plumbline_evidence_available: {
        use: 'Which sources are absent or forbidden, so that what rests on them is Unknown. `falco` is 1 from the first event on: whether sensors run says RD-3.5.1, and whether a namespace is watched now RD-2.5.1.',
        series: String(sourceNames.length),
      },
      plumbline_evidence_newest_timestamp_seconds: {
        use: 'Whether a source still brings something new. No series where its evidence bears no date.',
        series: String(sourceNames.length),
      },
      plumbline_runtime_events_total: {
        use: 'Where Falco sees much. Each replica counts what it took itself: add them up (`sum without (pod, instance)`). A copy that reaches two replicas is counted by both.',
        series: `namespaces × ${priorities.length}`,
        labels: { namespace: 'a namespace that is there' },
      },
    },
  },
  {
    title: 'The engine',
    text: 'From each replica, of itself.',
    metrics: {
      plumbline_leader: { use: 'Who leads. That nobody does shows as `max(plumbline_leader) == 0`.' },
      plumbline_reconcile_total: {
        use: 'Whether judging and writing goes well.',
        series: '3',
        labels: {
          result: '`success`, `error` (it is tried again), `terminal` (trying again cannot help)',
        },
      },
      plumbline_reconcile_duration_seconds: { use: 'How long a namespace takes.' },
      plumbline_workqueue_depth: { use: 'Whether work piles up.' },
      plumbline_workqueue_adds_total: { use: 'How much changes.' },
      plumbline_workqueue_retries_total: { use: 'How much of the work is done in vain.' },
      plumbline_kubernetes_events_total: {
        use: 'Whether transitions reach who reads Kubernetes Events.',
        series: '5',
        labels: {
          result: '`created`, `repeated`, `known`, `failed`, `dropped`',
        },
      },
      plumbline_watch_restarts_total: {
        use: 'Whether watches break more often than a server ends them (every four to five minutes).',
        series: `resources × ${Object.keys(endings).length}`,
        labels: { reason: among(Object.keys(endings)) },
      },
      plumbline_watch_relists_total: {
        use: 'Whether resources are read in full more often than once.',
        series: 'resources',
      },
      plumbline_store_objects: { use: 'What the memory is filled with.', series: 'resources' },
      plumbline_api_requests_total: {
        use: 'What the operator costs the API server, and what it is refused.',
        series: 'verbs × resources × codes, of which few occur',
        labels: {
          verb: '`get`, `list`, `watch`, `create`, `update`, `patch`, `apply`, `delete`',
          resource:
            'as above, with its subresource (`pods/status`); the first part of any other path, or `other`',
          code: 'the HTTP status; `error`, `timeout` or `aborted` where none came',
        },
      },
    },
  },
  {
    title: 'The intake of Falco events',
    text: 'From each replica, of what it received.',
    metrics: {
      plumbline_falco_events_total: {
        use: 'Whether events arrive, and whether some are lost.',
        series: String(Object.keys(eventResults).length),
        labels: { result: among(Object.keys(eventResults)) },
      },
      plumbline_falco_events_unstored_total: { use: 'Whether events would be lost with the process.' },
      plumbline_runtime_events_unmarked_total: {
        use: 'Whether more events came between two writes of a report than their copies could be told from.',
      },
      plumbline_intake_store_available: { use: 'Whether the volume of a replica can be written.' },
      plumbline_intake_store_bytes: { use: 'How near the file is to its bound.' },
      plumbline_intake_commit_duration_seconds: { use: 'Whether the disk is quick enough.' },
    },
  },
];
