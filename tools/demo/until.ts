import { sleep, systemClock } from '../../src/base/clock.ts';
import { DemoError } from './errors.ts';

/** What a look found: what was waited for, or a phrase that says what is still missing. */
export type Look<T> = { readonly found: T } | { readonly missing: string };

export interface UntilOptions {
  /** What is waited for, as in "waited for WHAT". */
  readonly what: string;
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly within?: number;
}

const betweenLooks = 150;

/**
 * Looks again and again until it is there; a request that failed is one more thing that is missing. Throws DemoError
 * NotInTime, which says what was missing at the end, or
 * Interrupted when the signal aborts.
 */
export async function until<T>(
  { what, signal, within = 90_000 }: UntilOptions,
  look: () => Promise<Look<T>>,
): Promise<T> {
  const deadline = systemClock.monotonic() + within;
  for (;;) {
    if (signal.aborted) throw new DemoError('Interrupted', `interrupted while waiting for ${what}`);
    const seen = await attempt(look);
    if ('found' in seen) return seen.found;
    if (systemClock.monotonic() > deadline) {
      const seconds = Math.round(within / 1000);
      throw new DemoError('NotInTime', `Waited ${seconds} s in vain for ${what}: ${seen.missing}.`);
    }
    await sleep(systemClock, betweenLooks, signal);
  }
}

async function attempt<T>(look: () => Promise<Look<T>>): Promise<Look<T>> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof DemoError && error.code === 'RequestFailed') return { missing: error.message };
    throw error;
  }
}
