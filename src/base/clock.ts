/**
 * Time, passed in. Only this file may ask the machine what time it is or set a timer (a lint rule holds that),
 * so that every waiting thing can be tested on a fake clock.
 */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. It may jump. */
  now(): number;
  /** Monotonic clock, milliseconds since an arbitrary start. For measuring and for deadlines. */
  monotonic(): number;
  /** Runs `run` once after `milliseconds`; `cancel` is idempotent. */
  timer(milliseconds: number, run: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** setTimeout fires at once for a delay above this, so longer ones are cut and asked again by their owner. */
const longestDelay = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer(milliseconds, run) {
    const handle = setTimeout(run, Math.min(Math.max(0, milliseconds), longestDelay));
    return { cancel: () => clearTimeout(handle) };
  },
};

/**
 * Resolves after `milliseconds`, or at once when one of `signals` aborts. Never rejects, and leaves nothing behind with
 * them: what AbortSignal.any or a race keeps of a signal or a promise that lives as long as the process grows each time.
 */
export function sleep(
  clock: Clock,
  milliseconds: number,
  ...signals: readonly (AbortSignal | undefined)[]
): Promise<void> {
  return new Promise((resolve) => {
    if (signals.some((signal) => signal?.aborted === true)) return resolve();
    const done = () => {
      timer.cancel();
      for (const signal of signals) signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.timer(milliseconds, done);
    for (const signal of signals) signal?.addEventListener('abort', done, { once: true });
  });
}

/** Longest that a turn of the event loop goes on without one for others, milliseconds. */
const longestTurn = 10;
let turnBegan: number | undefined;

/**
 * Whether work that never waits for anything is to give way: a list of 100,000 objects from a fast server would keep
 * probes and leases waiting. All that ask share a turn.
 */
export function isTurnSpent(): boolean {
  const now = performance.now();
  if (turnBegan === undefined) {
    turnBegan = now;
    setImmediate(() => (turnBegan = undefined));
  }
  return now - turnBegan > longestTurn;
}

/** Resolves in a later turn of the event loop that has time left, after sockets and timers have had theirs. */
export async function nextTurn(): Promise<void> {
  do await new Promise((resolve) => setImmediate(resolve));
  while (isTurnSpent());
}
