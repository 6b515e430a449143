import type { Column } from './columns.ts';
import { steps } from './looks.ts';
import type { DataLink, FieldDefaults, Mapping, Override, Panel, Source, Step, Target } from './model.ts';

// Grafana replaces it, not JavaScript.
export const source: Source = { type: 'prometheus', uid: '${datasource}' };

interface Common {
  readonly title: string;
  readonly description: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  readonly mappings?: readonly Mapping[];
  readonly thresholds?: readonly Step[];
  readonly overrides?: readonly Override[];
  readonly links?: readonly DataLink[];
}

/** A query and how its series are called. */
export type Query = readonly [expr: string, legend?: string];

const letters = 'ABCDEFGHIJKLMNOP';

const target = (
  [expr, legendFormat]: Query,
  index: number,
  format: Target['format'],
  instant: boolean,
): Target => ({
  refId: letters[index] ?? '',
  datasource: source,
  editorMode: 'code',
  expr,
  ...(legendFormat === undefined ? {} : { legendFormat }),
  format,
  instant,
  range: !instant,
});

function common(
  {
    title,
    description,
    unit = 'short',
    decimals,
    min,
    max,
    mappings = [],
    thresholds,
    overrides = [],
    links,
  }: Common,
  color: FieldDefaults['color'],
  custom?: FieldDefaults['custom'],
): Pick<Panel, 'title' | 'description' | 'datasource'> & { fieldConfig: NonNullable<Panel['fieldConfig']> } {
  const defaults: FieldDefaults = {
    unit,
    ...(decimals === undefined ? {} : { decimals }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    color,
    thresholds: { mode: 'absolute', steps: thresholds ?? steps('text') },
    mappings,
    ...(links === undefined ? {} : { links }),
    ...(custom === undefined ? {} : { custom }),
  };
  return { title, description, datasource: source, fieldConfig: { defaults, overrides } };
}

const last = { calcs: ['lastNotNull'], fields: '', values: false };

export const row = (title: string): Panel => ({ type: 'row', title, collapsed: false, panels: [] });

/** One number. With `trend` its course stands behind it. */
export const stat = (query: string, options: Common & { readonly trend?: boolean }): Panel => ({
  type: 'stat',
  ...common(options, { mode: 'thresholds' }),
  options: {
    reduceOptions: last,
    colorMode: 'value',
    graphMode: options.trend === true ? 'area' : 'none',
    textMode: 'value',
    justifyMode: 'center',
    orientation: 'auto',
  },
  targets: [target([query], 0, 'time_series', options.trend !== true)],
});

/** A bar for each series of one query. */
export const bars = (query: Query, options: Common): Panel => ({
  type: 'bargauge',
  ...common({ min: 0, ...options }, { mode: 'thresholds' }),
  options: {
    reduceOptions: last,
    displayMode: 'basic',
    orientation: 'horizontal',
    valueMode: 'color',
    showUnfilled: true,
    minVizHeight: 10,
    minVizWidth: 0,
  },
  targets: [target(query, 0, 'time_series', true)],
});

export const lines = (
  queries: readonly Query[],
  options: Common & { readonly stack?: boolean; readonly draw?: 'line' | 'bars' },
): Panel => ({
  type: 'timeseries',
  ...common(
    options,
    { mode: 'palette-classic' },
    {
      drawStyle: options.draw ?? 'line',
      lineWidth: 1,
      lineInterpolation: options.draw === 'bars' ? 'linear' : 'stepAfter',
      fillOpacity: options.stack === true ? 40 : 5,
      showPoints: 'never',
      spanNulls: false,
      stacking: { mode: options.stack === true ? 'normal' : 'none', group: 'A' },
      axisSoftMin: 0,
    },
  ),
  options: {
    legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
  targets: queries.map((query, index) => target(query, index, 'time_series', false)),
});

export const timeline = (query: Query, options: Common): Panel => ({
  type: 'state-timeline',
  ...common(options, { mode: 'thresholds' }, { fillOpacity: 80, lineWidth: 0 }),
  options: {
    mergeValues: true,
    showValue: 'never',
    alignValue: 'left',
    rowHeight: 0.8,
    legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
    tooltip: { mode: 'single', sort: 'none' },
  },
  targets: [target(query, 0, 'time_series', false)],
});

/** A row for each set of labels; the values of several queries side by side. Other labels are left away. */
export const table = (
  queries: readonly string[],
  columns: readonly Column[],
  options: Common & { readonly sortBy?: string },
): Panel => ({
  type: 'table',
  ...common(
    {
      ...options,
      overrides: columns.flatMap(({ name, properties }) =>
        properties.length === 0
          ? []
          : [
              {
                matcher: { id: 'byName', options: name },
                properties: properties.map(([id, value]) => ({ id, value })),
              },
            ],
      ),
    },
    { mode: 'thresholds' },
    { align: 'auto', cellOptions: { type: 'auto' }, filterable: true },
  ),
  options: {
    showHeader: true,
    cellHeight: 'sm',
    ...(options.sortBy === undefined ? {} : { sortBy: [{ displayName: options.sortBy, desc: true }] }),
  },
  targets: queries.map((expr, index) => target([expr], index, 'table', true)),
  transformations: [
    { id: 'merge', options: {} },
    { id: 'filterFieldsByName', options: { include: { names: columns.map(({ field }) => field) } } },
    {
      id: 'organize',
      options: {
        excludeByName: {},
        indexByName: Object.fromEntries(columns.map(({ field }, index) => [field, index])),
        renameByName: Object.fromEntries(columns.map(({ field, name }) => [field, name])),
      },
    },
  ],
});
