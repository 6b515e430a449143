import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';

const everyMs = 60_000;
/** Time servers move a clock by less than this; a suspended machine, a restored one or a person by more. */
const toleratedMs = 10_000;

/**
 * Notices that the wall clock was set. Verdicts end at a time of day, and the wait for it was counted on a clock that
 * does not jump. Resolves when `signal` aborts.
 */
export async function guardClock(
  clock: Clock,
  onSet: (milliseconds: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const offset = () => clock.now() - clock.monotonic();
  let known = offset();
  while (!signal.aborted) {
    await sleep(clock, everyMs, signal);
    const moved = offset() - known;
    // Slow drift adds up and is no jump.
    known += moved;
    if (Math.abs(moved) > toleratedMs && !signal.aborted) onSet(moved);
  }
}
