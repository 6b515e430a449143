import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { requirements } from '../generate/coverage.ts';
import type { Mapping, Override, Step } from './model.ts';

/** Colours by Grafana's names, so that its light and dark themes each take their own shade. */
export const statusColors = {
  Fail: 'red',
  Unknown: 'purple',
  Manual: 'blue',
  Warn: 'yellow',
  Excepted: 'super-light-blue',
  Pass: 'green',
  NotApplicable: '#8e8e8e',
} as const;

export const severityColors = { critical: 'dark-red', high: 'red', medium: 'orange', low: 'yellow' } as const;

export const priorityColors = {
  Emergency: 'dark-red',
  Alert: 'dark-red',
  Critical: 'red',
  Error: 'orange',
  Warning: 'yellow',
  Notice: 'blue',
  Informational: 'light-blue',
  Debug: '#8e8e8e',
} as const;

/** As a number in a query and in words in the panel. */
export const statusCodes = {
  Fail: 6,
  Unknown: 5,
  Manual: 4,
  Warn: 3,
  Excepted: 2,
  Pass: 1,
  NotApplicable: 0,
};

/** Values to words. @param words value to text and colour */
export const words = (
  entries: readonly (readonly [value: string, text: string | undefined, color?: string])[],
): Mapping => ({
  type: 'value',
  options: Object.fromEntries(
    entries.map(([value, text, color], index) => [
      value,
      { ...(text === undefined ? {} : { text }), ...(color === undefined ? {} : { color }), index },
    ]),
  ),
});

export const statusWords: Mapping = words(
  Object.entries(statusColors).map(([name, color]) => [name, undefined, color]),
);

export const statusCodeWords: Mapping = words(
  Object.entries(statusColors).map(([name, color]) => [
    String(statusCodes[name as keyof typeof statusCodes]),
    name,
    color,
  ]),
);

export const severityWords: Mapping = words(
  Object.entries(severityColors).map(([name, color]) => [name, undefined, color]),
);

/** A control's id with its title behind it. */
export const controlWords: Mapping = words(catalogue.map(({ id, title }) => [id, `${id}  ${title}`]));

/** The demands of the reference design by what the ids of their controls begin with. */
export const demands: ReadonlyMap<string, string> = new Map(
  [...Map.groupBy(requirements, ({ controls: [first = ''] }) => prefixOf(first))].map(([prefix, all]) => [
    prefix,
    `${all[0]?.section.split(' ')[0] ?? ''} ${all.map(({ demand }) => demand).join('; ')}`,
  ]),
);

function prefixOf(control: string): string {
  return control.slice(0, control.lastIndexOf('.'));
}

export const requirementWords: Mapping = words([...demands]);

/** A fixed colour for each series of that name. */
export const colorSeries = (colors: Readonly<Record<string, string>>): Override[] =>
  Object.entries(colors).map(([name, fixedColor]) =>
    override(name, ['color', { mode: 'fixed', fixedColor }]),
  );

export const override = (
  name: string,
  ...properties: readonly (readonly [id: string, value: unknown])[]
): Override => ({
  matcher: { id: 'byName', options: name },
  properties: properties.map(([id, value]) => ({ id, value })),
});

/** Colours from a value on; the first has none. */
export const steps = (
  base: string,
  ...from: readonly (readonly [value: number, color: string])[]
): Step[] => [{ color: base, value: null }, ...from.map(([value, color]) => ({ color, value }))];

/** Anything above zero is bad. */
export const noneIsGood = (bad = 'red'): Step[] => steps('green', [1, bad]);
