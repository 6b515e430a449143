import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** What the figures depend on beside the program. */
export function describeMachine(): string {
  const [cpu] = cpus();
  const load = loadavg().map((value) => value.toFixed(2));
  return (
    `${cpus().length} x ${cpu?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ` +
    `Linux ${release()}, Node ${process.version}; load average before: ${load.join(' ')}`
  );
}

/** From /proc, which only Linux has: elsewhere NaN. */
export function readProc(path: string, pattern: RegExp): number {
  try {
    return Number(pattern.exec(readFileSync(`/proc/${path}`, 'utf8'))?.[1] ?? Number.NaN);
  } catch {
    return Number.NaN;
  }
}

/** Most memory that a living process has had resident, in bytes. */
export const peakMemory = (pid: number): number => readProc(`${pid}/status`, /VmHWM:\s+(\d+) kB/) * 1024;

/** Of a living process, in seconds, its finished children not counted. The kernel counts in hundredths. */
export function processorTime(pid: number | 'self', whose: 'own' | 'children' = 'own'): number {
  // The name in parentheses may hold anything. After it come the fields from the third on (proc(5)).
  const ticks = (field: number) =>
    readProc(`${pid}/stat`, new RegExp(`.*\\)(?: \\S+){${field - 3}} (\\d+)`, 's'));
  const first = whose === 'own' ? 14 : 16;
  return (ticks(first) + ticks(first + 1)) / 100;
}
