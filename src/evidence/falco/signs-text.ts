import type { Loss } from '../../domain/sensors.ts';
import type { Losses, Signs } from './node-signs.ts';
import type { LastCount } from './scrape-memory.ts';
import type { Span } from './spans.ts';

/** What one replica tells the others, and the process after it. */
export interface IntakeRecord {
  /** When it was written, milliseconds since the epoch. */
  readonly at: number;
  /** When the process began that wrote it: the counts begin there. */
  readonly since: number;
  readonly unattributed: number;
  readonly dropped: number;
  readonly signs: ReadonlyMap<string, Signs>;
  readonly losses: Losses;
  /** When pages of metrics were read, by node, and by namespace/name for pods of Falcosidekick. */
  readonly scrapes: ReadonlyMap<string, Signs>;
  /** What they had counted, by the uid of the pod. */
  readonly counts: ReadonlyMap<string, LastCount>;
}

/**
 * As the data of a ConfigMap, times in seconds: `signs` has a line for each node, with its first sign and then the first and
 * last of each stretch without a gap; `losses` one for each node, or `*` for all, with who lost events, from when to when;
 * `scrapes` is like `signs`; `counts` has a line for each pod by its uid, with when it was
 * counted, when the process started, and what that had lost.
 */
export function formatRecord(record: IntakeRecord): Record<string, string> {
  const losses = [...record.losses].map(
    ([concerns, { by, since, until }]) => `${concerns || '*'} ${by} ${seconds(since)}-${seconds(until)}\n`,
  );
  const signs = formatSigns(record.signs);
  const scrapes = formatSigns(record.scrapes);
  const counts = formatCounts(record.counts);
  // Beyond some five thousand nodes a ConfigMap has no room; who leads next then looks at the counters anew.
  const hasRoom = signs.length + scrapes.length + counts.length < mostText;
  return {
    at: new Date(record.at).toISOString(),
    since: new Date(record.since).toISOString(),
    unattributed: String(record.unattributed),
    dropped: String(record.dropped),
    signs,
    losses: losses.join(''),
    // Where nobody asks for metrics nothing is said of them.
    ...(scrapes === '' ? {} : { scrapes }),
    ...(counts === '' || !hasRoom ? {} : { counts }),
  };
}

/** @returns undefined for what says not when it was written; a line that cannot be read is passed over */
export function parseRecord(data: Readonly<Record<string, string>>): IntakeRecord | undefined {
  const [at, since] = [Date.parse(data['at'] ?? ''), Date.parse(data['since'] ?? '')];
  if (Number.isNaN(at) || Number.isNaN(since)) return undefined;
  const losses = new Map<string, Loss>();
  for (const [concerns = '', by, text = ''] of linesOf(data['losses'])) {
    // A loss is told to the end of its minute.
    const span = spanOf(text, at + 60_000);
    if (span === undefined || !isLoser(by)) continue;
    losses.set(concerns === '*' ? '' : concerns, { since: span[0], until: span[1], by });
  }
  const count = (text = '') => (isCount(text) ? Number(text) : 0);
  return {
    at,
    since,
    unattributed: count(data['unattributed']),
    dropped: count(data['dropped']),
    signs: signsOf(data['signs'], at),
    losses,
    scrapes: signsOf(data['scrapes'], at),
    counts: countsOf(data['counts'], at),
  };
}

/** Of the mebibyte that a ConfigMap may have. */
const mostText = 900 * 1_024;

const isLoser = (by: string | undefined): by is Loss['by'] =>
  by === 'sensor' || by === 'sidekick' || by === 'operator';

function formatSigns(signs: ReadonlyMap<string, Signs>): string {
  const lines = [...signs].map(([node, { first, spans }]) => {
    const written = spans.map(([from, to]) => `${seconds(from)}-${seconds(to)}`);
    return `${node} ${seconds(first)} ${written.join(' ')}\n`;
  });
  return lines.join('');
}

function signsOf(text: string | undefined, at: number): ReadonlyMap<string, Signs> {
  const signs = new Map<string, Signs>();
  for (const [node = '', first = '', ...rest] of linesOf(text)) {
    const spans = rest.map((written) => spanOf(written, at)).filter((span) => span !== undefined);
    if (!isCount(first) || spans.length === 0 || spans.length !== rest.length) continue;
    signs.set(node, { first: Number(first) * 1_000, spans });
  }
  return signs;
}

function countsOf(text: string | undefined, at: number): ReadonlyMap<string, LastCount> {
  const counts = new Map<string, LastCount>();
  for (const [key = '', when = '', ...numbers] of linesOf(text)) {
    const [started = '', drops = ''] = numbers;
    if (![when, started, drops].every(isCount) || numbers.length !== 2 || Number(when) * 1_000 > at) continue;
    counts.set(key, { at: Number(when) * 1_000, started: Number(started), drops: Number(drops) });
  }
  return counts;
}

const formatCounts = (counts: ReadonlyMap<string, LastCount>): string =>
  [...counts].map(([key, { at, started, drops }]) => `${key} ${seconds(at)} ${started} ${drops}\n`).join('');

const seconds = (at: number): number => Math.floor(at / 1_000);

const isCount = (text: string): boolean => /^\d{1,15}$/.test(text);

const linesOf = (text = ''): string[][] =>
  text.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ')]));

/** Nobody has heard anything after he wrote it. */
function spanOf(text: string, latest: number): Span | undefined {
  const match = /^(\d{1,12})-(\d{1,12})$/.exec(text);
  if (match === null) return undefined;
  const [from, to] = [Number(match[1]) * 1_000, Number(match[2]) * 1_000];
  return from <= to && to <= latest ? [from, to] : undefined;
}
