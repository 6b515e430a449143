import { toControl, toCoverage } from './links.ts';
import { controlWords, requirementWords, severityWords, statusWords, steps } from './looks.ts';
import type { Mapping } from './model.ts';

type Property = readonly [id: string, value: unknown];

/** A column of a table: what Prometheus calls it (a label, or `Value #A`), what people read, and how it looks. */
export interface Column {
  readonly field: string;
  readonly name: string;
  readonly properties: readonly Property[];
}

export const column = (field: string, name: string, ...properties: readonly Property[]): Column => ({
  field,
  name,
  properties,
});

/** Cells in the colour of what stands in them. */
const colored = (mapping: Mapping): readonly Property[] => [
  ['mappings', [mapping]],
  ['custom.cellOptions', { type: 'color-text' }],
];

/** A number that is coloured unless it is 0. */
export const countColumn = (field: string, name: string, color: string): Column =>
  column(
    field,
    name,
    ['custom.cellOptions', { type: 'color-text' }],
    ['thresholds', { mode: 'absolute', steps: steps('text', [1, color]) }],
  );

export const scoreSteps = steps('red', [0.5, 'orange'], [0.8, 'yellow'], [0.95, 'green']);

/** A ratio, 0 to 1, with a bar behind it. */
export const ratioColumn = (field: string, name: string): Column =>
  column(
    field,
    name,
    ['unit', 'percentunit'],
    ['decimals', 0],
    ['min', 0],
    ['max', 1],
    ['custom.minWidth', 110],
    ['custom.cellOptions', { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' }],
    ['thresholds', { mode: 'absolute', steps: scoreSteps }],
  );

export const clusterColumn = column('cluster', 'Cluster');

export const controlColumn = column(
  'control',
  'Control',
  ['mappings', [controlWords]],
  ['links', [toControl]],
  ['custom.minWidth', 380],
);

export const requirementColumn = column(
  'requirement',
  'Requirement',
  ['mappings', [requirementWords]],
  ['links', [toCoverage]],
  ['custom.minWidth', 380],
);

export const severityColumn = column('severity', 'Severity', ...colored(severityWords));

export const statusColumn = column('status', 'Status', ...colored(statusWords));

/** A status that a query gives as a number. */
export const codeColumn = (field: string, name: string, codes: Mapping): Column =>
  column(field, name, ...colored(codes));
