import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
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

/** Memory that a living process has resident now, in bytes. */
export const residentMemory = (pid: number): number => readProc(`${pid}/status`, /VmRSS:\s+(\d+) kB/) * 1024;

/** How many files and sockets a living process has open. */
export function openFiles(pid: number): { files: number; sockets: number } {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => readLink(`/proc/${pid}/fd/${fd}`));
  return { files: links.length, sockets: links.filter((link) => link.startsWith('socket:')).length };
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed meanwhile.
    return '';
  }
}

/** Of a living process, in seconds, its finished children not counted. The kernel counts in hundredths. */
export function processorTime(pid: number | 'self', whose: 'own' | 'children' = 'own'): number {
  // The name in parentheses may hold anything. After it come the fields from the third on (proc(5)).
  const ticks = (field: number) =>
    readProc(`${pid}/stat`, new RegExp(`.*\\)(?: \\S+){${field - 3}} (\\d+)`, 's'));
  const first = whose === 'own' ? 14 : 16;
  return (ticks(first) + ticks(first + 1)) / 100;
}
