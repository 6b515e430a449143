import { stableText } from '../../src/base/stable-text.ts';

/** Prometheus text format 0.0.4, read strictly: what it refuses, a scrape would refuse or misread. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/s;
const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/s;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/gy;

/** Families by name. Throws where a line, an order or a repetition breaks the format. */
export function parseExposition(text: string): Map<string, Family> {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let help: [name: string, text: string] | undefined;
  let current: [name: string, family: Family] | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, kind, name = '', rest = ''] = comment.exec(line) ?? [];
    if (kind === 'HELP') {
      help = [name, rest];
    } else if (kind === 'TYPE') {
      if (help?.[0] !== name) throw new Error(`TYPE of ${name} without its HELP`);
      if (families.has(name)) throw new Error(`${name} stands there twice`);
      current = [name, { type: rest, help: help[1], samples: [] }];
      families.set(...current);
    } else {
      const found = parseSample(line);
      if (current === undefined || !belongs(found.name, ...current))
        throw new Error(`${line}: not in its family`);
      const key = `${found.name}${stableText(found.labels)}`;
      if (seen.has(key)) throw new Error(`${line}: the series stands there twice`);
      seen.add(key);
      current[1].samples.push(found);
    }
  }
  return families;
}

function belongs(name: string, family: string, { type }: Family): boolean {
  return name === family || (type === 'histogram' && /^_(bucket|sum|count)$/.test(name.slice(family.length)));
}

function parseSample(line: string): Sample {
  const match = sample.exec(line);
  const value = Number(match?.[3]?.replace(/^([-+]?)Inf$/, '$1Infinity'));
  if (match === null || (Number.isNaN(value) && match[3] !== 'NaN')) throw new Error(`${line}: no sample`);
  const labels: Record<string, string> = {};
  const text = match[2] ?? '';
  label.lastIndex = 0;
  let end = 0;
  for (let found = label.exec(text); found !== null; found = label.exec(text)) {
    const [, name = '', written = ''] = found;
    if (name in labels) throw new Error(`${line}: ${name} stands there twice`);
    labels[name] = written;
    end = label.lastIndex;
  }
  if (end !== text.length) throw new Error(`${line}: its labels cannot be read`);
  return { name: match[1] ?? '', labels, value };
}

export async function textOf(chunks: AsyncIterable<string> | Iterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}
