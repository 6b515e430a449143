import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { ApiClient } from '../kube/client.ts';
import { ApiError, ConnectionError, NotFoundError } from '../kube/errors.ts';
import type { LeaderElectorOptions, TermEnd } from '../kube/lease.ts';
import { LeaderElector } from '../kube/lease.ts';
import { MissingRightError } from '../kube/lease-api.ts';
import type { Settings } from '../settings.ts';
import type { Logger } from '../telemetry/log.ts';

/** Milliseconds; the constants of the election, shorter ones for tests. */
export type LeaseTimes = Pick<LeaderElectorOptions, 'leaseDurationMs' | 'renewDeadlineMs' | 'retryPeriodMs'>;

export interface LeadershipOptions {
  readonly settings: Pick<Settings, 'lease' | 'podName'>;
  readonly client: Pick<ApiClient, 'request'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly times?: LeaseTimes | undefined;
  readonly onStarted: () => void;
  readonly onStopped: () => void;
}

const remedy =
  'kubectl apply --server-side -k config/rbac, or PLUMBLINE_LEADER_ELECTION=false where this is the only replica';

/** Whether this replica is the one that writes reports, and who is if it is not. */
export class Leadership {
  /** The name of this process among the replicas, never used by another. */
  readonly identity: string;
  readonly #options: LeadershipOptions;
  readonly #elector: LeaderElector | undefined;
  /** Without an election: from `run` to its end. */
  #alone = false;
  #told = false;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    const { settings, client, clock, times, onStarted } = options;
    if (settings.lease !== undefined) {
      this.#elector = new LeaderElector({
        ...settings.lease,
        ...times,
        client,
        clock,
        identity: settings.podName,
        onStarted: () => {
          this.#options.logger.info('leading', { identity: this.identity });
          onStarted();
        },
        onStopped: (reason) => this.#onStopped(reason),
        onHolder: (holder) => this.#onHolder(holder),
        onProblem: (problem) => this.#onProblem(problem),
      });
    }
    this.identity = this.#elector?.identity ?? `${settings.podName}_${randomUUID()}`;
  }

  /** Computed at each look, so that a process that was paused knows before it has run a timer. */
  get leading(): boolean {
    return this.#elector?.leading ?? this.#alone;
  }

  /** Why this replica can neither lead nor know who does, in a sentence. An API server that is away for a while is none. */
  get problem(): string | undefined {
    const problem = this.#elector?.problem;
    return problem !== undefined && isLasting(problem) ? `${problem.message}; ${remedy}` : undefined;
  }

  /** Who leads, for people. */
  describe(): string[] {
    if (this.#elector === undefined) return [];
    const { holder } = this.#elector;
    return [`leader: ${holder ?? 'none'}${holder === this.identity ? ' (this replica)' : ''}`];
  }

  /** Stands for election. Resolves when `signal` has aborted and the Lease is released, or that has failed. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#elector !== undefined) return this.#elector.run(signal);
    this.#alone = !signal.aborted;
    if (this.#alone) this.#options.onStarted();
    await new Promise<void>((resolve) => {
      if (signal.aborted) return resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    if (this.#alone) this.#options.onStopped();
    this.#alone = false;
  }

  #onStopped(reason: TermEnd): void {
    const { logger, onStopped } = this.#options;
    if (reason === 'stopped') logger.info('the Lease is given up', {});
    else logger.warn('no longer leading', { reason });
    onStopped();
  }

  #onHolder(holder: string | undefined): void {
    if (holder !== undefined && holder !== this.identity)
      this.#options.logger.info('another replica leads', { leader: holder });
  }

  /** Each message comes once. That the API server is out of reach is told for all requests together. */
  #onProblem(problem: Error | undefined): void {
    const { logger, settings } = this.#options;
    if (problem === undefined) {
      if (this.#told) logger.info('the Lease can be had again', { ...settings.lease });
      this.#told = false;
      return;
    }
    if (problem instanceof ConnectionError || (problem instanceof ApiError && problem.status >= 500)) return;
    this.#told = true;
    const help = isLasting(problem) ? { remedy } : {};
    logger.error('the Lease of the leader cannot be had', { ...settings.lease, error: problem, ...help });
  }
}

/** The right is missing, or the namespace. */
const isLasting = (problem: Error): boolean =>
  problem instanceof MissingRightError || problem instanceof NotFoundError;
