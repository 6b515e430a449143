import { runtimeReportName } from '../api/resources.ts';
import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import { ConflictError, AlreadyExistsError, NotFoundError } from '../kube/errors.ts';
import type { Priority, WorkResult } from '../kube/queue.ts';
import { WorkQueue } from '../kube/queue.ts';
import type { Change } from '../kube/store.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ClusterState } from './cluster-state.ts';
import { countWork, logFailure, retryRefused } from './instruments.ts';
import { parseKey, runtimeKey } from './keys.ts';
import type { RuntimeMemo } from './memos.ts';
import { isEnding, resyncMs } from './reconcile-namespace.ts';
import type { RuntimeLedger } from './runtime-ledger.ts';
import type { StatusWriter } from './status-writer.ts';

/** RuntimeReports written at once; while the process ends, and there is little time, more. */
const concurrency = 2;
const flushesAtOnce = 8;

/** Tries for one report while the process ends: other replicas may end at the same time and write the same reports. */
const flushTries = 8;

export interface RuntimePublisherOptions {
  readonly state: ClusterState;
  readonly ledger: RuntimeLedger;
  readonly writer: StatusWriter<RuntimeMemo>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly leading: () => boolean;
  /** Events up to this one are about to be sent; resolves when that is noted where it outlives the process. */
  readonly beforeSending: (namespace: string, upTo: number) => Promise<void>;
  /** Somebody else has changed what is known of a namespace: another replica, or a foreign hand. */
  readonly onChange: (namespace: string, priority: Priority) => void;
}

/**
 * Keeps RuntimeReports up to date. Every replica adds the events that it took itself; what is to be done with a report
 * beyond that, to end what is over and to put back what others have changed, the leader does alone, so that two replicas
 * never work against each other.
 */
export class RuntimePublisher {
  readonly #options: RuntimePublisherOptions;
  readonly #queue: WorkQueue;
  readonly #working = new AbortController();
  #drained: Promise<void> | undefined;

  constructor(options: RuntimePublisherOptions) {
    this.#options = options;
    const { clock, logger, metrics, state } = options;
    this.#queue = new WorkQueue({
      clock,
      concurrency,
      onError: logFailure(logger),
      hooks: countWork(metrics),
    });
    state.runtimeReports.store.subscribe((change) => this.#see(change));
  }

  get depth(): number {
    return this.#queue.depth;
  }

  /** What is there has been read: from now on RuntimeReports are written. */
  begin(): void {
    const run = (key: string) =>
      retryRefused(this.#queue, key, () => this.#publish(parseKey(key).name, { overBudget: false }));
    this.#drained = this.#queue.run(run, this.#working.signal);
    this.wakeAll();
  }

  wake(namespace: string): void {
    this.#queue.add(runtimeKey(namespace));
  }

  /** Looks at every report: this replica leads from now on, say. */
  wakeAll(): void {
    for (const namespace of this.#options.ledger.namespaces())
      this.#queue.add(runtimeKey(namespace), { priority: 'low' });
  }

  /**
   * Ends the work, and writes what the budget had put off.
   * @param signal there is no more time
   */
  async close(signal: AbortSignal): Promise<void> {
    this.#working.abort();
    if (this.#drained === undefined) return;
    await this.#drained;
    const waiting = [...this.#options.ledger.namespaces()];
    let failed: { namespaces: number; error: unknown } | undefined;
    const work = async (): Promise<void> => {
      for (let namespace = waiting.pop(); namespace !== undefined; namespace = waiting.pop()) {
        try {
          await this.#flush(namespace, signal);
        } catch (error) {
          failed = { namespaces: (failed?.namespaces ?? 0) + 1, error };
        }
      }
    };
    await Promise.all(Array.from({ length: flushesAtOnce }, work));
    if (failed !== undefined)
      this.#options.logger.error('runtime events could not be written before the end', failed);
  }

  async #flush(namespace: string, signal: AbortSignal): Promise<void> {
    for (let tries = 1; ; tries++) {
      signal.throwIfAborted();
      try {
        const { requeueAfterMs } = await this.#publish(namespace, { overBudget: true });
        if (requeueAfterMs !== 0 || tries >= flushTries) return;
      } catch (error) {
        if (!isOvertaken(error) || tries >= flushTries) throw error;
        // Another replica was faster; the watch is about to show what it wrote.
        await sleep(this.#options.clock, 10 * 2 ** tries, signal);
      }
    }
  }

  async #publish(namespace: string, options: { readonly overBudget: boolean }): Promise<WorkResult> {
    const { state, ledger, writer, clock, leading, onChange } = this.#options;
    const object = state.namespaces.store.get('', namespace)?.value;
    if (object === undefined || object.terminating || !state.runtimeReports.available) return {};
    const ref = { namespace, name: runtimeReportName };
    ledger.see(namespace, writer.current(ref), clock.now());
    if (!ledger.hasOwn(namespace) && !leading()) return {};
    // Thousands of events may come in this time, each of which asks.
    const putOffMs = options.overBudget ? 0 : writer.putOffMs(ref);
    if (putOffMs > 0) return { requeueAfterMs: putOffMs };
    const upTo = ledger.gather(namespace);
    if (upTo !== undefined) await this.#options.beforeSending(namespace, upTo);
    // From here to the write nothing waits: it is decided on the version that it carries.
    ledger.see(namespace, writer.current(ref), clock.now());
    const status = ledger.compose(namespace, clock.now());
    // Nothing to say; what is there without a status yet is another replica's, who is about to fill it.
    if (status.findings.length === 0 && writer.current(ref)?.status === undefined) {
      ledger.notSent(namespace);
      return {};
    }
    try {
      const outcome = await writer.write(ref, undefined, status, options);
      if (outcome.result === 'deferred') {
        ledger.notSent(namespace);
        return { requeueAfterMs: outcome.retryAfterMs };
      }
      ledger.see(namespace, writer.current(ref), clock.now());
      if (outcome.result === 'written' && outcome.overtaken) {
        onChange(namespace, 'normal');
        return { requeueAfterMs: 0 };
      }
    } catch (error) {
      // What the watch has shown meanwhile was taken for the echo of this write, and was another's.
      if (isOvertaken(error)) onChange(namespace, 'normal');
      if (!isEnding(error)) throw error;
    }
    if (ledger.hasOwn(namespace)) return { requeueAfterMs: 0 };
    // Findings end by time alone, and the owner of a pod may become known later.
    return status.findings.length === 0 || !leading() ? {} : { requeueAfterMs: resyncMs };
  }

  /** What the watch shows of a report. */
  #see(change: Change<{ readonly memo: RuntimeMemo }>): void {
    const { state, ledger, writer, clock, onChange } = this.#options;
    const { namespace, name } = change;
    const ref = { namespace, name };
    if (change.type === 'delete') writer.forget(ref);
    // The last of a namespace that is gone: one of its name that comes later has nothing to do with it.
    if (change.type === 'delete' && state.namespaces.store.get('', namespace) === undefined)
      return ledger.forget(namespace);
    ledger.see(namespace, writer.current(ref), clock.now());
    const version = state.runtimeReports.store.get(namespace, name)?.resourceVersion;
    if (version !== undefined && writer.isOwnEcho(ref, version)) return;
    if (change.type === 'delete' || change.value.memo.foreign) writer.excuse(ref);
    onChange(namespace, change.initial ? 'low' : 'normal');
    this.wake(namespace);
  }
}

const isOvertaken = (error: unknown): boolean =>
  error instanceof ConflictError || error instanceof NotFoundError || error instanceof AlreadyExistsError;
