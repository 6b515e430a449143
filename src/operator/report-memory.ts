import type { RuntimeReportStatus } from '../api/runtime-report.ts';
import { limits } from '../api/resources.ts';
import { compareText } from '../domain/compare-text.ts';
import { timestamp } from '../evaluate/timestamp.ts';
import { maxTraces } from '../evidence/falco/traces.ts';

/** By what a RuntimeReport knows the events again that were added to it lately, whichever replica added them. */
export type ReportMemory = NonNullable<RuntimeReportStatus['recent']>;

/** Copies come within seconds, but a replica that cannot write holds its own for as long as that lasts. */
export const memoryMs = 3_600_000;
/** What was added in so long stands together: a report that is added to all the time has few spans. */
const spanMs = 600_000;

export const knownIn = (memory: ReportMemory): ReadonlySet<string> =>
  new Set(memory.flatMap(({ events }) => events.split(' ')));

/** @param marks of the events that are added, newest first */
export function remember(memory: ReportMemory, marks: readonly string[], now: number): ReportMemory {
  const kept = forgetOld(memory, now);
  if (marks.length === 0) return kept;
  return joinMemories([{ since: timestamp(now - (now % spanMs)), events: marks.join(' ') }], kept);
}

export const forgetOld = (memory: ReportMemory, now: number): ReportMemory =>
  memory.filter(({ since }) => Date.parse(since) > now - memoryMs - spanMs);

/** All that either knows, the newest first, as far as there is room. */
export function joinMemories(one: ReportMemory, other: ReportMemory): ReportMemory {
  const spans = new Map<string, Set<string>>();
  for (const { since, events } of [...one, ...other]) {
    const marks = spans.get(since) ?? new Set();
    for (const mark of events.split(' ')) marks.add(mark);
    spans.set(since, marks);
  }
  let left = maxTraces;
  return [...spans]
    .sort(([a], [b]) => compareText(b, a))
    .slice(0, limits.runtimeSpans)
    .flatMap(([since, marks]) => {
      const kept = [...marks].slice(0, left);
      left -= kept.length;
      return kept.length === 0 ? [] : { since, events: kept.join(' ') };
    });
}
