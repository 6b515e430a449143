import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { metricTable } from '../../src/telemetry/metric-table.ts';
import type { Dashboard, PlacedPanel, Target } from '../../tools/dashboards/model.ts';

/**
 * The conventions that Grafana's own linter for dashboards holds, as far as they fit us, and ours. What it wants and we do not: variables for
 * `job` and `instance`, since verdicts belong to namespaces, whichever replica tells them.
 * @returns what is wrong, each with where
 */
export function lintDashboard(dashboard: Dashboard): string[] {
  return [
    ...lintFrame(dashboard),
    ...lintVariables(dashboard),
    ...lintPlaces(dashboard.panels),
    ...dashboard.panels.filter(({ type }) => type !== 'row').flatMap(lintPanel),
    ...dashboard.panels.flatMap(({ title, targets = [] }) =>
      targets.flatMap((target) =>
        lintTarget(target).map((problem) => `${title} ${target.refId}: ${problem}`),
      ),
    ),
  ];
}

type Check = readonly [well: boolean, problem: string];

const failed = (checks: readonly Check[]): string[] =>
  checks.filter(([well]) => !well).map(([, problem]) => problem);

const chosen = '${datasource}';

function lintFrame(dashboard: Dashboard): string[] {
  const { uid, id, schemaVersion, editable, description, tags, timezone, links } = dashboard;
  return failed([
    [id === null, 'the id belongs to the server that loads it'],
    [/^[a-z0-9-]{1,40}$/.test(uid), 'the uid is not fixed, or too long'],
    [schemaVersion === 39, 'an older Grafana may misread its schema version'],
    [!editable, 'it can be edited, and the next deployment would undo that'],
    [description !== '' && tags.includes('plumbline'), 'no description or tag'],
    [timezone === 'browser', 'its time zone is not that of who looks'],
    [!('__inputs' in dashboard), 'it asks for inputs, which provisioning does not give'],
    [links.some(({ tags }) => tags.includes('plumbline')), 'no link to the other dashboards'],
  ]);
}

/** What Grafana knows without being told. */
const builtIn = /^(__.*|1)$/;

function lintVariables({ templating: { list }, panels, links }: Dashboard): string[] {
  const [first] = list;
  const names = new Set(list.map(({ name }) => name));
  const text = JSON.stringify([panels, links, list.map(({ query, datasource }) => [query, datasource])]);
  const used = new Set([...text.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name));
  return failed([
    [
      first?.type === 'datasource' && first.name === 'datasource' && first.label === 'Data source',
      'the first variable is not the data source',
    ],
    [list.find(({ name }) => name === 'cluster')?.hide === 2, 'the cluster is shown where there is only one'],
    ...list.map(({ name, label, description }): Check => [
      label !== '' && description !== '',
      `${name} is not explained`,
    ]),
    ...list
      .filter(({ type }) => type === 'query')
      .map(({ name, datasource }): Check => [
        (datasource as { uid?: string } | undefined)?.uid === chosen,
        `${name} does not ask the chosen data source`,
      ]),
    ...[...used]
      .filter((name) => !builtIn.test(name))
      .map((name): Check => [names.has(name), `$${name} is used and not declared`]),
    ...[...names].map((name): Check => [used.has(name), `$${name} is declared and not used`]),
  ]);
}

function lintPlaces(panels: readonly PlacedPanel[]): string[] {
  const cells = new Map<string, string>();
  const problems: string[] = [];
  if (new Set(panels.map(({ id }) => id)).size < panels.length) problems.push('two panels have one id');
  for (const { title, gridPos } of panels) {
    if (gridPos.x + gridPos.w > 24) problems.push(`${title} lies beyond the edge`);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        const other = cells.get(`${x}/${y}`);
        if (other !== undefined) problems.push(`${title} lies over ${other}`);
        cells.set(`${x}/${y}`, title);
      }
  }
  return [...new Set(problems)];
}

/** Of those that Grafana knows, the ones that we use. */
const units = ['short', 'none', 'percentunit', 's', 'bytes', 'dateTimeFromNow', 'cpm', 'ops', 'reqps'];

function lintPanel({
  title,
  description = '',
  datasource,
  targets = [],
  fieldConfig,
}: PlacedPanel): string[] {
  const inColumns = (fieldConfig?.overrides ?? [])
    .flatMap(({ properties }) => properties)
    .filter(({ id }) => id === 'unit')
    .map(({ value }) => String(value));
  return failed([
    [title !== '', 'a panel has no title'],
    [/^[A-Z0-9].{20,}[.:].*$/s.test(description), `${title} does not say what it answers`],
    [datasource?.uid === chosen, `${title} does not ask the chosen data source`],
    [targets.length > 0, `${title} asks nothing`],
    [
      [fieldConfig?.defaults.unit ?? '', ...inColumns].every((unit) => units.includes(unit)),
      `${title} has no unit that is known`,
    ],
  ]);
}

const catalogued: ReadonlySet<string> = new Set(catalogue.map(({ id }) => id));

/** Labels that Prometheus or its configuration adds. */
const ofTargets = ['cluster', 'le'];

const selector = /(?<before>.{0,40}?)\b(?<metric>plumbline_\w+)\{(?<matchers>[^}]*)\}(?<after>\S*)/g;

function lintTarget({ expr, datasource, legendFormat }: Target): string[] {
  const found = [...expr.matchAll(selector)];
  const labels = [...(legendFormat ?? '').matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
  return failed([
    [datasource.uid === chosen, 'it does not ask the chosen data source'],
    [found.length > 0, 'it asks for none of our metrics'],
    [found.length === (expr.match(/plumbline_\w+/g) ?? []).length, 'a metric has no selector'],
    [
      (expr.match(/RD-\d+(?:\.[\dGH]+)+/g) ?? []).every((id) => catalogued.has(id)),
      'it names a control that is not there',
    ],
    [!expr.includes('vector('), 'it makes up a number where nothing is known'],
    ...labels.map((label): Check => [
      new RegExp(`by \\([^)]*\\b${label}\\b`).test(expr),
      `no label ${label}`,
    ]),
    ...found.flatMap(({ groups = {} }) => lintSelector(groups)),
  ]);
}

function lintSelector({
  before = '',
  metric = '',
  matchers = '',
  after = '',
}: Readonly<Record<string, string | undefined>>): Check[] {
  const name = metric.replace(/_bucket$/, '') as keyof typeof metricTable;
  const description = metricTable[name];
  if (description === undefined) return [[false, `${metric} is no metric`]];
  const known: readonly string[] = [...description.labels, ...ofTargets];
  const asked = [...matchers.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label);
  const verdicts: readonly string[] = ['plumbline_control_status', 'plumbline_findings'];
  const isVerdict = verdicts.includes(name) || name.startsWith('plumbline_report_');
  const grows = description.type !== 'gauge';
  return [
    [asked.every((label) => known.includes(label)), `${metric} has no such label: ${asked.join(', ')}`],
    [matchers.includes('cluster=~"$cluster"'), `${metric} of every cluster`],
    [
      !isVerdict || /max without \(pod, instance\) \($|present_over_time\($/.test(before),
      `${metric} starts anew with each leader`,
    ],
    [
      !grows || /(rate|increase|_over_time)\($|unless $/.test(before),
      `${metric} is a counter, shown as it is`,
    ],
    [!before.endsWith('rate(') || after.startsWith('[$__rate_interval]'), `${metric} over a fixed time`],
  ];
}
