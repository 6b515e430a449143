import { documentation } from './links.ts';
import type { Dashboard, DashboardLink, Panel, PlacedPanel, Variable } from './model.ts';
import { source } from './panels.ts';

/** Panels side by side, each with its width in 24ths. */
export interface Shelf {
  readonly height: number;
  readonly panels: readonly (readonly [width: number, panel: Panel])[];
}

export const shelf = (height: number, ...panels: Shelf['panels']): Shelf => ({ height, panels });

/** A heading over what follows. */
export const heading = (panel: Panel): Shelf => shelf(1, [24, panel]);

const columns = 24;

/** Everything that dashboards have in common; the panels lie in shelves from top to bottom. */
export function buildDashboard(
  from: Pick<Dashboard, 'uid' | 'title' | 'description'> & {
    readonly time: string;
    readonly variables: readonly Variable[];
    readonly shelves: readonly Shelf[];
  },
): Dashboard {
  const { uid, title, description, time, variables, shelves } = from;
  return {
    id: null,
    uid,
    title,
    description,
    tags: ['plumbline', 'compliance'],
    schemaVersion: 39,
    version: 1,
    editable: false,
    graphTooltip: 1,
    timezone: 'browser',
    time: { from: `now-${time}`, to: 'now' },
    refresh: '1m',
    links: [toOthers, toManual],
    annotations: { list: [] },
    templating: { list: variables },
    panels: place(shelves),
  };
}

function place(shelves: readonly Shelf[]): PlacedPanel[] {
  const placed: PlacedPanel[] = [];
  let y = 0;
  for (const { height, panels } of shelves) {
    let x = 0;
    for (const [w, panel] of panels) {
      placed.push({ ...panel, id: placed.length + 1, gridPos: { x, y, w, h: height } });
      x += w;
    }
    if (x !== columns)
      throw new Error(`a shelf is ${x} wide: ${panels.map(([, { title }]) => title).join(', ')}`);
    y += height;
  }
  return placed;
}

const toOthers: DashboardLink = {
  type: 'dashboards',
  title: 'Plumbline',
  tags: ['plumbline'],
  url: '',
  icon: 'external link',
  tooltip: '',
  asDropdown: false,
  includeVars: true,
  keepTime: true,
  targetBlank: false,
};

const toManual: DashboardLink = {
  ...toOthers,
  type: 'link',
  title: 'What this shows',
  tags: [],
  url: '${docs}/dashboards.md',
  icon: 'doc',
  tooltip: 'The documentation of these dashboards',
  includeVars: false,
  keepTime: false,
  targetBlank: true,
};

const datasource: Variable = {
  name: 'datasource',
  label: 'Data source',
  description: 'The Prometheus that scrapes Plumbline.',
  type: 'datasource',
  hide: 0,
  query: 'prometheus',
  regex: '',
  refresh: 1,
  includeAll: false,
  multi: false,
  options: [],
};

const labelValues = (
  name: string,
  label: string,
  description: string,
  query: string,
  more: Partial<Variable>,
): Variable => ({
  name,
  label,
  description,
  type: 'query',
  hide: 0,
  datasource: source,
  definition: query,
  query: { query, refId: name },
  regex: '',
  // When the time changes: what was there then may be gone now.
  refresh: 2,
  sort: 1,
  multi: false,
  includeAll: false,
  options: [],
  ...more,
});

const all = { selected: true, text: 'All', value: '$__all' };

/** Hidden, since most Prometheus servers know one cluster and give it no label; `.*` matches that too. */
const cluster = labelValues(
  'cluster',
  'Cluster',
  'Which cluster, where one Prometheus knows several.',
  'label_values(plumbline_leader, cluster)',
  { hide: 2, includeAll: true, allValue: '.*', current: all },
);

const profile = labelValues(
  'profile',
  'Profile',
  'Which ComplianceProfile: two profiles judge the same workloads twice, so they are not added up.',
  'label_values(plumbline_report_compliant{cluster=~"$cluster"}, profile)',
  { current: { selected: true, text: 'reference-design', value: 'reference-design' } },
);

const namespaces =
  'label_values(plumbline_report_compliant{cluster=~"$cluster", profile=~"$profile"}, namespace)';

const anyNamespaces = labelValues('namespace', 'Namespace', 'Which namespaces are counted.', namespaces, {
  multi: true,
  includeAll: true,
  // Not `.*`: the controls of the cluster have an empty one.
  allValue: '.+',
  current: all,
});

const oneNamespace = labelValues('namespace', 'Namespace', 'Which namespace is shown.', namespaces, {});

const docs: Variable = {
  name: 'docs',
  label: 'Documentation',
  description: 'Where the pages of controls and alerts are.',
  type: 'constant',
  hide: 2,
  query: documentation,
  skipUrlSync: true,
  current: { selected: false, text: documentation, value: documentation },
};

export const variables = {
  operator: [datasource, cluster, docs],
  anyNamespaces: [datasource, cluster, profile, anyNamespaces, docs],
  oneNamespace: [datasource, cluster, profile, oneNamespace, docs],
} as const;
