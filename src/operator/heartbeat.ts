import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import { summarize } from '../evaluate/summarize.ts';
import { timestamp } from '../evaluate/timestamp.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ClusterState } from './cluster-state.ts';
import type { EvidenceState } from './evidence-state.ts';
import type { ProfileBook } from './profile-book.ts';
import { selectedNamespaces } from './reconcile-profile.ts';
import type { Refusals } from './refusals.ts';
import type { ReportStates } from './report-states.ts';
import type { Writers } from './writers.ts';

const minute = 60_000;

export interface HeartbeatOptions {
  readonly state: ClusterState;
  readonly book: ProfileBook;
  readonly writers: Writers;
  readonly states: ReportStates;
  readonly refusals: Pick<Refusals, 'among'>;
  readonly evidence: () => EvidenceState[];
  readonly runtime: () => {
    readonly unattributed: number;
    readonly dropped: number;
    readonly store?: { readonly problem?: string };
  };
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds between two beats; default one minute. */
  readonly everyMs?: number | undefined;
}

/** Writes the ComplianceSummary of each profile once a minute: how the cluster stands, and that somebody is watching. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** Resolves when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, everyMs = minute } = this.#options;
    while (!signal.aborted) {
      await this.#beat(signal);
      await sleep(clock, everyMs, signal);
    }
  }

  async #beat(signal: AbortSignal): Promise<void> {
    const { book, state, writers } = this.#options;
    for (const { name } of book.active()) await this.#attempt(name, signal, () => this.#write(name));
    for (const { name } of state.summaries.store.list('')) {
      if (!book.isKnown(name))
        await this.#attempt(name, signal, () => writers.summaries.delete({ namespace: '', name }));
    }
  }

  /** The next beat comes in a minute; a failed one is only told. */
  async #attempt(profile: string, signal: AbortSignal, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      // What an end cuts short is no failure.
      if (signal.aborted) return;
      this.#options.logger.warn('a summary could not be written', { profile, error });
    }
  }

  async #write(profile: string): Promise<void> {
    const { state, book, writers, states, refusals, evidence, runtime, clock } = this.#options;
    const ref = { namespace: '', name: profile };
    const now = clock.now();
    const namespaces = selectedNamespaces(state, book, profile);
    const status = summarize({
      states: namespaces.map((namespace) => states.get(namespace, profile)),
      refused: refusals.among(namespaces),
      evidence: evidence(),
      ...runtime(),
      previous: writers.summaries.current(ref),
      now,
    });
    await writers.summaries.write(ref, { profile }, { ...status, lastHeartbeat: timestamp(now) });
  }
}
