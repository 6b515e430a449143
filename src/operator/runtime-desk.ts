import type { RuntimeReportStatus } from '../api/runtime-report.ts';
import { runtimeReportName } from '../api/resources.ts';
import type { Clock } from '../base/clock.ts';
import type { RuntimeFinding } from '../domain/runtime.ts';
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
import { runtimeStatus } from './runtime-status.ts';
import type { StatusWriter } from './status-writer.ts';
import { topOwnerOf } from './top-owner.ts';

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

  constructor(options: RuntimeDeskOptions) {
    this.#options = options;
    const { state, clock, settings } = options;
    this.#aggregate = new RuntimeAggregate({
      subjectOf: (namespace, pod) => topOwnerOf(state, namespace, pod),
    });
    this.#intake = settings === undefined ? undefined : this.#open(settings);
    state.runtimeReports.store.subscribe((change) => {
      if (!this.#seeding || change.type !== 'set') return;
      const findings = (change.value.memo?.findings ?? []) as readonly RuntimeFinding[];
      this.#heard ||= findings.length > 0;
      this.#aggregate.seed(change.namespace, findings, clock.now());
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
    const object = state.namespaces.store.get('', namespace)?.value;
    if (object === undefined || object.terminating) return {};
    const ref = { namespace, name: runtimeReportName };
    const findings = this.#aggregate.findings(namespace, clock.now());
    const known = state.runtimeReports.store.get(namespace, runtimeReportName) !== undefined;
    if (findings.length === 0 && !known) return {};
    const status = runtimeStatus(findings, this.#aggregate.gaveWay(namespace).events);
    const outcome = await writer.write(ref, undefined, status, options);
    return outcome.result === 'deferred' ? { requeueAfterMs: outcome.retryAfterMs } : {};
  }

  /** Writes what the budget had put off, before the process ends. */
  async flush(): Promise<void> {
    for (const namespace of this.#aggregate.namespaces()) {
      try {
        await this.publish(namespace, { overBudget: true });
      } catch (error) {
        this.#options.logger.error('runtime events could not be written before the end', {
          namespace,
          error,
        });
      }
    }
  }

  #open(settings: NonNullable<Settings['intake']>): FalcoIntake {
    const { clock, logger, metrics, queue } = this.#options;
    return new FalcoIntake({
      ...settings.address,
      token: settings.token,
      secretPath: settings.secretPath,
      insecure: settings.insecure,
      aggregate: this.#aggregate,
      clock,
      logger,
      count: (result) => metrics.increment('plumbline_falco_events_total', { result }),
      onEvent: ({ namespace, priority, at }) => {
        this.#heard = true;
        this.#newest = Math.max(this.#newest ?? 0, at);
        if (namespace === undefined) return;
        metrics.increment('plumbline_runtime_events_total', { namespace, priority });
        queue.add(runtimeKey(namespace));
        queue.add(namespaceKey(namespace));
      },
    });
  }

  #forget(namespace: string): void {
    this.#aggregate.forget(namespace);
    for (const priority of priorities)
      this.#options.metrics.remove('plumbline_runtime_events_total', { namespace, priority });
  }
}
