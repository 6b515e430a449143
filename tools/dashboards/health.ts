import { codeColumn, column, controlColumn, countColumn, severityColumn } from './columns.ts';
import { buildDashboard, heading, shelf, variables } from './dashboard.ts';
import { toRunbook, uids } from './links.ts';
import { colorSeries, noneIsGood, steps, words } from './looks.ts';
import type { Dashboard } from './model.ts';
import { lines, row, stat, table, timeline } from './panels.ts';
import { gauge, grown, orZero, quantile, rate, series, unknown } from './promql.ts';

const replicas = series('plumbline_leader', 'operator');
const sources = gauge('plumbline_evidence_available', 'operator');
const readable = words([
  ['1', 'Can be read', 'green'],
  ['0', 'Cannot be read', 'red'],
]);
const judged = gauge('plumbline_report_last_evaluated_timestamp_seconds', 'operator');
const lost = series('plumbline_falco_events_total', 'operator', 'result=~"dropped|rejected"');
const failures = series('plumbline_reconcile_total', 'operator', 'result!="success"');

const numbers = shelf(
  4,
  [
    4,
    stat(`sum(${replicas})`, {
      title: 'Leaders',
      links: [toRunbook('PlumblineNotLeading')],
      description:
        'Replicas that write reports: one. None: nothing is judged. Two for longer than a scrape: the Lease is not kept.',
      thresholds: steps('red', [1, 'green'], [2, 'red']),
    }),
  ],
  [
    4,
    stat(`count(${replicas})`, {
      title: 'Replicas',
      links: [toRunbook('PlumblineAbsent')],
      description: 'Replicas that Prometheus reaches.',
      trend: true,
    }),
  ],
  [
    4,
    stat(orZero(`count(${sources} == 0)`, `count(${sources})`), {
      title: 'Sources not readable',
      links: [toRunbook('PlumblineEvidenceGone')],
      description:
        'Sources of evidence that are absent or forbidden. What rests on them alone is Unknown. A Falco that has fallen silent is not among them: RD-2.5.1 and RD-3.5.1 tell of it.',
      thresholds: noneIsGood(),
      trend: true,
    }),
  ],
  [
    4,
    stat(`time() - min(${judged})`, {
      title: 'Oldest verdict',
      links: [toRunbook('PlumblineReportsNotEvaluated')],
      description:
        'How long ago the namespace was judged that waits longest. Each is judged once an hour at least.',
      unit: 's',
      decimals: 0,
      thresholds: steps('green', [4_500, 'yellow'], [7_200, 'red']),
    }),
  ],
  [
    4,
    stat(grown(lost, `count(${replicas})`), {
      title: 'Runtime events lost',
      links: [toRunbook('PlumblineEventsDropped')],
      description: 'Events that were refused or dropped in the time shown.',
      decimals: 0,
      thresholds: noneIsGood(),
    }),
  ],
  [
    4,
    stat(grown(failures, `count(${replicas})`), {
      title: 'Failed reconciles',
      links: [toRunbook('PlumblineErrors')],
      description:
        'Attempts that ended with an error in the time shown. They are tried again; the log says why.',
      decimals: 0,
      thresholds: noneIsGood(),
    }),
  ],
);

const evidence = [
  shelf(
    11,
    [
      10,
      table(
        [
          `max by (cluster, source) (${sources})`,
          `1000 * max by (cluster, source) (${gauge('plumbline_evidence_newest_timestamp_seconds', 'operator')})`,
        ],
        [
          column('cluster', 'Cluster'),
          column('source', 'Source', ['custom.minWidth', 160]),
          codeColumn('Value #A', 'State', readable),
          column('Value #B', 'Newest evidence', ['unit', 'dateTimeFromNow']),
        ],
        {
          title: 'Sources of evidence',
          description:
            'Whether each can be read, and the date of the newest that it gave, where it bears one. Why one cannot be read stands in the ComplianceSummary.',
          sortBy: 'Newest evidence',
        },
      ),
    ],
    [
      14,
      timeline([`max by (source) (${sources})`, '{{source}}'], {
        title: 'Sources over time',
        description: 'When a source could be read, and when not.',
        unit: 'none',
        mappings: [readable],
      }),
    ],
  ),
  shelf(
    9,
    [
      12,
      table(
        [`topk(20, count by (control, severity) (${unknown('operator')}))`],
        [controlColumn, severityColumn, countColumn('Value', 'Reports', 'purple')],
        {
          title: 'Controls that are unknown most',
          description:
            'In how many reports evidence is missing for a control, over all profiles: where a source that is set up pays most.',
          sortBy: 'Reports',
        },
      ),
    ],
    [
      12,
      lines([[`60 * ${rate('plumbline_falco_events_total', 'result')}`, '{{result}}']], {
        title: 'Falco events',
        description:
          'What the intake received, a minute, and what became of it. Duplicate: it was there already. Unattributed: it names no namespace.',
        unit: 'cpm',
        overrides: colorSeries({
          accepted: 'green',
          duplicate: 'blue',
          unattributed: 'yellow',
          rejected: 'orange',
          dropped: 'red',
        }),
      }),
    ],
  ),
];

/** Zero for a resource that is watched and of which nothing was counted yet. */
const busiest = (metric: 'plumbline_watch_restarts_total' | 'plumbline_watch_relists_total') => {
  const watched = `sum by (resource) (${series('plumbline_store_objects', 'operator')})`;
  return `topk(10, ${orZero(`60 * ${rate(metric, 'resource')}`, watched)})`;
};

const byPod = 'pod, instance';

const work = [
  shelf(
    8,
    [
      8,
      lines([[rate('plumbline_reconcile_total', 'result'), '{{result}}']], {
        title: 'Reconciles',
        description: 'Namespaces, profiles and RuntimeReports judged or written a second, by how it ended.',
        unit: 'ops',
        overrides: colorSeries({ success: 'green', error: 'orange', terminal: 'red' }),
      }),
    ],
    [
      8,
      lines(
        [
          [quantile(0.5, 'plumbline_reconcile_duration_seconds'), 'median'],
          [quantile(0.99, 'plumbline_reconcile_duration_seconds'), '99 %'],
        ],
        {
          title: 'Time of a reconcile',
          description: 'How long one takes. A gap: none ended.',
          unit: 's',
        },
      ),
    ],
    [
      8,
      lines(
        [
          [`sum(${series('plumbline_workqueue_depth', 'operator')})`, 'waiting'],
          [
            `60 * sum(rate(${series('plumbline_workqueue_adds_total', 'operator')}[$__rate_interval]))`,
            'added a minute',
          ],
          [
            `60 * sum(rate(${series('plumbline_workqueue_retries_total', 'operator')}[$__rate_interval]))`,
            'tried again a minute',
          ],
        ],
        {
          title: 'Queue',
          links: [toRunbook('PlumblineQueueStuck')],
          description:
            'Keys that wait for a worker, and how many come. A depth that does not fall: the operator does not keep up.',
          overrides: colorSeries({
            waiting: 'orange',
            'added a minute': 'blue',
            'tried again a minute': 'red',
          }),
        },
      ),
    ],
  ),
  shelf(
    8,
    [
      8,
      lines([[rate('plumbline_api_requests_total', 'code'), '{{code}}']], {
        title: 'Requests to the API server',
        description:
          'A second, by the answer. 409 and 429 are tried again; many of 403 mean that rights are missing.',
        unit: 'reqps',
      }),
    ],
    [
      8,
      lines([[busiest('plumbline_watch_restarts_total'), '{{resource}}']], {
        title: 'Watches opened again',
        description:
          'A minute, the ten resources with most. The server ends each now and then, and what is not installed is asked for again; what stands out has trouble.',
        unit: 'cpm',
      }),
    ],
    [
      8,
      lines([[busiest('plumbline_watch_relists_total'), '{{resource}}']], {
        title: 'Full reads',
        description:
          'A minute, the ten resources with most. One for each at the start, and seldom afterwards: they cost the API server most.',
        unit: 'cpm',
      }),
    ],
  ),
  shelf(
    8,
    [
      8,
      lines(
        [[`topk(10, max by (resource) (${series('plumbline_store_objects', 'operator')}))`, '{{resource}}']],
        {
          title: 'Objects in memory',
          description: 'The ten resources of which most is kept, in one replica.',
        },
      ),
    ],
    [
      8,
      lines([[`60 * ${rate('plumbline_kubernetes_events_total', 'result')}`, '{{result}}']], {
        title: 'Kubernetes Events about transitions',
        description:
          'A minute, by what became of them. Failed or dropped ones are lost; the transitions of the report are not.',
        unit: 'cpm',
        overrides: colorSeries({
          created: 'green',
          repeated: 'blue',
          known: '#8e8e8e',
          failed: 'red',
          dropped: 'orange',
        }),
      }),
    ],
    [
      8,
      timeline([`max by (${byPod}) (${replicas})`, '{{pod}} {{instance}}'], {
        title: 'Who leads',
        description: 'Each replica, and when it led.',
        unit: 'none',
        mappings: [
          words([
            ['1', 'Leads', 'green'],
            ['0', 'Stands by', 'blue'],
          ]),
        ],
      }),
    ],
  ),
];

const store = shelf(
  7,
  [
    5,
    timeline(
      [
        `min by (${byPod}) (${series('plumbline_intake_store_available', 'operator')})`,
        '{{pod}} {{instance}}',
      ],
      {
        title: 'Events are kept on disk',
        description:
          'Whether a replica can write the events that it takes to its volume. Where no volume is set, they are in memory alone.',
        unit: 'none',
        mappings: [
          words([
            ['1', 'On disk', 'green'],
            ['0', 'In memory alone', 'red'],
          ]),
        ],
      },
    ),
  ],
  [
    5,
    lines(
      [[`max by (${byPod}) (${series('plumbline_intake_store_bytes', 'operator')})`, '{{pod}} {{instance}}']],
      {
        title: 'Size of the store',
        description: 'The file of each replica in which events lie until they are in a RuntimeReport.',
        unit: 'bytes',
      },
    ),
  ],
  [
    5,
    lines(
      [
        [quantile(0.5, 'plumbline_intake_commit_duration_seconds'), 'median'],
        [quantile(0.99, 'plumbline_intake_commit_duration_seconds'), '99 %'],
      ],
      {
        title: 'Time until an event is on disk',
        description: 'Falco is answered only then. A gap: no event came.',
        unit: 's',
      },
    ),
  ],
  [
    5,
    stat(grown(series('plumbline_falco_events_unstored_total', 'operator'), `count(${replicas})`), {
      title: 'Held in memory alone',
      links: [toRunbook('PlumblineEventsNotStored')],
      description:
        'Events in the time shown that were taken though the store could not be written: a crash would lose them.',
      decimals: 0,
      thresholds: noneIsGood('orange'),
    }),
  ],
  [
    4,
    stat(grown(series('plumbline_runtime_events_unmarked_total', 'operator'), `count(${replicas})`), {
      title: 'Beyond what is remembered',
      description:
        'Events in the time shown that were added to a RuntimeReport beyond those that it remembers: so many copies, at most, may count twice.',
      decimals: 0,
      thresholds: noneIsGood('orange'),
    }),
  ],
);

/** For the platform team: can what the other dashboards say be believed? */
export const health: Dashboard = buildDashboard({
  uid: uids.health,
  title: 'Plumbline / Evidence and operator',
  description: 'Whether the evidence is there and fresh, and whether the operator does its work.',
  time: '6h',
  variables: variables.operator,
  shelves: [
    numbers,
    heading(row('Evidence')),
    ...evidence,
    heading(row('The operator at work')),
    ...work,
    heading(row('Where runtime events are kept')),
    store,
  ],
});
