import type { FieldDefaults, Mapping, PlacedPanel, Step, Target } from '../dashboards/model.ts';
import type { Answers, Series } from './ask.ts';
import { formatValue } from './format.ts';

/** How a field looks, once the panel's defaults and what a column or series overrides are put together. */
export type Field = Pick<
  FieldDefaults,
  'unit' | 'decimals' | 'min' | 'max' | 'thresholds' | 'mappings' | 'color'
> & {
  readonly cell?: string;
  readonly minWidth?: number;
};

export function fieldOf({ fieldConfig }: PlacedPanel, name: string): Field {
  if (fieldConfig === undefined) throw new Error('a row has no fields');
  const set: Record<string, unknown> = { ...fieldConfig.defaults };
  for (const { matcher, properties } of fieldConfig.overrides) {
    if (matcher.options !== name) continue;
    for (const { id, value } of properties) {
      if (id === 'custom.cellOptions') set['cell'] = (value as { type: string }).type;
      else if (id === 'custom.minWidth') set['minWidth'] = value;
      else set[id] = value;
    }
  }
  return set as unknown as Field;
}

/** A value as people read it, and the colour that it has of itself. */
export interface Shown {
  readonly text: string;
  readonly color: string | undefined;
}

export function show(field: Field, value: number | string, now: number): Shown {
  const mapped = lookUp(field.mappings, String(value));
  if (mapped !== undefined && typeof value === 'string')
    return { text: mapped.text ?? value, color: mapped.color };
  if (typeof value === 'string') return { text: value, color: undefined };
  const color =
    field.color.mode === 'fixed' ? field.color.fixedColor : thresholdColor(field.thresholds.steps, value);
  const text = formatValue(value, field.unit, field.decimals, now);
  return { text: mapped?.text ?? text, color: mapped?.color ?? color };
}

const lookUp = (mappings: readonly Mapping[], value: string) =>
  mappings.flatMap((mapping) => (mapping.type === 'value' ? (mapping.options[value] ?? []) : []))[0];

function thresholdColor(steps: readonly Step[], value: number): string | undefined {
  return steps.findLast((step) => step.value === null || value >= step.value)?.color;
}

export const nameOf = ({ legendFormat }: Target, { labels }: Series): string =>
  legendFormat === undefined
    ? ''
    : legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '').trim();

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (number | string | undefined)[])[];
}

/** What Grafana's `merge` makes of the answers, with the fields that `organize` keeps, orders and names. */
export function tableOf(panel: PlacedPanel, answers: Answers): Table {
  const byLabels = new Map<string, Record<string, number | string>>();
  for (const [{ refId }, all] of answers) {
    const value = answers.size === 1 ? 'Value' : `Value #${refId}`;
    for (const { labels, points } of all) {
      const { __name__: _, ...fields } = labels;
      const key = JSON.stringify(Object.entries(fields).sort(([a], [b]) => a.localeCompare(b, 'en')));
      const row = byLabels.get(key) ?? { ...fields };
      byLabels.set(key, row);
      row[value] = points.at(-1)?.[1] ?? NaN;
    }
  }
  const found = [...byLabels.values()];
  const organize = panel.transformations?.find(({ id }) => id === 'organize')?.options as {
    indexByName: Record<string, number>;
    renameByName: Record<string, string>;
  };
  const fields = Object.keys(organize.indexByName).filter((field) => found.some((row) => field in row));
  const columns = fields.map((field) => organize.renameByName[field] ?? field);
  const rows = found.map((row) => fields.map((field) => row[field]));
  const [sort] = (panel.options?.['sortBy'] ?? []) as { displayName: string }[];
  const by = columns.indexOf(sort?.displayName ?? '');
  if (by >= 0) rows.sort((a, b) => compare(b[by], a[by]));
  return { columns, rows };
}

const compare = (a: number | string | undefined, b: number | string | undefined): number =>
  typeof a === 'number' && typeof b === 'number'
    ? a - b
    : String(a ?? '').localeCompare(String(b ?? ''), 'en');
