import { counted } from '../counted.ts';
import {
  clusterColumn,
  column,
  controlColumn,
  countColumn,
  ratioColumn,
  requirementColumn,
  scoreSteps,
  severityColumn,
  statusColumn,
} from './columns.ts';
import { buildDashboard, heading, shelf, variables } from './dashboard.ts';
import { toHealth, toNamespace, toRunbook, uids } from './links.ts';
import { colorSeries, noneIsGood, priorityColors, severityColors, statusColors, steps } from './looks.ts';
import type { Dashboard } from './model.ts';
import { lines, row, stat, table } from './panels.ts';
import {
  byRequirement,
  bySeverity,
  failing,
  gauge,
  grown,
  oneControl,
  orZero,
  rate,
  series,
  status,
  unknown,
} from './promql.ts';

const reports = gauge('plumbline_report_compliant', 'namespaces');
const count = `count(${reports})`;
const inEach = 'count by (cluster, namespace)';
const zeroEach = `max by (cluster, namespace) (${reports})`;
const grave = 'severity=~"critical|high"';
const met = 'status=~"Pass|Warn"';

/** The control that says whether runtime sensors run in the cluster. */
const sensorsRun = oneControl('RD-3.5.1');

const numbers = shelf(
  4,
  [
    3,
    stat(count, {
      title: 'Namespaces judged',
      description:
        'Those that the profile selects and that were judged. No data: no replica leads, or Prometheus does not reach it.',
      trend: true,
    }),
  ],
  [
    3,
    stat(`sum(${reports})`, {
      title: 'Compliant',
      description: 'Namespaces in which every control that applies passes, on evidence.',
      thresholds: steps('green'),
      trend: true,
    }),
  ],
  [
    3,
    stat(orZero(`count(${inEach} (${failing('namespaces')}))`, count), {
      title: 'Not compliant',
      links: [toRunbook('PlumblineNamespaceNonCompliant')],
      description: 'Namespaces in which at least one control fails.',
      thresholds: noneIsGood(),
      trend: true,
    }),
  ],
  [
    3,
    stat(
      orZero(
        `count(${inEach} (${unknown('namespaces')}) unless ${inEach} (${failing('namespaces')}))`,
        count,
      ),
      {
        title: 'Not known',
        description:
          'Namespaces in which nothing fails, but evidence is missing for at least one control. They are not compliant until it is there.',
        thresholds: noneIsGood('purple'),
        links: [toHealth, toRunbook('PlumblineControlUnknown')],
        trend: true,
      },
    ),
  ],
  [
    3,
    stat(orZero(`count(${failing('namespaces', counted, 'severity="critical"')})`, count), {
      title: 'Critical failures',
      links: [toRunbook('PlumblineNamespaceNonCompliant')],
      description:
        'Controls of critical severity that fail, counted once for each namespace. Those that are derived from others are not counted.',
      thresholds: noneIsGood(),
      trend: true,
    }),
  ],
  [
    3,
    stat(`avg(${gauge('plumbline_report_score_ratio', 'namespaces')})`, {
      title: 'Mean score',
      description:
        'The mean over namespaces of the weight of what passes, with half of what warns. It ranks; it is no verdict.',
      unit: 'percentunit',
      decimals: 0,
      thresholds: scoreSteps,
      trend: true,
    }),
  ],
  [
    3,
    stat(
      grown(
        series('plumbline_runtime_events_total', 'events', 'priority=~"Emergency|Alert|Critical"'),
        `count(${status('cluster', sensorsRun, met)})`,
      ),
      {
        title: 'Grave events',
        links: [toRunbook('PlumblineRuntimeFindings')],
        description:
          'Runtime events of priority Critical and above in the time shown. No data: no runtime sensor is known to run (RD-3.5.1), so nothing is known. Whether the events of a namespace reach us, RD-2.5.1 says.',
        decimals: 0,
        thresholds: noneIsGood(),
      },
    ),
  ],
  [
    3,
    stat(orZero(`count(${failing('cluster')})`, `count(${gauge('plumbline_report_compliant', 'cluster')})`), {
      title: 'Cluster failures',
      links: [toRunbook('PlumblineClusterNonCompliant')],
      description:
        'Controls of the cluster and its nodes that fail. They are listed below, and count in no namespace.',
      thresholds: noneIsGood(),
      trend: true,
    }),
  ],
);

const namespaces = table(
  [
    `max by (cluster, namespace) (${gauge('plumbline_report_score_ratio', 'namespaces')})`,
    orZero(`${inEach} (${failing('namespaces', counted)})`, zeroEach),
    orZero(`${inEach} (${failing('namespaces', counted, grave)})`, zeroEach),
    orZero(`${inEach} (${unknown('namespaces', counted)})`, zeroEach),
    orZero(`${inEach} (${status('namespaces', counted, 'status="Manual"')})`, zeroEach),
    `sum by (cluster, namespace) (${gauge('plumbline_findings', 'namespaces')})`,
    `1000 * max by (cluster, namespace) (${gauge('plumbline_report_last_evaluated_timestamp_seconds', 'namespaces')})`,
  ],
  [
    clusterColumn,
    column('namespace', 'Namespace', ['links', [toNamespace]], ['custom.minWidth', 140]),
    ratioColumn('Value #A', 'Score'),
    countColumn('Value #B', 'Failing', 'red'),
    countColumn('Value #C', 'Critical or high', 'red'),
    countColumn('Value #D', 'Unknown', 'purple'),
    countColumn('Value #E', 'For people', 'blue'),
    column('Value #F', 'Findings'),
    column('Value #G', 'Judged', ['unit', 'dateTimeFromNow']),
  ],
  {
    title: 'Namespaces',
    description:
      'Which namespaces need work: those with most failing controls first. Click one to see its controls. Unknown: evidence is missing. For people: only people can answer. Controls that are derived from others are not counted, as in kubectl.',
    sortBy: 'Failing',
  },
);

const most = table(
  [`topk(20, count by (control, severity) (${failing('both')}))`],
  [controlColumn, severityColumn, countColumn('Value', 'Namespaces', 'red')],
  {
    title: 'Controls that fail most',
    description:
      'In how many namespaces each control fails, the twenty that fail most. Click one to read what it demands and how to fix it. A control of the cluster counts as one.',
    sortBy: 'Namespaces',
  },
);

const inRequirement = (query: string) => `count by (requirement) (${byRequirement(query)})`;
const zeroRequirement = inRequirement(status('both'));

const requirements = table(
  [
    orZero(
      `${inRequirement(status('both', met))} / ${inRequirement(status('both', 'status=~"Pass|Warn|Fail|Unknown"'))}`,
      inRequirement(status('both', 'status=~"Fail|Unknown"')),
    ),
    orZero(
      `count by (requirement) (count by (cluster, namespace, requirement) (${byRequirement(failing('namespaces'))}))`,
      zeroRequirement,
    ),
    orZero(inRequirement(failing('both')), zeroRequirement),
    orZero(inRequirement(unknown('both')), zeroRequirement),
    orZero(inRequirement(status('both', 'status="Manual"')), zeroRequirement),
    orZero(inRequirement(status('both', met)), zeroRequirement),
  ],
  [
    requirementColumn,
    ratioColumn('Value #A', 'Met'),
    countColumn('Value #B', 'In namespaces', 'red'),
    countColumn('Value #C', 'Failing', 'red'),
    countColumn('Value #D', 'Unknown', 'purple'),
    countColumn('Value #E', 'For people', 'blue'),
    column('Value #F', 'Passing'),
  ],
  {
    title: 'Requirements of the reference design',
    description:
      'How far each demand of the reference design is met: the share of verdicts that pass or warn among those that pass, warn, fail or are unknown, over the namespaces chosen and the cluster. In namespaces: in how many something fails. Passing: with those that warn. Controls that are derived from others are counted here. No bar: nobody but people can say, or nothing is in its scope.',
    sortBy: 'Failing',
  },
);

const ofCluster = table(
  [bySeverity('cluster, control, severity, status', (severity) => status('cluster', severity))],
  [clusterColumn, controlColumn, severityColumn, statusColumn],
  {
    title: 'Controls of the cluster',
    description: 'What is judged once for the cluster and its nodes, and is inherited by every namespace.',
  },
);

const trends = [
  shelf(
    8,
    [
      12,
      lines([[`count by (status) (${status('namespaces', counted)})`, '{{status}}']], {
        title: 'Verdicts over time',
        description:
          'All verdicts over the namespaces chosen, by status, without controls that are derived from others. A gap: nobody judged, or nobody scraped.',
        stack: true,
        overrides: colorSeries(statusColors),
      }),
    ],
    [
      12,
      lines(
        [
          [`sum(${reports})`, 'Compliant'],
          [orZero(`count(${inEach} (${failing('namespaces')}))`, count), 'Not compliant'],
          [
            orZero(
              `count(${inEach} (${unknown('namespaces')}) unless ${inEach} (${failing('namespaces')}))`,
              count,
            ),
            'Not known',
          ],
        ],
        {
          title: 'Namespaces over time',
          description: 'How many namespaces comply, do not, and are not known.',
          stack: true,
          overrides: colorSeries({ Compliant: 'green', 'Not compliant': 'red', 'Not known': 'purple' }),
        },
      ),
    ],
  ),
  shelf(
    8,
    [
      8,
      lines([[`topk(10, ${inRequirement(failing('both'))})`, '{{requirement}}']], {
        title: 'Requirements that fail most, over time',
        description:
          'Failing verdicts by what the ids of the controls begin with; the table above has their names.',
      }),
    ],
    [
      8,
      lines([[`sum by (severity) (${gauge('plumbline_findings', 'namespaces')})`, '{{severity}}']], {
        title: 'Findings over time',
        description:
          'What breaks rules, by severity: workloads, containers and other objects, each counted for each control that it breaks.',
        stack: true,
        overrides: colorSeries(severityColors),
      }),
    ],
    [
      8,
      lines(
        [
          [
            `60 * ${rate('plumbline_runtime_events_total', 'priority', 'namespace=~"$namespace"')}`,
            '{{priority}}',
          ],
        ],
        {
          title: 'Runtime events',
          description:
            'What Falco reports of the namespaces, a minute. The very first event of a priority is in no rate; the number above counts it.',
          unit: 'cpm',
          draw: 'bars',
          stack: true,
          overrides: colorSeries(priorityColors),
        },
      ),
    ],
  ),
];

/** For platform and security teams: which namespaces, which requirements, and is it getting better? */
export const overview: Dashboard = buildDashboard({
  uid: uids.overview,
  title: 'Plumbline / Cluster overview',
  description:
    'Which namespaces hold to the reference design, which of its requirements are not met, and how that changes.',
  time: '24h',
  variables: variables.anyNamespaces,
  shelves: [
    numbers,
    heading(row('Which namespaces')),
    shelf(10, [13, namespaces], [11, most]),
    heading(row('Which requirements')),
    shelf(12, [15, requirements], [9, ofCluster]),
    heading(row('Trend')),
    ...trends,
  ],
});
