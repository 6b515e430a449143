import { randomUUID } from 'node:crypto';
import { type Clock, sleep } from '../base/clock.ts';
import { invariant } from '../base/invariant.ts';
import type { Random } from './backoff.ts';
import type { ApiClient } from './client.ts';
import { AlreadyExistsError, ApiError, messageOf } from './errors.ts';
import { LeaseApi } from './lease-api.ts';
import { claimed, type Lease, type LeaseSpec, microTime, released } from './lease-record.ts';
import { LeaseView } from './lease-view.ts';

/** `expired`: not renewed in time. `lost`: another holds the Lease, by theft or because we were away. */
export type TermEnd = 'stopped' | 'expired' | 'lost';

export interface LeaderElectorOptions {
  /** Best one of its own: a renewal must not wait in line behind a thousand reports. */
  readonly client: Pick<ApiClient, 'request'>;
  readonly clock: Clock;
  /** Of the Lease. */
  readonly namespace: string;
  readonly name: string;
  /** What people are to see: the pod's name. */
  readonly identity: string;
  readonly random?: Random;
  /** Called when `leading` has become true. No hook may throw. */
  readonly onStarted?: () => void;
  /**
   * Called before `leading` becomes false; only after a pause of the process, and when the renewals failed until the
   * deadline, it is false already.
   */
  readonly onStopped?: (reason: TermEnd) => void;
  /** Called when `holder` changes. */
  readonly onHolder?: (holder: string | undefined) => void;
  /** Called when `problem` changes. */
  readonly onProblem?: (problem: Error | undefined) => void;
  /** So long nobody else takes a Lease that is not renewed; whole seconds. */
  readonly leaseDurationMs?: number;
  /** So long after its last renewal the leader leads; the rest of the lease is for clocks that run unevenly. */
  readonly renewDeadlineMs?: number;
  readonly retryPeriodMs?: number;
  /** A standby looks every retry period, times anything from 1 to this. */
  readonly jitter?: number;
}

const defaults = {
  random: Math.random,
  leaseDurationMs: 15_000,
  renewDeadlineMs: 10_000,
  retryPeriodMs: 2_000,
  jitter: 1.2,
};

/** Tries to release, each after a conflict: who stops may have a renewal under way that the server still carries out. */
const releaseTries = 3;

/**
 * Stands for election until stopped, and again after each lost term. At most one elector leads at any moment, however
 * the machines' clocks are set, as long as none runs by half faster than another (15 s to 10 s), for a leader counts
 * from when it sent a renewal, and a standby from when it saw it. Outside of that promise: a person who edits or
 * deletes the Lease (the old leader notices at its next renewal) and a machine whose monotonic clock stood still, as in
 * suspended ones. So what a leader writes must still carry the version that it was decided on.
 */
export class LeaderElector {
  /** What stands in the Lease: a container that restarts under its pod's name is another candidate. */
  readonly identity: string;
  readonly #options: LeaderElectorOptions & typeof defaults;
  readonly #api: LeaseApi;
  readonly #view = new LeaseView();
  /** Leads until then, monotonic milliseconds; undefined when no term has begun, or its end was told. */
  #validUntil: number | undefined;
  /** A write in our name may have reached the server. */
  #claiming = false;
  #writes = 0;
  #problem: Error | undefined;

  /** @throws InvariantError when the durations do not leave room for each other */
  constructor(options: LeaderElectorOptions) {
    this.#options = { ...defaults, ...options };
    const { leaseDurationMs, renewDeadlineMs, retryPeriodMs, jitter } = this.#options;
    invariant(leaseDurationMs > renewDeadlineMs, 'the lease duration must be longer than the renew deadline');
    invariant(renewDeadlineMs > retryPeriodMs * jitter, 'the renew deadline must leave room for a retry');
    this.identity = `${options.identity}_${randomUUID()}`;
    this.#api = new LeaseApi({
      client: options.client,
      clock: options.clock,
      ref: { namespace: options.namespace, name: options.name },
      limitMs: () => Math.min(renewDeadlineMs / 2, this.#leftMs()),
    });
  }

  /** Computed at each look, so that a process that was paused knows before it has run a timer. */
  get leading(): boolean {
    return this.#validUntil !== undefined && this.#options.clock.monotonic() < this.#validUntil;
  }

  /** Who holds the Lease, as last seen; undefined when nobody does or it was not seen yet. */
  get holder(): string | undefined {
    return this.#view.holder;
  }

  /** Why the last round failed: MissingRightError, ApiError, ConnectionError, BadResponseError. */
  get problem(): Error | undefined {
    return this.#problem;
  }

  /** Resolves when `signal` has aborted and the Lease is released, or that has failed within half the renew deadline. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const startedAt = this.#options.clock.monotonic();
      const retryAfterMs = await this.#takeTurn(signal);
      await this.#rest(startedAt, retryAfterMs, signal);
    }
    this.#end('stopped');
    await this.#release();
  }

  /** One round of the election. Never rejects. @returns milliseconds that the server asks to wait */
  async #takeTurn(signal: AbortSignal): Promise<number> {
    if (!this.leading) this.#end('expired');
    try {
      const sentAt = await this.#elect(signal);
      this.#report(undefined);
      if (sentAt === undefined) this.#end('lost');
      else this.#begin(sentAt);
    } catch (error) {
      if (signal.aborted) return 0;
      // Somebody was faster; who, the next look tells. The server is well.
      this.#report(error instanceof LostRaceError ? undefined : error);
      return retryAfterOf(error);
    }
    return 0;
  }

  /** @returns when the write was sent by which we hold the Lease; undefined when another holds it */
  async #elect(signal: AbortSignal): Promise<number | undefined> {
    const { clock, leaseDurationMs } = this.#options;
    const known = this.#view.lease;
    if (this.#validUntil !== undefined && known !== undefined) {
      const sentAt = clock.monotonic();
      if (await this.#replace(this.#claim(known.spec), signal)) return sentAt;
    }
    this.#see(await this.#api.get(signal));
    const { lease, holder } = this.#view;
    if (holder !== undefined && holder !== this.identity) this.#claiming = false;
    const ours = holder === this.identity || (lease === undefined && this.leading);
    if (!ours && !this.#view.isFree(clock.monotonic(), leaseDurationMs)) return undefined;
    const sentAt = clock.monotonic();
    const spec = this.#claim(this.#view.spec);
    if (!(await (lease === undefined ? this.#create(spec, signal) : this.#replace(spec, signal)))) {
      throw new LostRaceError();
    }
    return sentAt;
  }

  #claim(before: LeaseSpec | undefined): LeaseSpec {
    const { leaseDurationMs: durationMs } = this.#options;
    return claimed(before, { identity: this.identity, durationMs, now: this.#now() });
  }

  /** @returns false when the Lease is no longer as we saw it */
  async #replace(spec: LeaseSpec, signal: AbortSignal): Promise<boolean> {
    const { lease } = this.#view;
    if (lease === undefined) return false;
    this.#claiming = true;
    const written = await this.#api.replace(lease, spec, signal);
    if (written !== undefined) this.#see(written);
    return written !== undefined;
  }

  /** @returns false when another has made it first */
  async #create(spec: LeaseSpec, signal: AbortSignal): Promise<boolean> {
    this.#claiming = true;
    try {
      this.#see(await this.#api.create(spec, signal));
      return true;
    } catch (error) {
      if (error instanceof AlreadyExistsError) return false;
      throw error;
    }
  }

  /** What the server has just said is there. */
  #see(lease: Lease | undefined): void {
    const before = this.holder;
    this.#view.see(lease, this.#options.clock.monotonic());
    if (this.holder !== before) this.#options.onHolder?.(this.holder);
  }

  /** Counts from the sending, for no standby can have seen the renewal before that. */
  #begin(sentAt: number): void {
    const { clock, renewDeadlineMs, onStarted } = this.#options;
    // Who has looked in between has seen that we did not lead, and waits to be told of a new term.
    if (!this.leading) this.#end('expired');
    const validUntil = sentAt + renewDeadlineMs;
    if (clock.monotonic() >= validUntil) return;
    const isNew = this.#validUntil === undefined;
    this.#validUntil = validUntil;
    if (isNew) onStarted?.();
  }

  #end(reason: TermEnd): void {
    if (this.#validUntil === undefined) return;
    try {
      this.#options.onStopped?.(reason);
    } finally {
      this.#validUntil = undefined;
    }
  }

  /** Waits for the next turn, a period after the last began. A term ends in between when its time has come. */
  async #rest(startedAt: number, retryAfterMs: number, signal: AbortSignal): Promise<void> {
    const { clock, random, retryPeriodMs, jitter } = this.#options;
    const takenMs = clock.monotonic() - startedAt;
    const standbyMs = retryPeriodMs * (1 + random() * (jitter - 1));
    if (this.#validUntil === undefined) {
      return sleep(clock, Math.max(standbyMs - takenMs, retryAfterMs), signal);
    }
    const leftMs = this.#leftMs();
    // However long the server asks to wait, one more try before the end is due.
    const waitMs = Math.max(retryPeriodMs - takenMs, Math.min(retryAfterMs, leftMs - retryPeriodMs));
    await sleep(clock, Math.min(waitMs, leftMs), signal);
    if (waitMs < leftMs || signal.aborted) return;
    this.#end('expired');
    await sleep(clock, standbyMs, signal);
  }

  /** So that a standby need not wait for the end of the lease. */
  async #release(): Promise<void> {
    if (!this.#claiming) return;
    const { clock, renewDeadlineMs } = this.#options;
    const limit = new AbortController();
    const timer = clock.timer(renewDeadlineMs / 2, () => limit.abort(new Error('the release took too long')));
    try {
      await this.#tryRelease(limit.signal);
    } catch (error) {
      this.#report(error);
    } finally {
      timer.cancel();
    }
  }

  async #tryRelease(signal: AbortSignal): Promise<void> {
    for (let tries = 0; tries < releaseTries; tries++) {
      const { spec } = this.#view;
      const ours = spec !== undefined && this.holder === this.identity;
      if (ours && (await this.#replace(released(spec, this.#now()), signal))) return;
      this.#see(await this.#api.get(signal));
      if (this.holder !== this.identity) return;
    }
  }

  /** Wall clock, for people to read. */
  #now(): string {
    return microTime(this.#options.clock.now(), this.#writes++);
  }

  /** Of the term; infinite when there is none. */
  #leftMs(): number {
    if (this.#validUntil === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#validUntil - this.#options.clock.monotonic());
  }

  #report(error: unknown): void {
    const problem = error === undefined || error instanceof Error ? error : new Error(messageOf(error));
    const changed = problem?.message !== this.#problem?.message;
    this.#problem = problem;
    if (changed) this.#options.onProblem?.(problem);
  }
}

/** The Lease changed between our look and our write. */
class LostRaceError extends Error {}

function retryAfterOf(error: unknown): number {
  return error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
}
