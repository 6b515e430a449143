import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import { Backoff } from '../kube/backoff.ts';
import type { ApiClient } from '../kube/client.ts';
import { ApiError, NotFoundError, TerminalError } from '../kube/errors.ts';
import type { KubeEvent } from '../kube/event.ts';
import { recordEvent } from '../kube/event.ts';
import type { RawObject } from '../kube/frame.ts';
import { TokenBucket } from '../kube/token-bucket.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { transitionEvents } from './transition-events.ts';

/**
 * How old a transition may be to be told of. Longer than it takes another replica to lead, so that what the last leader
 * wrote and did not tell is told; short, so that a start tells no history.
 */
const freshMs = 60_000;

/** Events that wait at most, and transitions that are known to have been told. */
const longest = 2_000;

/** At the rate below, `longest` Events are told in less. */
const longestWaitMs = 2 * freshMs;

/** A refusal is believed when it has lasted for so long. */
const doubtMs = 10_000;

/** A profile that changes may turn thousands of controls at once; etcd holds each Event for an hour. */
const rate = { perSecond: 20, burst: 200 };

export interface EventRecorderOptions {
  readonly client: Pick<ApiClient, 'request'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'increment'>;
  /** Name of this replica. */
  readonly instance: string;
  /** Only the leader tells. */
  readonly leading: () => boolean;
}

interface Waiting {
  readonly event: KubeEvent;
  /** When it was seen, by the monotonic clock. */
  readonly seen: number;
}

/**
 * Tells of transitions by Kubernetes Events. What it tells is what the watch shows to be in the reports, so that nothing is
 * told that was not written; every replica keeps what it saw in the last minute, so that who takes over tells what the last
 * leader could not. Names and series of the Events keep any transition from being told twice.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  #waiting: Waiting[] = [];
  /** What was seen, by the Event's name and the time of the transition: a relist shows it again. */
  readonly #seen = new Set<string>();
  readonly #bucket: TokenBucket;
  readonly #backoff: Backoff;
  #arrived = Promise.withResolvers<void>();
  /** Since when the right to record is missing, by the monotonic clock. */
  #refusedAt: number | undefined;
  #told = false;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#bucket = new TokenBucket(options.clock, rate);
    this.#backoff = new Backoff({ clock: options.clock, random: Math.random });
  }

  /** A version of an object that the API server has. */
  see(kind: 'ComplianceReport' | 'ComplianceSummary', object: RawObject): void {
    const { clock, instance } = this.#options;
    for (const event of transitionEvents(kind, object, clock.now() - freshMs, instance)) {
      const id = `${event.name}/${event.at}`;
      if (this.#seen.has(id)) continue;
      this.#seen.add(id);
      for (const oldest of this.#seen) {
        if (this.#seen.size <= longest) break;
        this.#seen.delete(oldest);
      }
      this.#waiting.push({ event, seen: clock.monotonic() });
    }
    this.#trim();
    this.poke();
  }

  /** There may be something to tell: this replica leads now. */
  poke(): void {
    this.#arrived.resolve();
  }

  /** Tells, while this replica leads, until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    // No race between what arrives and the end: each one would leave something behind with the end, for as long as it runs.
    signal.addEventListener('abort', () => this.poke(), { once: true });
    while (!signal.aborted) {
      this.#trim();
      const next = this.#options.leading() ? this.#waiting.shift() : undefined;
      if (next === undefined) {
        await this.#arrived.promise;
        this.#arrived = Promise.withResolvers<void>();
        continue;
      }
      await sleep(this.#options.clock, this.#bucket.reserve(1), signal);
      if (!signal.aborted) await this.#tell(next, signal);
    }
  }

  /** While the server cannot be worked with, which others say, it is tried again as long as it is worth telling. */
  async #tell(next: Waiting, signal: AbortSignal): Promise<void> {
    const failure = await this.#record(next.event, signal);
    if (failure === undefined) return;
    // At the end: what one namespace refuses (a webhook of its own, say) must not keep the others from being told.
    this.#waiting.push(next);
    const asked = failure instanceof ApiError ? failure.retryAfterMs : undefined;
    const wait = this.#backoff.next(asked);
    // Who asks for the right that is missing must not wait for the backoff to hear of it.
    const most = failure instanceof TerminalError ? this.#doubtLeftMs() : wait;
    await sleep(this.#options.clock, Math.min(wait, most), signal);
  }

  /** @returns why it may succeed another time; undefined when there is nothing more to do */
  async #record(event: KubeEvent, signal: AbortSignal): Promise<unknown> {
    const { client, clock, metrics, logger } = this.#options;
    try {
      const result = await recordEvent({ client, clock, signal }, event);
      metrics.increment('plumbline_kubernetes_events_total', { result });
      this.#refusedAt = undefined;
      this.#told = false;
    } catch (error) {
      if (isGone(error) || signal.aborted) return undefined;
      if (!(error instanceof TerminalError) || this.#isDoubted(error)) return error;
      metrics.increment('plumbline_kubernetes_events_total', { result: 'failed' });
      if (!this.#told)
        logger.error('Kubernetes Events cannot be recorded; the reports list the same transitions', {
          error,
        });
      this.#told = true;
    }
    return undefined;
  }

  /** A server that starts refuses for a moment what it allows: its roles are not read yet. */
  #isDoubted({ status }: TerminalError): boolean {
    if (status !== 403) return false;
    this.#refusedAt ??= this.#options.clock.monotonic();
    return this.#doubtLeftMs() > 0;
  }

  #doubtLeftMs(): number {
    const now = this.#options.clock.monotonic();
    return (this.#refusedAt ?? now) + doubtMs - now;
  }

  /** What has waited for too long, and the oldest when there are too many. Where another replica leads, it has told them. */
  #trim(): void {
    const { clock, metrics, leading } = this.#options;
    const until = clock.monotonic() - longestWaitMs;
    const isOver = ({ seen }: Waiting, index: number) =>
      seen < until || index < this.#waiting.length - longest;
    if (!this.#waiting.some(isOver)) return;
    const kept = this.#waiting.filter((each, index) => !isOver(each, index));
    const dropped = this.#waiting.length - kept.length;
    this.#waiting = kept;
    if (leading()) metrics.increment('plumbline_kubernetes_events_total', { result: 'dropped' }, dropped);
  }
}

/** Its namespace is, or is about to be, and it with it. */
const isGone = (error: unknown): boolean =>
  error instanceof NotFoundError ||
  (error instanceof TerminalError && error.reason === 'NamespaceTerminating');
