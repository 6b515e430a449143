import { stableText } from '../../src/base/stable-text.ts';

/**
 * OpenMetrics 1.0, read strictly, by its text: https://prometheus.io/docs/specs/om/open_metrics_spec/. What the specification says
 * that an exposer MUST do is asked for here.
 */
export interface OpenSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface OpenFamily {
  type?: string;
  unit?: string;
  help?: string;
  readonly samples: OpenSample[];
}

const nameOf = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const metadata = new RegExp(`^# (TYPE|UNIT|HELP) (${nameOf}) (.*)$`, 's');
const sample = new RegExp(`^(${nameOf})(?:\\{(.*)\\})? (\\S+)$`, 's');
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"(,?)/gsy;
const realNumber = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$|^[-+]?inf(?:inity)?$|^nan$/i;

const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total', '_created'],
  gauge: [''],
  histogram: ['_bucket', '_count', '_sum', '_created'],
};

/** Families by name. Throws where the text is not as the specification says. */
export function parseOpenMetrics(text: string): Map<string, OpenFamily> {
  if (!text.endsWith('# EOF\n')) throw new Error('it does not end in # EOF and one line feed');
  const families = new Map<string, OpenFamily>();
  let current: [string, OpenFamily] | undefined;
  for (const line of text.slice(0, -'# EOF\n'.length).split('\n').slice(0, -1)) {
    const [, kind, name = '', rest = ''] = metadata.exec(line) ?? [];
    if (kind !== undefined) {
      if (current?.[0] !== name) current = begin(families, name);
      describe(line, current[1], name, kind, rest);
      continue;
    }
    const found = parseSample(line);
    if (current === undefined || !belongs(found.name, current)) throw new Error(`${line}: not in its family`);
    current[1].samples.push(found);
  }
  for (const [name, family] of families) check(name, family);
  return families;
}

function begin(families: Map<string, OpenFamily>, name: string): [string, OpenFamily] {
  if (families.has(name)) throw new Error(`${name}: in two pieces`);
  const family: OpenFamily = { samples: [] };
  families.set(name, family);
  return [name, family];
}

function describe(line: string, family: OpenFamily, name: string, kind: string, rest: string): void {
  const key = kind.toLowerCase() as 'type' | 'unit' | 'help';
  if (family[key] !== undefined) throw new Error(`${line}: twice`);
  if (family.samples.length > 0) throw new Error(`${line}: after samples`);
  if (key === 'unit' && !name.endsWith(`_${rest}`)) throw new Error(`${line}: the name does not end in it`);
  family[key] = key === 'help' ? unescape(rest) : rest;
}

function belongs(name: string, [family, { type = '' }]: [string, OpenFamily]): boolean {
  return name.startsWith(family) && (suffixes[type] ?? []).includes(name.slice(family.length));
}

function parseSample(line: string): OpenSample {
  const [, name, inner = '', value = ''] = sample.exec(line) ?? [];
  if (name === undefined || !realNumber.test(value)) throw new Error(`${line}: no sample`);
  const labels: Record<string, string> = {};
  label.lastIndex = 0;
  let end = 0;
  let comma = ',';
  for (let found = label.exec(inner); found !== null; found = label.exec(inner)) {
    const [, key = '', written = '', next = ''] = found;
    if (comma === '' || key in labels) throw new Error(`${line}: ${key}`);
    labels[key] = unescape(written);
    [end, comma] = [label.lastIndex, next];
  }
  if (end !== inner.length || (inner !== '' && comma === ','))
    throw new Error(`${line}: its labels cannot be read`);
  return { name, labels, value: Number(value.replace(/inf$/i, 'Infinity')) };
}

function unescape(text: string): string {
  if (/[\n"]/.test(text.replaceAll(/\\[\\"n]/g, ''))) throw new Error(`${text}: not escaped`);
  return text.replaceAll(/\\([\\"n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

function check(name: string, { type, samples }: OpenFamily): void {
  if (type === undefined) throw new Error(`${name}: no type`);
  const seen = new Set<string>();
  const groups: string[] = [];
  for (const { name: full, labels, value } of samples) {
    const { le: _, ...others } = labels;
    const group = stableText(others);
    if (groups.at(-1) !== group) {
      if (groups.includes(group)) throw new Error(`${name}${group}: in two pieces`);
      // Of a counter or a gauge each is one group, of which there may be very many.
      if (type === 'histogram') groups.push(group);
    }
    const series = `${full}${stableText(labels)}`;
    if (seen.has(series)) throw new Error(`${series}: twice`);
    seen.add(series);
    if (type === 'counter' && !(value >= 0)) throw new Error(`${series}: ${value}`);
  }
  if (type === 'histogram' && samples.length > 0) checkBuckets(name, samples);
}

function checkBuckets(name: string, samples: readonly OpenSample[]): void {
  const buckets = samples.filter((one) => one.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) => labels['le'] ?? '');
  for (const bound of bounds)
    if (!/^(\d+\.\d+|\+Inf)$/.test(bound)) throw new Error(`${name}: le="${bound}"`);
  const numbers = bounds.map((bound) => (bound === '+Inf' ? Infinity : Number(bound)));
  if (numbers.at(-1) !== Infinity || !isRising(numbers)) throw new Error(`${name}: ${bounds.join()}`);
  const values = buckets.map(({ value }) => value);
  const count = samples.find((one) => one.name === `${name}_count`)?.value;
  if (!isRising(values) || count !== values.at(-1)) throw new Error(`${name}: ${values.join()}, ${count}`);
}

const isRising = (values: readonly number[]): boolean =>
  values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0));
