import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import type { HttpServer } from '../http/server.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Parts } from './parts.ts';
import type { SecondLooks } from './second-looks.ts';
import type { Term } from './term.ts';

/** So long a stop may take before what is under way is given up, and then the Lease. */
const stopMs = 3_000;
const releaseMs = 1_000;

/** What of an operator ends by itself, each at its own time. */
export class Lifetimes {
  readonly watching = new AbortController();
  readonly campaigning = new AbortController();
  readonly writing = new AbortController();
  /** Resolve when `watching` has ended. */
  readonly background: Promise<void>[] = [];
}

export interface ShutDown extends Pick<
  Parts,
  'runtime' | 'signs' | 'outages' | 'client' | 'leaseClient' | 'reviewClient'
> {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lifetimes: Lifetimes;
  readonly term: () => Term | undefined;
  readonly campaign: () => Promise<void> | undefined;
  readonly looks: SecondLooks;
  readonly http: HttpServer;
}

/**
 * In this order: no more events, no more work, what is known is written, another replica may lead, everything is closed.
 */
export async function shutDown(what: ShutDown): Promise<void> {
  const { clock, logger, lifetimes, term, runtime } = what;
  logger.info('stopping');
  // A server that does not answer must not keep the process: whoever stops it would kill it, and nothing would be closed.
  const patience = clock.timer(stopMs, () => {
    term()?.end();
    lifetimes.writing.abort(new Error('there was no more time'));
  });
  if (term() === undefined) lifetimes.campaigning.abort();
  await runtime.close();
  await term()?.close();
  await runtime.flush(lifetimes.writing.signal);
  await what.signs.publish(lifetimes.writing.signal);
  patience.cancel();
  await release(what);
  lifetimes.watching.abort();
  await Promise.all(lifetimes.background);
  what.looks.cancel();
  what.outages.close();
  await what.http.close();
  await Promise.all([what.client, what.leaseClient, what.reviewClient].map((each) => each.close()));
  logger.info('stopped');
}

async function release({ clock, lifetimes, campaign }: ShutDown): Promise<void> {
  lifetimes.campaigning.abort();
  const limit = new AbortController();
  await Promise.race([campaign(), sleep(clock, releaseMs, limit.signal)]);
  limit.abort();
}
