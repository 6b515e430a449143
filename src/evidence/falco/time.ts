/** A moment as Falco writes it, to the nanosecond. */
export interface EventTime {
  /** RFC 3339 in UTC with nine digits of fraction: the order of such texts is the order of time. */
  readonly text: string;
  /** Milliseconds since the epoch, rounded down. */
  readonly at: number;
}

const stamp = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?(Z|[+-]\d\d:?\d\d)$/i;

/**
 * Falcosidekick writes the same time anew and drops the zeros at the end (`.100000000Z` becomes `.1Z`). A number or a
 * Date would lose six of the nine digits.
 * @returns undefined for what is no date, and for the zero time that Go writes for none
 */
export function parseEventTime(text: string): EventTime | undefined {
  const match = stamp.exec(text);
  if (match === null) return undefined;
  const [, date = '', time = '', fraction = '', zone = ''] = match;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const seconds = Date.parse(`${date}T${time}${offset}`);
  if (Number.isNaN(seconds) || seconds <= 0 || !isDay(date)) return undefined;
  const nanoseconds = fraction.slice(0, 9).padEnd(9, '0');
  const utc = new Date(seconds).toISOString().slice(0, 19);
  return { text: `${utc}.${nanoseconds}Z`, at: seconds + Math.floor(Number(nanoseconds) / 1_000_000) };
}

/** Nanoseconds since the epoch, as `evt.time` has them: nineteen digits, as text, since a number would round them. */
export function parseNanoseconds(value: unknown): EventTime | undefined {
  if (typeof value !== 'string' || !/^[1-9]\d{18}$/.test(value)) return undefined;
  const at = Number(value.slice(0, -6));
  return { text: `${new Date(at).toISOString().slice(0, 19)}.${value.slice(-9)}Z`, at };
}

/** Date.parse takes 30 February for 2 March. */
function isDay(date: string): boolean {
  const day = Number(date.slice(8));
  return day <= 28 || new Date(`${date}T00:00:00Z`).getUTCDate() === day;
}

/** @param at milliseconds since the epoch */
export const timeText = (at: number): string => `${new Date(at).toISOString().slice(0, 23)}000000Z`;
