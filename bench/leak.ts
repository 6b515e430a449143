import type { ProbeSample } from './probe.ts';
import { median, table } from './statistics.ts';

/** What a process holds at one moment between two faults. */
export interface Holding {
  /** Seconds since the beginning. */
  readonly at: number;
  readonly heap: number;
  readonly resident: number;
  readonly sockets: number;
  readonly timers: number;
  readonly listeners: number;
}

export function holding(at: number, sample: ProbeSample, resident: number, sockets: number): Holding {
  const { heapUsed, external, resources, abortListeners } = sample;
  return {
    at,
    heap: heapUsed + external,
    resident,
    sockets,
    timers: resources['Timeout'] ?? 0,
    listeners: abortListeners,
  };
}

type Measure = Exclude<keyof Holding, 'at'>;

/** How much more at the end of the second half than at its beginning is a leak and no accident. */
const allowed: Readonly<Record<Measure, { readonly share: number; readonly more: number }>> = {
  heap: { share: 0.1, more: 4e6 },
  // Pages that a collector has not given back say little; that they grow without end would.
  resident: { share: 0.25, more: 40e6 },
  sockets: { share: 0.25, more: 12 },
  timers: { share: 0.25, more: 10 },
  listeners: { share: 0.25, more: 20 },
};

/** @returns the table to print, and what grows, a line for each */
export function judgeGrowth(samples: readonly Holding[]): { text: string; leaks: string[] } {
  const half = samples.slice(Math.floor(samples.length / 2));
  const rows: string[][] = [];
  const leaks: string[] = [];
  for (const measure of Object.keys(allowed) as Measure[]) {
    const { share, more } = allowed[measure];
    const of = (part: readonly Holding[]) => median(part.map((one) => one[measure]));
    const third = Math.max(1, Math.floor(half.length / 3));
    const [from, to] = [of(half.slice(0, third)), of(half.slice(-third))];
    const scale = measure === 'heap' || measure === 'resident' ? 1e6 : 1;
    const digits = scale === 1 ? 0 : 1;
    const show = (value: number) => (value / scale).toFixed(digits);
    const perMinute = slope(half.map((one) => [one.at, one[measure]])) * 60;
    rows.push([measure, show(samples[0]?.[measure] ?? NaN), show(from), show(to), show(perMinute)]);
    if (to - from > Math.max(from * share, more))
      leaks.push(`${measure} grew from ${show(from)} to ${show(to)}`);
  }
  const header = ['', 'first', 'second half begins', 'and ends with', 'slope a minute in it'];
  return { text: table([header, ...rows]), leaks };
}

/** Least squares. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return over / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
