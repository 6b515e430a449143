import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import type { ClusterEvaluation } from '../evaluate/evaluate-cluster.ts';
import type { Profile } from '../evaluate/profile.ts';
import { summarize } from '../evaluate/summarize.ts';
import { timestamp } from '../evaluate/timestamp.ts';
import { TerminalError } from '../kube/errors.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ClusterState } from './cluster-state.ts';
import type { EvidenceState } from './evidence-state.ts';
import type { ProfileBook } from './profile-book.ts';
import { selectedNamespaces } from './reconcile-profile.ts';
import type { Refusals } from './refusals.ts';
import type { ReportStates } from './report-states.ts';
import type { Writers } from './writers.ts';

const minute = 60_000;

/** Two beats are never closer, whatever changes: a sensor that comes and goes must not write on and on. */
const closestMs = 10_000;

export interface HeartbeatOptions {
  readonly state: ClusterState;
  readonly book: ProfileBook;
  readonly writers: Writers;
  readonly states: ReportStates;
  readonly refusals: Pick<Refusals, 'among'>;
  readonly evidence: () => EvidenceState[];
  /** What a profile says of the cluster. */
  readonly cluster: (profile: Profile, now: number) => ClusterEvaluation;
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
  #haste = new AbortController();

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** Resolves when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, everyMs = minute } = this.#options;
    while (!signal.aborted) {
      const haste = new AbortController();
      this.#haste = haste;
      const began = clock.monotonic();
      const again = await this.#beat(signal);
      await sleep(clock, again ? Math.min(closestMs, everyMs) : everyMs, signal, haste.signal);
      const rest = closestMs - (clock.monotonic() - began);
      if (haste.signal.aborted && rest > 0) await sleep(clock, Math.min(rest, everyMs), signal);
    }
  }

  /** The next beat comes soon: what a summary says has changed. */
  hasten(): void {
    this.#haste.abort();
  }

  /** @returns whether something failed that may succeed soon */
  async #beat(signal: AbortSignal): Promise<boolean> {
    const { book, state, writers } = this.#options;
    let again = false;
    for (const profile of book.active())
      again = (await this.#fails(profile.name, signal, () => this.#write(profile))) || again;
    for (const { name } of state.summaries.store.list('')) {
      if (book.isKnown(name)) continue;
      const remove = () => writers.summaries.delete({ namespace: '', name });
      again = (await this.#fails(name, signal, remove)) || again;
    }
    return again;
  }

  /** @returns whether it is worth another try before a minute is over: what is refused for good is not */
  async #fails(profile: string, signal: AbortSignal, run: () => Promise<unknown>): Promise<boolean> {
    try {
      await run();
      return false;
    } catch (error) {
      // What an end cuts short is no failure.
      if (signal.aborted) return false;
      this.#options.logger.warn('a summary could not be written', { profile, error });
      return !(error instanceof TerminalError);
    }
  }

  async #write(profile: Profile): Promise<void> {
    const { state, book, writers, states, refusals, evidence, cluster, runtime, clock } = this.#options;
    const { name } = profile;
    const ref = { namespace: '', name };
    const now = clock.now();
    const namespaces = selectedNamespaces(state, book, name);
    const status = summarize({
      states: namespaces.map((namespace) => states.get(namespace, name)),
      refused: refusals.among(namespaces),
      evidence: evidence(),
      cluster: cluster(profile, now),
      ...runtime(),
      previous: writers.summaries.current(ref),
      now,
    });
    await writers.summaries.write(ref, { profile: name }, { ...status, lastHeartbeat: timestamp(now) });
  }
}
