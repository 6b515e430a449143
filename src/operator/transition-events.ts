import { createHash } from 'node:crypto';
import { apiVersion } from '../api/resources.ts';
import { cleanText } from '../base/clean-text.ts';
import type { Status } from '../domain/verdict.ts';
import type { Transition } from '../evaluate/report.ts';
import { isObject } from '../evidence/fields.ts';
import type { KubeEvent } from '../kube/event.ts';
import { longestNote } from '../kube/event.ts';
import type { RawObject } from '../kube/frame.ts';
import { identify } from '../kube/frame.ts';

/** Kubernetes Events name what has happened, not the state. */
const reasons: Readonly<Record<Status, string>> = {
  Pass: 'ControlPassed',
  Warn: 'ControlWarned',
  Fail: 'ControlFailed',
  Unknown: 'ControlUnknown',
  Manual: 'ControlManual',
  NotApplicable: 'ControlNotApplicable',
  Excepted: 'ControlExcepted',
};

type Row = Partial<Readonly<Record<'id' | 'title' | 'status' | 'message', string>>>;

/**
 * The Events that tell of the transitions of a report, or of a summary, since a time; oldest first.
 * @param object as the API server has it: what is told of was written
 * @param since milliseconds since the epoch
 * @param instance name of this replica
 */
export function transitionEvents(
  kind: 'ComplianceReport' | 'ComplianceSummary',
  object: RawObject,
  since: number,
  instance: string,
): KubeEvent[] {
  const { status } = object;
  if (!isObject(status) || !Array.isArray(status['transitions'])) return [];
  const recent = (status['transitions'] as Transition[]).filter(({ time }) => Date.parse(time) >= since);
  if (recent.length === 0) return [];
  const rows = new Map((status['controls'] as Row[] | undefined)?.map((row) => [row.id, row]));
  const told = new Set<string>();
  const { namespace, name, uid } = identify(object);
  const regarding = { apiVersion, kind, name, uid, ...(namespace === '' ? {} : { namespace }) };
  const toEvent = (transition: Transition): KubeEvent => {
    const { control, from, to, time } = transition;
    const row = rows.get(control);
    // Of several transitions of a control, what it says now belongs to the newest alone.
    const message = told.has(control) || row?.status !== to ? '' : ` ${row.message ?? ''}`;
    told.add(control);
    return {
      // Those of what has no namespace live in this one, by convention.
      namespace: namespace === '' ? 'default' : namespace,
      name: eventName(name, [kind, uid, control, from, to]),
      at: Date.parse(time),
      type: to === 'Fail' || to === 'Unknown' ? 'Warning' : 'Normal',
      reason: reasons[to],
      action: 'Evaluate',
      note: fit(`${control} ${row?.title ?? ''}: ${from} to ${to}.${message}`),
      regarding,
      reportingController: 'plumbline.dev/operator',
      reportingInstance: instance.slice(0, 128),
    };
  };
  return recent.map(toEvent).reverse();
}

/** The same for the same transition of the same object, whoever tells of it. */
function eventName(report: string, parts: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 20);
  return `${report.slice(0, 200).replace(/[.-]+$/, '')}.${hash}`;
}

/** The bound of a note is in bytes. */
function fit(note: string): string {
  const line = cleanText(note, longestNote);
  if (Buffer.byteLength(line) <= longestNote) return line;
  return `${Buffer.from(line)
    .subarray(0, longestNote - 3)
    .toString()
    .replace(/\uFFFD+$/, '')}…`;
}
