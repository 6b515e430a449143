import { compareText } from '../../domain/compare-text.ts';
import type { Priority, RuntimeFinding } from '../../domain/runtime.ts';
import { priorities } from '../../domain/runtime.ts';
import type { Subject } from '../../domain/verdict.ts';
import { present } from '../present.ts';
import type { FalcoEvent } from './event.ts';
import type { HourOfAlerts } from './hourly-alerts.ts';
import { HourlyAlerts } from './hourly-alerts.ts';
import type { EventTime } from './time.ts';
import { parseEventTime } from './time.ts';
import type { Trace } from './traces.ts';

export interface RuntimeEntry {
  readonly rule: string;
  readonly priority: Priority;
  readonly source: string;
  readonly subject: Subject;
  /** Its owner was not known when it came in. */
  readonly unresolvedPod?: string;
  example: string | undefined;
  count: number;
  first: EventTime;
  last: EventTime;
  sample: string;
  readonly hours: HourlyAlerts;
}

export interface EntryKey {
  readonly rule: string;
  readonly priority: Priority;
  readonly source: string;
  readonly subject: Subject;
}

export const keyOf = ({ rule, priority, source, subject }: EntryKey): string =>
  [rule, priority, source, subject.kind, subject.name, subject.container ?? ''].join('\u0000');

/** @param time when it counts, which is not when it says it was if that lies in the future */
export function newEntry(
  event: FalcoEvent,
  subject: Subject,
  time: EventTime,
  unresolved: boolean,
): RuntimeEntry {
  return {
    rule: event.rule,
    priority: event.priority,
    source: event.source,
    subject,
    ...(unresolved && event.pod !== undefined ? { unresolvedPod: event.pod } : {}),
    example: undefined,
    count: 0,
    first: time,
    last: time,
    sample: event.sample,
    hours: new HourlyAlerts(),
  };
}

/** @param repeat the same happened in the same pod within the same hour already */
export function addEvent(entry: RuntimeEntry, event: FalcoEvent, time: EventTime, repeat: boolean): void {
  entry.count += 1;
  entry.hours.add(time.at, repeat ? 0 : 1);
  join(entry, { first: time, last: time, example: event.pod, sample: event.sample });
}

/**
 * Takes one event off again whose copy is in the report. What is said beside the counts stays: the copy says the same
 * there.
 */
export function takeOffEvent(entry: RuntimeEntry, { at, alerts }: Trace): void {
  entry.count -= 1;
  entry.hours.takeOff(at, alerts);
}

/** @returns undefined when a time in it cannot be read */
export function fromFinding(finding: RuntimeFinding): RuntimeEntry | undefined {
  const first = parseEventTime(finding.firstSeen);
  const last = parseEventTime(finding.lastSeen);
  if (first === undefined || last === undefined) return undefined;
  const hours = new HourlyAlerts();
  for (const { hour, alerts } of finding.hours) {
    const start = parseEventTime(hour);
    if (start !== undefined) hours.add(start.at, alerts);
  }
  const { rule, priority, source, subject, example, count, sample } = finding;
  // A pod that nobody knew when its events were written may be known by now.
  const unresolved = subject.kind === 'Pod' ? { unresolvedPod: subject.name } : {};
  return { rule, priority, source, subject, ...unresolved, example, count, first, last, sample, hours };
}

/** One that can be added to without the other's noticing. */
export function copyEntry(entry: RuntimeEntry): RuntimeEntry {
  const hours = new HourlyAlerts();
  hours.merge(entry.hours);
  return { ...entry, hours };
}

/** An entry as it is kept on disk: whole, where a finding is what people read. */
export type SavedEntry = Omit<RuntimeEntry, 'hours'> & { readonly hours: readonly HourOfAlerts[] };

export const saveEntry = ({ hours, ...entry }: RuntimeEntry): SavedEntry => ({
  ...entry,
  hours: hours.save(),
});

export function loadEntry({ hours: saved, ...entry }: SavedEntry): RuntimeEntry {
  const hours = new HourlyAlerts();
  for (const [start, alerts] of saved) hours.add(start, alerts);
  return { ...entry, example: entry.example, hours };
}

export function mergeEntry(into: RuntimeEntry, other: RuntimeEntry): void {
  into.count += other.count;
  into.hours.merge(other.hours);
  join(into, other);
}

type Joined = Pick<RuntimeEntry, 'first' | 'last' | 'example' | 'sample'>;

/** The order in which events come must not show: the earliest gives the sample, the first name the example. */
function join(entry: RuntimeEntry, other: Joined): void {
  const { text } = other.first;
  if (text < entry.first.text || (text === entry.first.text && other.sample < entry.sample)) {
    entry.first = other.first;
    entry.sample = other.sample;
  }
  if (other.last.text > entry.last.text) entry.last = other.last;
  const { example } = other;
  if (example !== undefined && (entry.example === undefined || example < entry.example))
    entry.example = example;
}

export function toFinding(entry: RuntimeEntry): RuntimeFinding {
  const { rule, priority, source, subject, example, count, first, last, hours, sample } = entry;
  return {
    rule,
    priority,
    source,
    subject,
    ...present({ example }),
    count,
    firstSeen: first.text,
    lastSeen: last.text,
    hours: hours.list(),
    sample,
  };
}

/** Worst first, then newest; what stands last gives way first. Never equal for two keys. */
export function compareEntries(a: RuntimeEntry, b: RuntimeEntry): number {
  return (
    priorities.indexOf(a.priority) - priorities.indexOf(b.priority) ||
    compareText(b.last.text, a.last.text) ||
    compareText(keyOf(a), keyOf(b))
  );
}
