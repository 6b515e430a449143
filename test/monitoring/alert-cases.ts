import { RetryLimiter } from '../../src/kube/retry-limiter.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** What an alert does while its metrics change, minute by minute; run by promtool. */
export interface AlertCase {
  readonly alert: string;
  /** Values in promtool's notation, one at each interval from time 0. */
  readonly series: Readonly<Record<string, string>>;
  /** Of the values, and of the rules; default a minute. */
  readonly interval?: '1h';
  /** At each time: the labels of what fires, without the alert's name. */
  readonly at: Readonly<Record<string, readonly Readonly<Record<string, string>>[]>>;
}

const status = (pod: string, control: string, severity: string, is: string, namespace = 'payments') =>
  `plumbline_control_status{job="plumbline-metrics",pod="${pod}",instance="${pod}:8080",namespace="${namespace}",` +
  `profile="reference-design",control="${control}",severity="${severity}",status="${is}"}`;
const own = (name: string, pod: string, labels = '') =>
  `${name}{job="plumbline-metrics",pod="${pod}",instance="${pod}:8080"${labels === '' ? '' : `,${labels}`}}`;
const evaluated = (pod: string) =>
  own(
    'plumbline_report_last_evaluated_timestamp_seconds',
    pod,
    'namespace="payments",profile="reference-design"',
  );

const job = { job: 'plumbline-metrics' };
const payments = { ...job, namespace: 'payments', profile: 'reference-design' };
const cluster = { ...job, profile: 'reference-design' };
const system = { ...job, namespace: 'plumbline-system' };
const critical = { severity: 'critical', control_severity: 'critical' };
const high = { severity: 'warning', control_severity: 'high' };

const failing = { ...system, severity: 'warning' };

/** How often one key has failed that fails for so long, minute by minute, and for another forty. */
function failedFor(minutes: number): string {
  let now = 0;
  const limiter = new RetryLimiter(Object.assign(new FakeClock(), { monotonic: () => now }));
  const failedAt: number[] = [];
  for (; now <= minutes * 60_000; now += limiter.next('key')) failedAt.push(now);
  const each = Array.from(
    { length: minutes },
    (_, minute) => failedAt.filter((at) => at <= minute * 60_000).length,
  );
  return `${each.join(' ')} ${each.at(-1)}x40`;
}

export const alertCases: Readonly<Record<string, AlertCase>> = {
  'a critical control that fails, after five minutes, until it passes': {
    alert: 'PlumblineNamespaceNonCompliant',
    series: {
      [status('a', 'RD-2.2.1', 'critical', 'Pass')]: '1x4 stale _x19 1x20',
      [status('a', 'RD-2.2.1', 'critical', 'Fail')]: '_x5 1x19 stale',
    },
    at: {
      '4m': [],
      '9m': [],
      '10m': [{ ...payments, ...critical }],
      '24m': [{ ...payments, ...critical }],
      '28m': [],
    },
  },
  'two controls of one severity are one alert, two severities are two': {
    alert: 'PlumblineNamespaceNonCompliant',
    series: {
      [status('a', 'RD-1', 'high', 'Fail')]: '1x20',
      [status('a', 'RD-2', 'high', 'Fail')]: '1x20',
      [status('a', 'RD-3', 'low', 'Fail')]: '1x20',
    },
    at: {
      '10m': [
        { ...payments, ...high },
        { ...payments, severity: 'info', control_severity: 'low' },
      ],
    },
  },
  'a control that is derived from others, which are counted': {
    alert: 'PlumblineNamespaceNonCompliant',
    series: {
      [status('a', 'RD-3.10.1', 'high', 'Fail')]: '1x20',
      [status('a', 'RD-2.3.1', 'low', 'Fail')]: '1x20',
    },
    at: { '10m': [{ ...payments, severity: 'info', control_severity: 'low' }] },
  },
  'what is unknown, warned of or for people is not non-compliant': {
    alert: 'PlumblineNamespaceNonCompliant',
    series: Object.fromEntries(
      ['Pass', 'Warn', 'Unknown', 'Manual', 'NotApplicable', 'Excepted'].map((is, index) => [
        status('a', `RD-${index}`, 'critical', is),
        '1x20',
      ]),
    ),
    at: { '15m': [] },
  },
  'a control of the cluster is no namespace, and a namespace is not the cluster': {
    alert: 'PlumblineNamespaceNonCompliant',
    series: { [status('a', 'RD-1', 'critical', 'Fail', '')]: '1x20' },
    at: { '15m': [] },
  },
  'a change of leader, of which nobody who is told hears': {
    alert: 'PlumblineNamespaceNonCompliant',
    series: {
      [status('a', 'RD-1', 'critical', 'Fail')]: '1x12 stale',
      [status('b', 'RD-1', 'critical', 'Fail')]: '_x14 1x20',
    },
    at: Object.fromEntries(
      ['11m', '12m', '13m', '14m', '15m', '20m'].map((time) => [time, [{ ...payments, ...critical }]]),
    ),
  },
  'a deleted namespace, which resolves': {
    alert: 'PlumblineNamespaceNonCompliant',
    series: { [status('a', 'RD-1', 'critical', 'Fail')]: '1x12 stale' },
    at: { '12m': [{ ...payments, ...critical }], '16m': [] },
  },
  'a control that begins to fail, for half an hour': {
    alert: 'PlumblineNamespaceGotWorse',
    series: {
      [evaluated('a')]: '0x100',
      [status('a', 'RD-1', 'high', 'Fail')]: '1x100',
      [status('a', 'RD-2', 'high', 'Pass')]: '1x39 stale',
      [status('a', 'RD-2', 'high', 'Fail')]: '_x39 1x60',
    },
    at: { '39m': [], '42m': [{ ...payments, ...high }], '65m': [{ ...payments, ...high }], '75m': [] },
  },
  'a control that passes again, at once': {
    alert: 'PlumblineNamespaceGotWorse',
    series: {
      [evaluated('a')]: '0x100',
      [status('a', 'RD-2', 'critical', 'Unknown')]: '1x39 stale _x4 1x50',
      [status('a', 'RD-2', 'critical', 'Fail')]: '_x39 1x5 stale',
    },
    at: { '43m': [{ ...payments, ...critical }], '50m': [] },
  },
  'a new namespace, or an operator that was just installed': {
    alert: 'PlumblineNamespaceGotWorse',
    series: { [evaluated('a')]: '_x39 0x60', [status('a', 'RD-1', 'high', 'Fail')]: '_x39 1x60' },
    at: { '42m': [], '60m': [], '80m': [] },
  },
  'a control that came with an upgrade or a profile, and what fails beside it as before': {
    alert: 'PlumblineNamespaceGotWorse',
    series: {
      [evaluated('a')]: '0x100',
      [status('a', 'RD-1', 'high', 'Fail')]: '1x100',
      [status('a', 'RD-2', 'high', 'Fail')]: '_x39 1x60',
    },
    at: { '42m': [], '60m': [], '68m': [], '80m': [] },
  },
  'a control that another leader finds worse than the one before it did': {
    alert: 'PlumblineNamespaceGotWorse',
    series: {
      [status('a', 'RD-1', 'high', 'Unknown')]: '1x49 stale',
      [status('b', 'RD-1', 'high', 'Fail')]: '_x51 1x60',
    },
    at: { '49m': [], '54m': [{ ...payments, ...high }], '90m': [] },
  },
  'a control with another severity, which failed before': {
    alert: 'PlumblineNamespaceGotWorse',
    series: {
      [status('a', 'RD-1', 'high', 'Fail')]: '1x39 stale',
      [status('a', 'RD-1', 'critical', 'Fail')]: '_x39 1x60',
    },
    at: { '42m': [], '60m': [] },
  },
  'a scrape that failed, half an hour later': {
    alert: 'PlumblineNamespaceGotWorse',
    series: { [status('a', 'RD-1', 'high', 'Fail')]: '1x39 stale 1x60' },
    at: { '45m': [], '70m': [], '71m': [], '72m': [], '75m': [] },
  },
  'a change of leader, of which nothing got worse': {
    alert: 'PlumblineNamespaceGotWorse',
    series: {
      [evaluated('a')]: '0x49 stale',
      [status('a', 'RD-1', 'high', 'Fail')]: '1x49 stale',
      [evaluated('b')]: '_x51 0x60',
      [status('b', 'RD-1', 'high', 'Fail')]: '_x51 1x60',
    },
    at: Object.fromEntries(
      ['48m', '52m', '55m', '79m', '80m', '81m', '83m', '90m'].map((time) => [time, []]),
    ),
  },
  'a high control that nobody knows of for an hour, until somebody does': {
    alert: 'PlumblineControlUnknown',
    series: {
      [status('a', 'RD-1', 'high', 'Unknown')]: '1x80 stale',
      [status('a', 'RD-2', 'low', 'Unknown')]: '1x200',
    },
    at: { '59m': [], '61m': [{ ...payments, severity: 'info' }], '90m': [] },
  },
  'a control that is derived from others, of which nobody knows': {
    alert: 'PlumblineControlUnknown',
    series: { [status('a', 'RD-3.10.1', 'high', 'Unknown')]: '1x80' },
    at: { '61m': [], '80m': [] },
  },
  'the same over a change of leader': {
    alert: 'PlumblineControlUnknown',
    series: {
      [status('a', 'RD-1', 'high', 'Unknown')]: '1x70 stale',
      [status('b', 'RD-1', 'high', 'Unknown')]: '_x72 1x20',
    },
    at: {
      '70m': [{ ...payments, severity: 'info' }],
      '72m': [{ ...payments, severity: 'info' }],
      '80m': [{ ...payments, severity: 'info' }],
    },
  },
  'the first grave event, with which the series begins, and no longer than ten minutes': {
    alert: 'PlumblineRuntimeFindings',
    series: {
      [own('plumbline_runtime_events_total', 'a', 'namespace="payments",priority="Critical"')]: '_x5 1x40',
      [own('plumbline_runtime_events_total', 'a', 'namespace="payments",priority="Notice"')]: '_x5 1+5x40',
    },
    at: {
      '4m': [],
      '5m': [{ ...job, namespace: 'payments', priority: 'Critical', severity: 'critical' }],
      '14m': [{ ...job, namespace: 'payments', priority: 'Critical', severity: 'critical' }],
      '16m': [],
    },
  },
  'another grave event of a series that is there': {
    alert: 'PlumblineRuntimeFindings',
    series: {
      [own('plumbline_runtime_events_total', 'a', 'namespace="payments",priority="Alert"')]: '7x30 8x30',
    },
    at: {
      '29m': [],
      '32m': [{ ...job, namespace: 'payments', priority: 'Alert', severity: 'critical' }],
      '45m': [],
    },
  },
  'a scrape that failed, ten minutes later': {
    alert: 'PlumblineRuntimeFindings',
    series: {
      [own('plumbline_runtime_events_total', 'a', 'namespace="payments",priority="Alert"')]:
        '1x20 stale 1x30',
    },
    at: Object.fromEntries(['20m', '25m', '30m', '31m', '32m', '36m', '40m'].map((time) => [time, []])),
  },
  'a replica that goes and takes its counters along': {
    alert: 'PlumblineRuntimeFindings',
    series: {
      [own('plumbline_runtime_events_total', 'a', 'namespace="payments",priority="Alert"')]: '7x30 stale',
      [own('plumbline_leader', 'b')]: '0x30 1x30',
    },
    at: { '29m': [], '32m': [], '45m': [] },
  },
  'a failing control of the cluster, told without a namespace, until it passes': {
    alert: 'PlumblineClusterNonCompliant',
    series: {
      [status('a', 'RD-3.5.1', 'high', 'Fail', '')]: '_x4 1x19 stale',
      [status('a', 'RD-1', 'high', 'Fail')]: '1x40',
    },
    at: { '4m': [], '10m': [{ ...cluster, ...high }], '27m': [] },
  },
  'a failing control of the cluster, over a change of leader': {
    alert: 'PlumblineClusterNonCompliant',
    series: {
      [status('a', 'RD-1', 'high', 'Fail', '')]: '1x12 stale',
      [status('b', 'RD-1', 'high', 'Fail', '')]: '_x14 1x20',
    },
    at: {
      '12m': [{ ...cluster, ...high }],
      '14m': [{ ...cluster, ...high }],
      '20m': [{ ...cluster, ...high }],
    },
  },
  'a control of the cluster that nobody knows of, until somebody does': {
    alert: 'PlumblineClusterControlUnknown',
    series: { [status('a', 'RD-1', 'critical', 'Unknown', '')]: '1x80 stale' },
    at: { '59m': [], '61m': [{ ...cluster, severity: 'info' }], '90m': [] },
  },
  'a source that was there and is not, until it is back': {
    alert: 'PlumblineEvidenceGone',
    series: {
      [own('plumbline_evidence_available', 'a', 'source="vulnerabilityreports"')]: '1x9 0x30 1x10',
      [own('plumbline_evidence_available', 'a', 'source="sbomreports"')]: '0x60',
    },
    at: {
      '9m': [],
      '15m': [],
      '21m': [{ ...system, source: 'vulnerabilityreports', severity: 'warning' }],
      '45m': [],
    },
  },
  'a replica that starts, and has read nothing yet, beside one that has': {
    alert: 'PlumblineEvidenceGone',
    series: {
      [own('plumbline_evidence_available', 'a', 'source="nodes"')]: '1x60',
      [own('plumbline_evidence_available', 'b', 'source="nodes"')]: '_x9 0x50',
    },
    at: { '30m': [], '60m': [] },
  },
  'evidence that is older than a week, until there is newer': {
    alert: 'PlumblineEvidenceStale',
    interval: '1h',
    series: {
      [own('plumbline_evidence_newest_timestamp_seconds', 'a', 'source="vulnerabilityreports"')]:
        '0x171 619200x9',
      [own('plumbline_evidence_available', 'a', 'source="vulnerabilityreports"')]: '1x181',
      [own('plumbline_evidence_newest_timestamp_seconds', 'b', 'source="falco"')]: '0x181',
    },
    at: {
      '168h': [],
      '171h': [{ ...system, source: 'vulnerabilityreports', severity: 'warning' }],
      '174h': [],
    },
  },
  'what a scanner left behind that was uninstalled, which is gone and not stale': {
    alert: 'PlumblineEvidenceStale',
    interval: '1h',
    series: {
      [own('plumbline_evidence_newest_timestamp_seconds', 'a', 'source="vulnerabilityreports"')]: '0x240',
      [own('plumbline_evidence_available', 'a', 'source="vulnerabilityreports"')]: '1x100 0x140',
    },
    at: { '171h': [], '200h': [], '240h': [] },
  },
  'no replica for five minutes, until there is one': {
    alert: 'PlumblineAbsent',
    series: { [own('plumbline_leader', 'a')]: '1x9 stale _x9 0x20' },
    at: { '9m': [], '14m': [], '15m': [{ namespace: 'plumbline-system', severity: 'critical' }], '21m': [] },
  },
  'one replica that is replaced by another': {
    alert: 'PlumblineAbsent',
    series: { [own('plumbline_leader', 'a')]: '1x9 stale', [own('plumbline_leader', 'b')]: '_x11 0x20' },
    at: { '11m': [], '15m': [], '20m': [] },
  },
  'replicas of which none leads for two minutes, until one does': {
    alert: 'PlumblineNotLeading',
    series: {
      [own('plumbline_leader', 'a')]: '1x9 0x20',
      [own('plumbline_leader', 'b')]: '0x19 1x10',
    },
    at: { '9m': [], '11m': [], '12m': [{ ...system, severity: 'critical' }], '20m': [] },
  },
  'a change of leader that takes a minute': {
    alert: 'PlumblineNotLeading',
    series: { [own('plumbline_leader', 'a')]: '1x9 0x20', [own('plumbline_leader', 'b')]: '0x10 1x20' },
    at: { '10m': [], '11m': [], '12m': [], '13m': [] },
  },
  'errors of one key, which is tried again ever later, until they end': {
    alert: 'PlumblineErrors',
    series: {
      [own('plumbline_reconcile_total', 'a', 'result="success"')]: '0+50x140',
      [own('plumbline_reconcile_total', 'a', 'result="error"')]: `0x9 ${failedFor(80)}`,
    },
    at: {
      '9m': [],
      '34m': [],
      ...Object.fromEntries(
        ['37m', '48m', '60m', '65m', '80m', '100m'].map((time) => [time, [{ ...failing, result: 'error' }]]),
      ),
      '104m': [],
    },
  },
  'errors that are gone within five minutes': {
    alert: 'PlumblineErrors',
    series: {
      [own('plumbline_reconcile_total', 'a', 'result="error"')]: `0x9 ${failedFor(5)}`,
    },
    at: Object.fromEntries(['20m', '30m', '34m', '36m', '40m', '54m'].map((time) => [time, []])),
  },
  'what is refused for good, with which the series begins, at every try, until it is taken': {
    alert: 'PlumblineErrors',
    series: {
      [own('plumbline_reconcile_total', 'a', 'result="terminal"')]: '_x9 1x59 2x59 3x100',
    },
    at: {
      '8m': [],
      ...Object.fromEntries(
        ['10m', '40m', '69m', '71m', '100m', '130m', '190m'].map((time) => [
          time,
          [{ ...failing, result: 'terminal' }],
        ]),
      ),
      '200m': [],
    },
  },
  'a refusal that is over, and a scrape that failed an hour before': {
    alert: 'PlumblineErrors',
    series: {
      [own('plumbline_reconcile_total', 'a', 'result="terminal"')]: '1x100 stale 1x100',
    },
    at: Object.fromEntries(['80m', '102m', '165m', '166m', '167m', '171m'].map((time) => [time, []])),
  },
  'a leader that has work and does none, until it does': {
    alert: 'PlumblineQueueStuck',
    series: {
      [own('plumbline_leader', 'a')]: '1x60',
      [own('plumbline_workqueue_depth', 'a')]: '0x9 5x30 0x20',
      [own('plumbline_reconcile_total', 'a', 'result="success"')]: '0+1x9 9x30 10+1x20',
    },
    at: { '20m': [], '27m': [{ ...system, severity: 'critical' }], '43m': [] },
  },
  'a leader that is busy, and one that stands by': {
    alert: 'PlumblineQueueStuck',
    series: {
      [own('plumbline_leader', 'a')]: '1x60',
      [own('plumbline_workqueue_depth', 'a')]: '50x60',
      [own('plumbline_reconcile_total', 'a', 'result="success"')]: '0+9x60',
      [own('plumbline_leader', 'b')]: '0x60',
      [own('plumbline_workqueue_depth', 'b')]: '50x60',
    },
    at: { '30m': [], '60m': [] },
  },
  'reports that nobody evaluated for two hours, counted, until somebody does': {
    alert: 'PlumblineReportsNotEvaluated',
    series: {
      [evaluated('a')]: '0x140 8400x60',
      [evaluated('a').replace('payments', 'webshop')]: '0x140 8400x60',
      [evaluated('a').replace('payments', 'legacy')]: '0+60x200',
    },
    at: { '119m': [], '124m': [], '130m': [{ ...system, severity: 'warning' }], '142m': [] },
  },
  'reports that another replica evaluates': {
    alert: 'PlumblineReportsNotEvaluated',
    series: { [evaluated('a')]: '0x200', [evaluated('b')]: '_x59 3600+60x140' },
    at: { '130m': [], '180m': [] },
  },
  'the first event that was dropped, for a quarter of an hour': {
    alert: 'PlumblineEventsDropped',
    series: {
      [own('plumbline_falco_events_total', 'a', 'result="dropped"')]: '_x10 3x40',
      [own('plumbline_falco_events_total', 'a', 'result="accepted"')]: '0+90x40',
    },
    at: {
      '9m': [],
      '10m': [{ ...system, result: 'dropped', severity: 'warning' }],
      '27m': [],
    },
  },
  'a scrape that failed, a quarter of an hour later': {
    alert: 'PlumblineEventsDropped',
    series: {
      [own('plumbline_falco_events_total', 'a', 'result="dropped"')]: '3x30 stale 3x40',
    },
    at: Object.fromEntries(['31m', '45m', '46m', '47m', '51m'].map((time) => [time, []])),
  },
  'a replica that cannot store, beside one that can, until it can': {
    alert: 'PlumblineEventsNotStored',
    series: {
      [own('plumbline_intake_store_available', 'a')]: '1x9 0x20 1x20',
      [own('plumbline_intake_store_available', 'b')]: '1x60',
    },
    at: { '9m': [], '14m': [], '16m': [{ ...system, severity: 'warning' }], '35m': [] },
  },
};
