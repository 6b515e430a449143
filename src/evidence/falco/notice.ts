import type { Json } from '../fields.ts';
import { fieldText } from './values.ts';

/** What Falco says of itself, as far as it bears on whether its silence proves anything. */
export interface Notice {
  /** It has lost events just now, or was given none. */
  readonly lost: boolean;
  /** Events that it has lost since it started, of a snapshot of its metrics. */
  readonly drops?: number;
}

const losses = ['Falco internal: syscall event drop', 'Falco internal: timeouts notification'];

/** Counted since the start of the process. */
const counters = ['falco.outputs_queue_num_drops', 'scap.n_drops'];

/** Of an internal event. */
export function noticeOf(rule: string, fields: Json): Notice {
  const counts = counters.flatMap((name) => {
    const text = fieldText(fields, name);
    const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
    return Number.isFinite(value) && value >= 0 ? [value] : [];
  });
  const drops = counts.reduce((sum, value) => sum + value, 0);
  return { lost: losses.includes(rule), ...(counts.length === 0 ? {} : { drops }) };
}
