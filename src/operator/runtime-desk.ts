import type { Clock } from '../base/clock.ts';
import type { Priority as EventPriority, RuntimeFinding } from '../domain/runtime.ts';
import { priorities } from '../domain/runtime.ts';
import type { Source } from '../domain/snapshot.ts';
import { read } from '../domain/snapshot.ts';
import type { FalcoEvent } from '../evidence/falco/event.ts';
import { RuntimeAggregate } from '../evidence/falco/runtime-aggregate.ts';
import { FalcoIntake } from '../intake/falco-intake.ts';
import type { Priority } from '../kube/queue.ts';
import type { Settings } from '../settings.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ClusterState } from './cluster-state.ts';
import { noRuntimeYet } from './gather.ts';
import type { RuntimeMemo } from './memos.ts';
import { RuntimeLedger } from './runtime-ledger.ts';
import { RuntimePublisher } from './runtime-publisher.ts';
import type { StatusWriter } from './status-writer.ts';
import { topOwnerOf } from './top-owner.ts';

/** How long a sender may still finish what it sends while the process ends. */
const closeTimeoutMs = 1_000;

export interface RuntimeDeskOptions {
  readonly settings: Settings['intake'];
  readonly state: ClusterState;
  readonly writer: StatusWriter<RuntimeMemo>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The name of this process among the replicas. */
  readonly replica: string;
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
 */
export class RuntimeDesk {
  readonly #options: RuntimeDeskOptions;
  readonly #aggregate: RuntimeAggregate;
  readonly #ledger: RuntimeLedger;
  readonly #publisher: RuntimePublisher;
  readonly #intake: FalcoIntake | undefined;
  #newest: number | undefined;
  #begun = false;
  /** Namespaces that have a series. */
  readonly #counted = new Set<string>();

  constructor(options: RuntimeDeskOptions) {
    this.#options = options;
    const { state, settings, replica } = options;
    const ownerOf = (namespace: string, pod: string) => topOwnerOf(state, namespace, pod);
    this.#aggregate = new RuntimeAggregate({ subjectOf: ownerOf });
    this.#ledger = new RuntimeLedger({ replica, aggregate: this.#aggregate, ownerOf });
    this.#publisher = new RuntimePublisher({ ...options, ledger: this.#ledger });
    this.#intake = settings === undefined ? undefined : this.#open(settings);
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

  /** Events that are in no RuntimeReport. */
  losses(): { unattributed: number; dropped: number } {
    return { unattributed: this.#aggregate.unattributed, dropped: this.#aggregate.gaveWay().events };
  }

  /** @returns where events are taken; undefined when the intake is off */
  async listen(): Promise<string | undefined> {
    return this.#intake?.listen();
  }

  /** What is there has been read: from now on RuntimeReports are written. */
  begin(): void {
    this.#begun = true;
    // Before the namespaces were read, nobody could tell which of them exist.
    for (const namespace of this.#counted) if (!this.#exists(namespace)) this.#removeSeries(namespace);
    this.#publisher.begin();
  }

  /** This replica leads from now on, or what could not be written can be. */
  wakeAll(): void {
    this.#publisher.wakeAll();
  }

  /** Takes no more events. */
  async close(): Promise<void> {
    await this.#intake?.close();
  }

  /** Writes what was put off, before the process ends. @param signal there is no more time */
  async flush(signal: AbortSignal): Promise<void> {
    await this.#publisher.close(signal);
  }

  evidence(namespace: string): Source<RuntimeFinding> {
    return this.heard ? read(this.#ledger.findings(namespace, this.#options.clock.now())) : noRuntimeYet;
  }

  #hear(at: number): void {
    const soonest = Math.min(at, this.#options.clock.now());
    this.#newest = Math.max(this.#newest ?? soonest, soonest);
  }

  #open(settings: NonNullable<Settings['intake']>): FalcoIntake {
    const { clock, logger, metrics, onChange, onReceived, onDropped } = this.#options;
    const aggregate = this.#aggregate;
    return new FalcoIntake({
      ...settings.address,
      token: settings.token,
      secretPath: settings.secretPath,
      insecure: settings.insecure,
      limits: { closeTimeout: closeTimeoutMs },
      aggregate: {
        add: (event, now) => {
          onReceived(event, now);
          return aggregate.add(event, now);
        },
      },
      clock,
      logger,
      count: (result) => {
        metrics.increment('plumbline_falco_events_total', { result });
        if (result === 'dropped') onDropped();
      },
      onEvent: ({ namespace, priority, at }) => {
        this.#hear(at);
        if (namespace === undefined) return;
        this.#count(namespace, priority);
        this.#publisher.wake(namespace);
        onChange(namespace, 'normal');
      },
    });
  }

  /** A namespace that does not exist gets no series: its name is whatever a sender says, and nothing would end it. */
  #count(namespace: string, priority: EventPriority): void {
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
    this.#removeSeries(namespace);
  }
}
