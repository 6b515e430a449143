import type { RuntimeReportStatus } from '../api/runtime-report.ts';
import { runtimeReportName } from '../api/resources.ts';
import type { Clock } from '../base/clock.ts';
import { invariant } from '../base/invariant.ts';
import type { Priority, RuntimeFinding } from '../domain/runtime.ts';
import { priorities } from '../domain/runtime.ts';
import type { Source } from '../domain/snapshot.ts';
import { read } from '../domain/snapshot.ts';
import { RuntimeAggregate } from '../evidence/falco/runtime-aggregate.ts';
import { FalcoIntake } from '../intake/falco-intake.ts';
import type { WorkQueue, WorkResult } from '../kube/queue.ts';
import type { Settings } from '../settings.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ClusterState } from './cluster-state.ts';
import { noRuntimeYet } from './gather.ts';
import { namespaceKey, runtimeKey } from './keys.ts';
import { isEnding, resyncMs } from './reconcile-namespace.ts';
import { runtimeStatus } from './runtime-status.ts';
import type { StatusWriter } from './status-writer.ts';
import { topOwnerOf } from './top-owner.ts';

/** Writes under way at once while the process ends. */
const flushesAtOnce = 8;

/** How long a sender may still finish what it sends while the process ends. */
const closeTimeoutMs = 1_000;

export interface RuntimeDeskOptions {
  readonly settings: Settings['intake'];
  readonly state: ClusterState;
  readonly writer: StatusWriter<RuntimeReportStatus | undefined>;
  readonly queue: WorkQueue;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Where Falco's events become RuntimeReports. The aggregate in memory is what holds; a RuntimeReport is its copy for people,
 * and what the next process starts from. So nobody clears an alert by editing or deleting the object.
 */
export class RuntimeDesk {
  readonly #options: RuntimeDeskOptions;
  readonly #aggregate: RuntimeAggregate;
  readonly #intake: FalcoIntake | undefined;
  #heard = false;
  #newest: number | undefined;
  /** Reports of an earlier process count until our own work begins; later ones are our own. */
  #seeding = true;
  /** Events that earlier processes could not keep, by namespace. */
  readonly #lostBefore = new Map<string, number>();
  /** Namespaces that have a series. */
  readonly #counted = new Set<string>();

  constructor(options: RuntimeDeskOptions) {
    this.#options = options;
    const { state, settings } = options;
    this.#aggregate = new RuntimeAggregate({
      subjectOf: (namespace, pod) => topOwnerOf(state, namespace, pod),
    });
    this.#intake = settings === undefined ? undefined : this.#open(settings);
    state.runtimeReports.store.subscribe((change) => {
      if (this.#seeding && change.type === 'set') this.#seed(change.namespace, change.value.memo);
    });
    state.namespaces.store.subscribe((change) => {
      if (change.type === 'delete') this.#forget(change.name);
    });
  }

  /** Whether an event was ever received, by this process or the one before. */
  get heard(): boolean {
    return this.#heard;
  }

  /** When the newest event happened, milliseconds since the epoch. */
  get newest(): number | undefined {
    return this.#newest;
  }

  /** Events that are in no RuntimeReport. */
  losses(): { unattributed: number; dropped: number } {
    return { unattributed: this.#aggregate.unattributed, dropped: this.#aggregate.gaveWay().events };
  }

  /** @returns where events are taken; undefined when the intake is off */
  async listen(): Promise<string | undefined> {
    return this.#intake?.listen();
  }

  /** From now on RuntimeReports are written, and what the watch shows of them is no news. */
  begin(): void {
    this.#seeding = false;
    // Before the namespaces were read, nobody could tell which of them exist.
    for (const namespace of this.#counted) if (!this.#exists(namespace)) this.#removeSeries(namespace);
    for (const namespace of this.#aggregate.namespaces()) this.#options.queue.add(runtimeKey(namespace));
  }

  /** Takes no more events. */
  async close(): Promise<void> {
    await this.#intake?.close();
  }

  evidence(namespace: string): Source<RuntimeFinding> {
    const findings = this.#aggregate.findings(namespace, this.#options.clock.now());
    return this.#heard ? read(findings) : noRuntimeYet;
  }

  /** Brings the RuntimeReport of a namespace up to date. */
  async publish(namespace: string, options: { readonly overBudget?: boolean } = {}): Promise<WorkResult> {
    const { state, writer, clock } = this.#options;
    invariant(!this.#seeding, 'RuntimeReports are written when those that are there have been read');
    const object = state.namespaces.store.get('', namespace)?.value;
    if (object === undefined || object.terminating) return {};
    const ref = { namespace, name: runtimeReportName };
    const findings = this.#aggregate.findings(namespace, clock.now());
    const known = state.runtimeReports.store.get(namespace, runtimeReportName) !== undefined;
    if (findings.length === 0 && !known) return {};
    const lost = (this.#lostBefore.get(namespace) ?? 0) + this.#aggregate.gaveWay(namespace).events;
    try {
      const outcome = await writer.write(ref, undefined, runtimeStatus(findings, lost), options);
      if (outcome.result === 'deferred') return { requeueAfterMs: outcome.retryAfterMs };
      if (outcome.result === 'written' && outcome.overtaken) return { requeueAfterMs: 0 };
    } catch (error) {
      if (!isEnding(error)) throw error;
    }
    // Findings end by time alone, and the owner of a pod may become known later.
    return findings.length === 0 ? {} : { requeueAfterMs: resyncMs };
  }

  /**
   * Writes what the budget had put off, before the process ends.
   * @param signal there is no more time
   */
  async flush(signal: AbortSignal): Promise<void> {
    const waiting = [...this.#aggregate.namespaces()];
    let failed: { namespaces: number; error: unknown } | undefined;
    const work = async (): Promise<void> => {
      for (let namespace = waiting.pop(); namespace !== undefined; namespace = waiting.pop()) {
        try {
          signal.throwIfAborted();
          await this.publish(namespace, { overBudget: true });
        } catch (error) {
          failed = { namespaces: (failed?.namespaces ?? 0) + 1, error };
        }
      }
    };
    await Promise.all(Array.from({ length: flushesAtOnce }, work));
    if (failed !== undefined)
      this.#options.logger.error('runtime events could not be written before the end', failed);
  }

  #seed(namespace: string, status: RuntimeReportStatus | undefined): void {
    if (status === undefined) return;
    const { findings, total, dropped, lastSeen } = status;
    const listed = findings.reduce((sum, { count }) => sum + count, 0);
    // What had no room in the report ended with the process that knew it.
    this.#lostBefore.set(namespace, dropped + Math.max(0, total - listed));
    this.#hear(lastSeen === undefined ? undefined : Date.parse(lastSeen));
    this.#aggregate.seed(namespace, findings, this.#options.clock.now());
  }

  #hear(at: number | undefined): void {
    if (at === undefined) return;
    this.#heard = true;
    const soonest = Math.min(at, this.#options.clock.now());
    this.#newest = Math.max(this.#newest ?? soonest, soonest);
  }

  #open(settings: NonNullable<Settings['intake']>): FalcoIntake {
    const { clock, logger, metrics, queue } = this.#options;
    return new FalcoIntake({
      ...settings.address,
      token: settings.token,
      secretPath: settings.secretPath,
      insecure: settings.insecure,
      limits: { closeTimeout: closeTimeoutMs },
      aggregate: this.#aggregate,
      clock,
      logger,
      count: (result) => metrics.increment('plumbline_falco_events_total', { result }),
      onEvent: ({ namespace, priority, at }) => {
        this.#hear(at);
        if (namespace === undefined) return;
        this.#count(namespace, priority);
        queue.add(runtimeKey(namespace));
        queue.add(namespaceKey(namespace));
      },
    });
  }

  /** A namespace that does not exist gets no series: its name is whatever a sender says, and nothing would end it. */
  #count(namespace: string, priority: Priority): void {
    if (!this.#seeding && !this.#exists(namespace)) return;
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
    this.#aggregate.forget(namespace);
    this.#lostBefore.delete(namespace);
    this.#removeSeries(namespace);
  }
}
