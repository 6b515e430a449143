import { counted } from '../counted.ts';
import {
  codeColumn,
  controlColumn,
  requirementColumn,
  scoreSteps,
  severityColumn,
  statusColumn,
} from './columns.ts';
import { buildDashboard, heading, shelf, variables } from './dashboard.ts';
import { uids } from './links.ts';
import {
  colorSeries,
  noneIsGood,
  priorityColors,
  severityColors,
  statusCodes,
  statusCodeWords,
  statusColors,
  words,
} from './looks.ts';
import type { Dashboard } from './model.ts';
import { bars, lines, row, stat, table, timeline } from './panels.ts';
import type { Scope } from './promql.ts';
import {
  byRequirement,
  bySeverity,
  failing,
  gauge,
  growth,
  orZero,
  rate,
  series,
  status,
  unknown,
} from './promql.ts';

const report = gauge('plumbline_report_compliant', 'namespaces');
const count = `count(${report})`;

/** NonCompliant, Unknown, Compliant, NotAssessed as 3, 2, 1, 0. */
const state = `max(3 * ${failing('namespaces')} or 2 * ${unknown('namespaces')} or ${report})`;

const states = words([
  ['3', 'NonCompliant', 'red'],
  ['2', 'Unknown', 'purple'],
  ['1', 'Compliant', 'green'],
  ['0', 'NotAssessed', 'text'],
]);

/** Each control's status as its code. */
const codes = (scope: Scope): string =>
  Object.entries(statusCodes)
    .map(([name, code]) => `${code} * ${status(scope, `status="${name}"`)}`)
    .join(' or ');

/** What has had more than one status in the time that is shown. */
const changed = (scope: Scope): string => {
  const seen = `present_over_time(${series('plumbline_control_status', scope)}[$__range] @ end())`;
  return `count by (control) (count by (control, status) (${seen})) > 1`;
};

const timelineOf = (scope: Scope): string =>
  `max by (control) (${codes(scope)}) and on (control) (${changed(scope)})`;

const numbers = shelf(
  4,
  [
    4,
    stat(state, {
      title: 'State',
      description:
        'NonCompliant: a control fails. Unknown: none fails, and for one evidence is missing. Compliant: all that applies passes. No data: the namespace is not judged, or nobody leads.',
      mappings: [states],
    }),
  ],
  [
    4,
    stat(`max(${gauge('plumbline_report_score_ratio', 'namespaces')})`, {
      title: 'Score',
      description:
        'The weight of what passes, with half of what warns: critical 10, high 5, medium 2, low 1. It ranks; it is no verdict.',
      unit: 'percentunit',
      decimals: 0,
      thresholds: scoreSteps,
      trend: true,
    }),
  ],
  [
    4,
    stat(orZero(`count(${failing('namespaces', counted)})`, count), {
      title: 'Failing',
      description:
        'Controls that at least one subject of the namespace breaks. Those that are derived from others are listed below and not counted, as in kubectl.',
      thresholds: noneIsGood(),
      trend: true,
    }),
  ],
  [
    4,
    stat(orZero(`count(${unknown('namespaces', counted)})`, count), {
      title: 'Unknown',
      description:
        'Controls for which evidence is missing, stale, partial or hidden. The report names the reason. Those that are derived from others are not counted.',
      thresholds: noneIsGood('purple'),
      trend: true,
    }),
  ],
  [
    4,
    stat(orZero(`count(${status('namespaces', counted, 'status="Manual"')})`, count), {
      title: 'For people',
      description: 'Controls that only people can answer, and that nobody has.',
      thresholds: noneIsGood('blue'),
    }),
  ],
  [
    4,
    stat(`1000 * max(${gauge('plumbline_report_last_evaluated_timestamp_seconds', 'namespaces')})`, {
      title: 'Judged',
      description: 'When the namespace was last judged: after each change, and once an hour.',
      unit: 'dateTimeFromNow',
    }),
  ],
);

const failed = table(
  [bySeverity('control, severity, status', (severity) => failing('namespaces', severity))],
  [controlColumn, severityColumn],
  {
    title: 'Controls that fail',
    description:
      'Worst first. Click one to read what it demands and how to fix it; which workloads break it stands in the report: kubectl describe compliancereport.',
  },
);

const open = table(
  [
    bySeverity('control, severity, status', (severity) =>
      status('namespaces', severity, 'status=~"Unknown|Manual|Warn|Excepted"'),
    ),
  ],
  [controlColumn, severityColumn, statusColumn],
  {
    title: 'Controls that are not settled',
    description:
      'Unknown: evidence is missing. Manual: only people can answer. Warn: met, but fragile. Excepted: a deviation was approved.',
  },
);

const requirements = table(
  [`sort_desc(max by (requirement) (${byRequirement(codes('both'))}))`],
  [requirementColumn, codeColumn('Value', 'Worst', statusCodeWords)],
  {
    title: 'Requirements of the reference design',
    description:
      'The worst status among the controls that answer each demand, those that are inherited from the cluster too.',
  },
);

const inherited = table(
  [bySeverity('control, severity, status', (severity) => status('cluster', severity))],
  [controlColumn, severityColumn, statusColumn],
  {
    title: 'Inherited from the cluster',
    description:
      'What the platform team answers for. It counts neither in the state of the namespace nor in its score.',
  },
);

const changes = [
  shelf(10, [
    24,
    timeline([timelineOf('both'), '{{control}}'], {
      title: 'What changed, and when',
      description:
        'The status of every control that had more than one in the time shown, those of the cluster too. Empty: nothing changed. The exact times stand in the transitions of the report.',
      unit: 'none',
      mappings: [statusCodeWords],
    }),
  ]),
  shelf(
    8,
    [
      12,
      lines([[`count by (status) (${status('namespaces', counted)})`, '{{status}}']], {
        title: 'Verdicts over time',
        description: 'The controls of the namespace by status, without those that are derived from others.',
        stack: true,
        overrides: colorSeries(statusColors),
      }),
    ],
    [
      12,
      lines([[`sum by (severity) (${gauge('plumbline_findings', 'namespaces')})`, '{{severity}}']], {
        title: 'Findings over time',
        description: 'Workloads, containers and other objects that break a control, by its severity.',
        stack: true,
        overrides: colorSeries(severityColors),
      }),
    ],
  ),
];

const events = shelf(
  8,
  [
    8,
    bars([growth('priority', series('plumbline_runtime_events_total', 'events')), '{{priority}}'], {
      title: 'Runtime events',
      description:
        'How many Falco reported of the namespace in the time shown, by priority. No data: none came; whether one could have come, RD-2.5.1 says.',
      decimals: 0,
      overrides: colorSeries(priorityColors),
    }),
  ],
  [
    16,
    lines(
      [
        [
          `60 * ${rate('plumbline_runtime_events_total', 'priority', 'namespace=~"$namespace"')}`,
          '{{priority}}',
        ],
      ],
      {
        title: 'Runtime events over time',
        description:
          'A minute, by priority. What happened stands in the RuntimeReport of the namespace: kubectl get runtimereport runtime -o yaml. The very first event of a priority is in no rate.',
        unit: 'cpm',
        draw: 'bars',
        stack: true,
        overrides: colorSeries(priorityColors),
      },
    ),
  ],
);

/** For application teams: what must I change in my namespace, why, and what has changed? */
export const namespace: Dashboard = buildDashboard({
  uid: uids.namespace,
  title: 'Plumbline / Namespace',
  description: 'What one namespace must change to hold to the reference design, and what has changed in it.',
  time: '24h',
  variables: variables.oneNamespace,
  shelves: [
    numbers,
    heading(row('What must change')),
    shelf(12, [12, failed], [12, open]),
    shelf(10, [12, requirements], [12, inherited]),
    heading(row('What changed')),
    ...changes,
    heading(row('What happened at run time')),
    events,
  ],
});
