import type { MetricName } from './metric-table.ts';
import { metricTable, unitOf } from './metric-table.ts';

/** The text format of Prometheus, and OpenMetrics 1.0. */
export type Format = 'text' | 'openmetrics';

export const contentTypes: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** What an answer must end with, so that half of one does not look whole. */
export const ending: Readonly<Record<Format, string>> = { text: '', openmetrics: '# EOF\n' };

/** So much text is written at once: enough that a chunk is worth its trouble, little enough that nobody waits for it. */
const chunkLength = 64 * 1_024;

/** One metric: its head, and then the text of its series in pieces. */
export function* family(format: Format, name: MetricName, series: Iterable<string>): Generator<string> {
  let chunk = head(format, name);
  for (const text of series) {
    chunk += text;
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

function head(format: Format, name: MetricName): string {
  const { help, type } = metricTable[name];
  if (format === 'text') return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
  // A counter is named without what its series end in.
  const bare = type === 'counter' ? name.slice(0, -'_total'.length) : name;
  const unit = unitOf(name);
  return [
    `# TYPE ${bare} ${type}\n`,
    ...(unit === undefined ? [] : [`# UNIT ${bare} ${unit}\n`]),
    // OpenMetrics has quotes escaped here too, the older format does not know that escape.
    `# HELP ${bare} ${escapeLabel(help)}\n`,
  ].join('');
}

/** @param labels pairs as `label` writes them, separated by commas; empty for none */
export const line = (name: string, labels: string, value: number): string =>
  labels === '' ? `${name} ${number(value)}\n` : `${name}{${labels}} ${number(value)}\n`;

export const label = (name: string, value: string | number): string =>
  `${name}="${escapeLabel(String(value))}"`;

/** OpenMetrics asks for `1.0`; written so in both formats, for a bucket would have two names else. */
export const bound = (value: number | string): string =>
  typeof value === 'number' && Number.isInteger(value) ? value.toFixed(1) : String(value);

export function number(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

const special = /[\\"\n]/;

export function escapeLabel(text: string): string {
  return special.test(text) ? escapeHelp(text).replaceAll('"', '\\"') : text;
}

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
