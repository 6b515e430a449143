import { runtimeReportName } from '../api/resources.ts';
import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import type { Priority as EventPriority, RuntimeFinding } from '../domain/runtime.ts';
import { priorities } from '../domain/runtime.ts';
import type { Source } from '../domain/snapshot.ts';
import { read } from '../domain/snapshot.ts';
import type { FalcoEvent } from '../evidence/falco/event.ts';
import { receivedAt } from '../evidence/falco/sequence.ts';
import { present } from '../evidence/present.ts';
import { RuntimeAggregate } from '../evidence/falco/runtime-aggregate.ts';
import { CredentialWatch, readCredentials } from '../intake/credential-files.ts';
import type { EventResult } from '../intake/falco-intake.ts';
import { FalcoIntake } from '../intake/falco-intake.ts';
import { EventStore } from '../intake/store/event-store.ts';
import type { IntakeCredentials } from '../intake/options.ts';
import type { Priority } from '../kube/queue.ts';
import type { Settings } from '../settings.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ClusterState } from './cluster-state.ts';
import { EarlyEvents } from './early-events.ts';
import { noRuntimeYet } from './gather.ts';
import type { RuntimeMemo } from './memos.ts';
import { PodFinder } from './pod-finder.ts';
import { RuntimeLedger } from './runtime-ledger.ts';
import { RuntimePublisher } from './runtime-publisher.ts';
import { cursorOf } from './replica-cursors.ts';
import type { StatusWriter } from './status-writer.ts';
import { topOwnerOf } from './top-owner.ts';

/** So long events wait for a namespace that nobody has seen. */
const sweepMs = 5 * 60_000;

/** How long a sender may still finish what it sends while the process ends. */
const closeTimeoutMs = 1_000;

export interface RuntimeDeskOptions {
  readonly settings: Settings['intake'];
  readonly state: ClusterState;
  readonly writer: StatusWriter<RuntimeMemo>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The name of this process among the replicas, and what the replica is called before and after. */
  readonly replica: string;
  readonly podName: string;
  readonly leading: () => boolean;
  /** More is known of a namespace than before, or something else. */
  readonly onChange: (namespace: string, priority: Priority) => void;
  /** Each event that came, be it new or not, before anything becomes of it. */
  readonly onReceived: (event: FalcoEvent, now: number) => void;
  /** Whether another replica, or an earlier process, has received an event. */
  readonly heardElsewhere: () => boolean;
  /** An event was lost here. */
  readonly onDropped: () => void;
}

/**
 * Where Falco's events become RuntimeReports, on every replica. What is known is held in memory, and a RuntimeReport is its
 * copy, for people, for the other replicas and for the next process. So nobody clears an alert by editing or deleting it.
 * What is not in one yet is kept on disk too, where there is one.
 */
export class RuntimeDesk {
  readonly #options: RuntimeDeskOptions;
  readonly #aggregate: RuntimeAggregate;
  readonly #ledger: RuntimeLedger;
  readonly #publisher: RuntimePublisher;
  readonly #store: EventStore | undefined;
  readonly #intake: FalcoIntake | undefined;
  readonly #watch: CredentialWatch | undefined;
  readonly #early = new EarlyEvents();
  readonly #closing = new AbortController();
  #newest: number | undefined;
  #begun = false;
  /** Namespaces that have a series. */
  readonly #counted = new Set<string>();

  constructor(options: RuntimeDeskOptions) {
    this.#options = options;
    const { state, settings, replica } = options;
    const ownerOf = (namespace: string, pod: string) => topOwnerOf(state, namespace, pod);
    const pods = new PodFinder(state, options.clock);
    this.#aggregate = new RuntimeAggregate({ subjectOf: ownerOf, locate: (event) => pods.find(event) });
    this.#ledger = new RuntimeLedger({
      replica: () => this.#store?.name ?? replica,
      aggregate: this.#aggregate,
      ownerOf,
      onPublished: (namespace, sequence, unmarked) => {
        this.#store?.markPublished(namespace, sequence);
        options.metrics.increment('plumbline_runtime_events_unmarked_total', {}, unmarked);
      },
    });
    this.#publisher = new RuntimePublisher({
      ...options,
      ledger: this.#ledger,
      beforeSending: async (namespace, upTo) => this.#store?.markSent(namespace, upTo),
    });
    this.#store = settings?.store === undefined ? undefined : this.#openStore(settings.store);
    if (settings !== undefined) {
      const first = readCredentials(settings.files);
      const intake = this.#open(settings, first);
      const apply = (credentials: typeof first) => intake.renew(credentials);
      this.#watch = new CredentialWatch({ ...options, files: settings.files, first, apply });
      this.#intake = intake;
    }
    state.runtimeReports.store.subscribe((change) => {
      const lastSeen = change.type === 'set' ? change.value.memo.status?.lastSeen : undefined;
      if (lastSeen !== undefined) this.#hear(Date.parse(lastSeen));
    });
    state.namespaces.store.subscribe((change) => {
      if (change.type === 'delete') this.#forget(change.name);
    });
  }

  /** Whether an event was ever received, as far as a report, this process or another one tells. */
  get heard(): boolean {
    return this.#newest !== undefined || this.#options.heardElsewhere();
  }

  /** When the newest event happened, milliseconds since the epoch. */
  get newest(): number | undefined {
    return this.#newest;
  }

  /** Reports that wait to be written. */
  get depth(): number {
    return this.#publisher.depth;
  }

  /** Events that are in no RuntimeReport, and why what is taken now would not outlive the process. */
  losses(): { unattributed: number; dropped: number; store?: { readonly problem?: string } } {
    const { store } = this;
    return { ...this.#aggregate.losses(), ...present({ store }) };
  }

  /** How it is with the file in which events are kept; undefined where there is none. */
  get store(): { readonly problem?: string; readonly bytes: number } | undefined {
    return this.#store && present({ problem: this.#store.problem, bytes: this.#store.bytes });
  }

  /** @returns where events are taken; undefined when the intake is off */
  async listen(): Promise<string | undefined> {
    // What is there is read first: a copy of an event that an earlier process took is none.
    await this.#store?.open();
    void this.#watch?.run(this.#closing.signal);
    return this.#intake?.listen();
  }

  /** What is there has been read: from now on RuntimeReports are written. */
  begin(): void {
    this.#begun = true;
    // Before the namespaces were read, nobody could tell which of them exist.
    for (const namespace of this.#counted) if (!this.#exists(namespace)) this.#removeSeries(namespace);
    this.#resume();
    void this.#takeEarly();
    void this.#sweep();
    this.#publisher.begin();
  }

  /** This replica leads from now on, or what could not be written can be. */
  wakeAll(): void {
    this.#publisher.wakeAll();
  }

  /** Takes no more events. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#intake?.close();
  }

  /** Writes what was put off, before the process ends. @param signal there is no more time */
  async flush(signal: AbortSignal): Promise<void> {
    await this.#takeEarly();
    await this.#publisher.close(signal);
    await this.#store?.close();
  }

  evidence(namespace: string): Source<RuntimeFinding> {
    return this.heard ? read(this.#ledger.findings(namespace, this.#options.clock.now())) : noRuntimeYet;
  }

  /** By now the pods tell whose they are, or the process ends, and nobody will. */
  async #takeEarly(): Promise<void> {
    const aggregate = this.#store ?? this.#aggregate;
    const taken = this.#early.release().map(async ({ event, now, copies }) => {
      const { result, namespace } = await aggregate.add(event, now);
      this.#count(result);
      this.#options.metrics.increment('plumbline_falco_events_total', { result: 'duplicate' }, copies);
      if (result === 'accepted' || result === 'unattributed') this.#onEvent(namespace, event);
    });
    await Promise.all(taken);
  }

  #hear(at: number): void {
    const soonest = Math.min(at, this.#options.clock.now());
    this.#newest = Math.max(this.#newest ?? soonest, soonest);
  }

  /** Goes on where the process before ended: what it took and is in no report. */
  #resume(): void {
    const { state, clock } = this.#options;
    const left = this.#store?.settle((name, namespace) => {
      const report = state.runtimeReports.store.get(namespace, runtimeReportName)?.value.memo;
      return cursorOf(report?.status?.replicas ?? [], name);
    });
    for (const [namespace, unpublished] of left ?? []) {
      // One of its name that may come has nothing to do with it.
      if (this.#exists(namespace)) this.#ledger.restore(namespace, unpublished, clock.now());
      else this.#store?.forget(namespace);
    }
  }

  /**
   * An event may come before its namespace is seen here, or be the last of one that is gone. What waits for a namespace that
   * does not come belongs to none: it must not wait for ever, nor for one that is made under that name much later.
   */
  async #sweep(): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#closing;
    for (;;) {
      await sleep(clock, sweepMs, signal);
      if (signal.aborted) return;
      for (const namespace of this.#aggregate.namespaces()) {
        const upTo = this.#aggregate.pending(namespace)?.upTo ?? 0;
        if (this.#exists(namespace) || receivedAt(upTo) > clock.now() - sweepMs) continue;
        const events = this.#aggregate.giveUp(namespace);
        this.#store?.forget(namespace);
        logger.warn('runtime events name a namespace that does not exist', { namespace, events });
      }
    }
  }

  #openStore(store: NonNullable<NonNullable<Settings['intake']>['store']>): EventStore {
    const { metrics, podName } = this.#options;
    return new EventStore({
      ...this.#options,
      ...store,
      replica: podName,
      aggregate: this.#aggregate,
      pending: this.#ledger,
      onUnstored: (events) => metrics.increment('plumbline_falco_events_unstored_total', {}, events),
      onCommit: (seconds) => metrics.observe('plumbline_intake_commit_duration_seconds', seconds),
    });
  }

  #open(settings: NonNullable<Settings['intake']>, credentials: IntakeCredentials): FalcoIntake {
    const { clock, logger, onReceived } = this.#options;
    const aggregate = this.#store ?? this.#aggregate;
    return new FalcoIntake({
      ...settings.address,
      ...credentials,
      insecure: settings.insecure,
      limits: { closeTimeout: closeTimeoutMs },
      aggregate: {
        add: (event, now) => {
          onReceived(event, now);
          // In memory alone, which the sender is told: what it would be stored as is not known yet.
          if (this.#early.hold(event, now)) return { result: 'held', stored: false };
          return aggregate.add(event, now);
        },
      },
      clock,
      logger,
      count: (result) => this.#count(result),
      onEvent: (event) => this.#onEvent(event.namespace, event),
    });
  }

  #count(result: EventResult): void {
    // It is counted when it is known as what.
    if (result === 'held') return;
    this.#options.metrics.increment('plumbline_falco_events_total', { result });
    if (result === 'dropped') this.#options.onDropped();
  }

  #onEvent(namespace: string | undefined, { priority, at }: Pick<FalcoEvent, 'priority' | 'at'>): void {
    this.#hear(at);
    if (namespace === undefined) return;
    this.#countIn(namespace, priority);
    this.#publisher.wake(namespace);
    this.#options.onChange(namespace, 'normal');
  }

  /** A namespace that does not exist gets no series: its name is whatever a sender says, and nothing would end it. */
  #countIn(namespace: string, priority: EventPriority): void {
    if (this.#begun && !this.#exists(namespace)) return;
    this.#counted.add(namespace);
    this.#options.metrics.increment('plumbline_runtime_events_total', { namespace, priority });
  }

  #exists(namespace: string): boolean {
    return this.#options.state.namespaces.store.get('', namespace) !== undefined;
  }

  #removeSeries(namespace: string): void {
    this.#counted.delete(namespace);
    for (const priority of priorities)
      this.#options.metrics.remove('plumbline_runtime_events_total', { namespace, priority });
  }

  #forget(namespace: string): void {
    this.#ledger.forget(namespace);
    this.#store?.forget(namespace);
    this.#removeSeries(namespace);
  }
}
