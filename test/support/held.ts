import { getEventListeners } from 'node:events';

/** How many listeners an AbortSignal holds, and how many signals that were made of it by AbortSignal.any. */
export function heldBy(signal: AbortSignal): number {
  const name = Object.getOwnPropertySymbols(signal).find(
    ({ description }) => description === 'kDependantSignals',
  );
  // A set of Node's own, which is no instance of Set.
  const dependants =
    name === undefined ? undefined : (signal as unknown as Record<symbol, { size: number }>)[name];
  return getEventListeners(signal, 'abort').length + (dependants?.size ?? 0);
}

/**
 * The most reactions that any one promise is given by `then` while `run` goes on, which is how a race gives them. What
 * `await` gives goes with whoever waits, and is not seen here.
 */
export async function mostReactions(run: () => Promise<unknown>): Promise<number> {
  const counts = new Map<unknown, number>();
  const original = Reflect.get(Promise.prototype, 'then') as (...given: unknown[]) => unknown;
  const counting = function (this: unknown, ...given: unknown[]): unknown {
    counts.set(this, (counts.get(this) ?? 0) + 1);
    return original.apply(this, given);
  };
  Reflect.set(Promise.prototype, 'then', counting);
  try {
    await run();
  } finally {
    Reflect.set(Promise.prototype, 'then', original);
  }
  return Math.max(0, ...counts.values());
}
