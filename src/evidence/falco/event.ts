import type { Priority } from '../../domain/runtime.ts';
import { priorities } from '../../domain/runtime.ts';
import { cleanText } from '../../base/clean-text.ts';
import type { Json } from '../fields.ts';
import { isObject } from '../fields.ts';
import { present } from '../present.ts';
import type { Attribution } from './attribution.ts';
import { attribute } from './attribution.ts';
import { identify } from './identity.ts';
import type { Notice } from './notice.ts';
import { noticeOf } from './notice.ts';
import { redact } from './redact.ts';
import type { EventTime } from './time.ts';
import { parseEventTime, parseNanoseconds } from './time.ts';
import { fieldText } from './values.ts';

/**
 * `alert`: a rule has matched. `internal`: Falco speaks of itself (events it lost, its metrics). `test`: Falcosidekick
 * tries whether anybody listens.
 */
export type EventKind = 'alert' | 'internal' | 'test';

/** One event of Falco, as far as Plumbline keeps it. Nothing in it needs to be secret. */
export interface FalcoEvent extends Attribution {
  readonly kind: EventKind;
  readonly rule: string;
  readonly priority: Priority;
  readonly source: string;
  readonly hostname?: string;
  /** RFC 3339 in UTC with nine digits of fraction. */
  readonly time: string;
  /** The same in milliseconds since the epoch, rounded down. */
  readonly at: number;
  /** Redacted and cut. */
  readonly sample: string;
  /** Of an internal event. */
  readonly notice?: Notice;
  /** The same for the same event, whichever way it came. */
  readonly identity: string;
}

/** Why a text is no event: a sentence for whoever sent it. */
export interface FalcoRejection {
  readonly error: string;
}

export const isRejection = (result: object): result is FalcoRejection => 'error' in result;

const longestName = 256;
const reject = (error: string): FalcoRejection => ({ error });

/**
 * Reads one event as Falco (`http_output` with `json_output: true`) or Falcosidekick (webhook) sends it. Never throws.
 */
export function parseFalcoEvent(text: string): FalcoEvent | FalcoRejection {
  const body = text.replace(/^\uFEFF/, '').trim();
  if (body === '') return reject('the body is empty');
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    if (!body.startsWith('{'))
      return reject('not JSON: Falco sends plain text unless json_output: true is set');
    return reject(`not valid JSON: ${cleanText((error as Error).message, 120)}`);
  }
  if (!isObject(value))
    return reject(`expected one JSON object, found ${Array.isArray(value) ? 'a list' : `a ${typeof value}`}`);
  // Only where a number is needed to the last digit is the text read again with all of them.
  return readFalcoEvent(value, () => parseExactly(body));
}

/**
 * The same for an event that was parsed already.
 * @param exactly the event with the integers that JavaScript would round as text
 */
export function readFalcoEvent(event: Json, exactly = () => event): FalcoEvent | FalcoRejection {
  const { rule, output } = event;
  if (typeof rule !== 'string' || rule === '') return reject('rule: expected a text that is not empty');
  const priority = parsePriority(event['priority']);
  if (priority === undefined) {
    return reject(`priority: expected one of ${priorities.join(', ')}, found ${quote(event['priority'])}`);
  }
  const when = timeOf(event, exactly);
  if (when === undefined) return reject(`time: expected an RFC 3339 time, found ${quote(event['time'])}`);
  const fields = event['output_fields'] ?? {};
  if (!isObject(fields)) return reject(`output_fields: expected an object, found ${quote(fields)}`);
  const source = readSource(event['source']);
  const hostname = typeof event['hostname'] === 'string' ? event['hostname'] : '';
  return {
    kind: kindOf(rule, source),
    ...present({ notice: kindOf(rule, source) === 'internal' ? noticeOf(rule, fields) : undefined }),
    rule: cleanText(rule, longestName),
    priority,
    source,
    ...present({ hostname: cleanText(hostname, longestName) || undefined }),
    time: when.text,
    at: when.at,
    ...attribute(fields),
    sample: redact(typeof output === 'string' ? output : (fieldText(fields, 'proc.cmdline') ?? '')),
    identity: identify([
      when.text,
      hostname,
      rule,
      ...['container.id', 'proc.cmdline', 'ka.auditid', 'ka.uri', 'ka.target.name', 'ka.user.name'].map(
        (name) => fieldText(fields, name),
      ),
    ]),
  };
}

/** When it happened, by `time`; where that is missing or a number of nanoseconds, by what else says it to the nanosecond. */
function timeOf({ time }: Json, exactly: () => Json): EventTime | undefined {
  if (typeof time === 'string') return parseEventTime(time);
  const { time: number, output_fields: fields } = exactly();
  if (time !== undefined && time !== null) return parseNanoseconds(number);
  const written = isObject(fields) ? (fields['evt.time'] ?? fields['evt.time.iso8601']) : undefined;
  return parseNanoseconds(written) ?? (typeof written === 'string' ? parseEventTime(written) : undefined);
}

/** With integers beyond what a number holds as text: `evt.time` has nineteen digits. */
function parseExactly(text: string): Json {
  const revive = (_key: string, value: unknown, { source }: { source?: string } = {}) =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) ? source : value;
  return JSON.parse(text, revive) as Json;
}

const byName = new Map<string, Priority>([
  ...priorities.map((priority) => [priority.toLowerCase(), priority] as const),
  ['info', 'Informational'],
]);

/** In any case; `info` is how Falco's own configuration may spell it. */
export const parsePriority = (value: unknown): Priority | undefined =>
  typeof value === 'string' ? byName.get(value.trim().toLowerCase()) : undefined;

/** Falco before 0.32 sends none, and Falcosidekick then writes `syscalls`. */
function readSource(value: unknown): string {
  const source = typeof value === 'string' ? cleanText(value, 64) : '';
  return source === '' || source === 'syscalls' ? 'syscall' : source;
}

function kindOf(rule: string, source: string): EventKind {
  if (rule.startsWith('Falco internal:')) return 'internal';
  // A rule of that name that a user wrote has a real source.
  return rule === 'Test rule' && (source === 'internal' || source === 'debug') ? 'test' : 'alert';
}

function quote(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string') return `"${cleanText(value, 40)}"`;
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
