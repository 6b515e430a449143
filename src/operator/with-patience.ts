import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';

/**
 * Longest wait for evidence before what rests on it is called unknown, milliseconds: long enough for an API that is there to
 * answer; one that is down must not hold up every report.
 */
export const patienceMs = 10_000;

/**
 * Resolves when what is waited for has come, when the time is up or when `signal` aborts.
 * @param waitFor is given a signal that aborts when nobody waits any more
 */
export async function withPatience(
  clock: Clock,
  signal: AbortSignal,
  waitFor: (waiting: AbortSignal) => Promise<unknown>,
  milliseconds: number = patienceMs,
): Promise<void> {
  const waiting = new AbortController();
  const stop = () => waiting.abort();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  await Promise.race([waitFor(waiting.signal), sleep(clock, milliseconds, waiting.signal)]);
  signal.removeEventListener('abort', stop);
  stop();
}
