import type { RuntimeReportStatus } from '../api/runtime-report.ts';
import { limits } from '../api/resources.ts';
import { compareText } from '../domain/compare-text.ts';
import { timestamp } from '../evaluate/timestamp.ts';
import { keepFindingsMs } from '../evidence/falco/runtime-aggregate.ts';

/** Up to which of its events one replica has added them to a RuntimeReport: what it may not add again. */
export type ReplicaCursor = NonNullable<RuntimeReportStatus['replicas']>[number];
export type ReplicaCursors = readonly ReplicaCursor[];

/** A replica that has added nothing for so long is taken for gone, and its cursor goes: what it may have kept on disk is over. */
export const cursorLifeMs = keepFindingsMs;

/** Of one replica; 0 where it has added nothing. */
export const cursorOf = (cursors: ReplicaCursors, name: string): number =>
  cursors.find((cursor) => cursor.name === name)?.sequence ?? 0;

/** Moves the cursor of one replica, and drops those of replicas that are gone. */
export function moveCursor(
  cursors: ReplicaCursors,
  name: string,
  sequence: number,
  now: number,
): ReplicaCursors {
  const others = dropOld(cursors, now).filter((cursor) => cursor.name !== name);
  // Where processes come and go faster than cursors grow old, the oldest make room.
  const newest = others.toSorted((a, b) => compareText(b.lastAdded, a.lastAdded));
  const kept = newest.slice(0, limits.runtimeReplicas - 1);
  return inOrder([...kept, { name, sequence, lastAdded: timestamp(now) }]);
}

export const dropOld = (cursors: ReplicaCursors, now: number): ReplicaCursors =>
  cursors.filter(({ lastAdded }) => Date.parse(lastAdded) > now - cursorLifeMs);

/** The further of each. */
export function joinCursors(one: ReplicaCursors, other: ReplicaCursors): ReplicaCursors {
  const joined = new Map(one.map((cursor) => [cursor.name, cursor]));
  for (const cursor of other)
    if (cursor.sequence > (joined.get(cursor.name)?.sequence ?? 0)) joined.set(cursor.name, cursor);
  const newest = [...joined.values()].sort((a, b) => compareText(b.lastAdded, a.lastAdded));
  return inOrder(newest.slice(0, limits.runtimeReplicas));
}

const inOrder = (cursors: ReplicaCursors): ReplicaCursors =>
  cursors.toSorted((a, b) => compareText(a.name, b.name));
