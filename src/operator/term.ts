import type { Clock } from '../base/clock.ts';
import type { ApiClient } from '../kube/client.ts';
import type { Priority, WorkResult } from '../kube/queue.ts';
import { WorkQueue } from '../kube/queue.ts';
import type { WriteBudget } from '../kube/write-budget.ts';
import type { Format } from '../telemetry/exposition-format.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { VerdictSeries } from '../telemetry/verdict-series.ts';
import type { AdmissionKeeper } from './admission-keeper.ts';
import type { ClusterFactsKeeper } from './cluster-facts.ts';
import type { ClusterState } from './cluster-state.ts';
import { ClusterVerdicts } from './cluster-verdicts.ts';
import type { EvidenceState } from './evidence-state.ts';
import type { ExploitedKeeper } from './exploited-keeper.ts';
import { FirstPass } from './first-pass.ts';
import { Heartbeat } from './heartbeat.ts';
import { countWork, logFailure, retryRefused } from './instruments.ts';
import { clusterKey, everyNamespaceKey, namespaceKey, parseKey, profileKey } from './keys.ts';
import type { MeshKeeper } from './mesh-keeper.ts';
import { gatherCluster } from './gather-cluster.ts';
import type { ProfileBook } from './profile-book.ts';
import type { ProprietaryKeeper } from './proprietary-keeper.ts';
import { PutOff } from './put-off.ts';
import type { ClusterContext } from './reconcile-cluster.ts';
import { reconcileCluster } from './reconcile-cluster.ts';
import { createReconcileContext } from './reconcile-context.ts';
import type { ReconcileContext } from './reconcile-namespace.ts';
import { reconcileNamespace } from './reconcile-namespace.ts';
import { reconcileProfile } from './reconcile-profile.ts';
import { Refusals } from './refusals.ts';
import { ReportStates } from './report-states.ts';
import type { RuntimeDesk } from './runtime-desk.ts';
import type { SbomKeeper } from './sbom-keeper.ts';
import type { ScanEvidenceKeeper } from './scan-evidence.ts';
import type { SignKeeper } from './sign-keeper.ts';
import type { Writers } from './writers.ts';
import { createWriters } from './writers.ts';

export interface TermParts {
  readonly state: ClusterState;
  readonly facts: ClusterFactsKeeper;
  readonly admission: AdmissionKeeper;
  readonly mesh: MeshKeeper;
  readonly exploited: ExploitedKeeper;
  readonly proprietary: ProprietaryKeeper;
  readonly book: ProfileBook;
  readonly scans: ScanEvidenceKeeper;
  readonly sboms: SbomKeeper;
  readonly runtime: RuntimeDesk;
  readonly signs: SignKeeper;
  readonly evidence: () => EvidenceState[];
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly budget: WriteBudget;
  readonly random: (() => number) | undefined;
  /** Milliseconds between two writes of a summary. */
  readonly heartbeatMs: number | undefined;
  /** A write has shown that the server was restored from a backup. */
  readonly onRolledBack: () => void;
  /** Asked before each request that changes something. */
  readonly leading: () => boolean;
}

/** What is to be written is not this replica's to write any more. */
class TermOverError extends Error {
  override readonly name = 'TermOverError';
}

/**
 * The work of the leader, from the moment at which a replica begins to lead until it no longer does: everything is judged,
 * from stores that are filled already, and then what changes. Whatever is known of verdicts is known for one term only.
 */
export class Term {
  readonly writers: Writers;
  readonly #parts: TermParts;
  readonly #verdicts: VerdictSeries;
  readonly #states = new ReportStates();
  readonly #refusals = new Refusals();
  readonly #queue: WorkQueue;
  readonly #putOff: PutOff;
  readonly #context: ReconcileContext;
  readonly #profileContext: Parameters<typeof reconcileProfile>[0];
  readonly #clusterContext: ClusterContext;
  readonly #heartbeat: Heartbeat;
  readonly #firstPass = new FirstPass(() => this.#onFirstPass());
  readonly #working = new AbortController();
  readonly #writing = new AbortController();
  #drained: Promise<void> = Promise.resolve();
  #beating: Promise<void> = Promise.resolve();

  constructor(parts: TermParts) {
    this.#parts = parts;
    const { clock, logger, metrics, state, client, heartbeatMs } = parts;
    this.#verdicts = new VerdictSeries((name) => state.namespaces.store.get('', name) !== undefined);
    const guarded: Pick<ApiClient, 'request'> = {
      request: (request) =>
        this.active ? client.request(request) : Promise.reject(new TermOverError('another replica leads')),
    };
    const signal = this.#writing.signal;
    this.writers = createWriters({ ...parts, client: guarded, signal });
    this.#putOff = new PutOff(this.writers.reports);
    this.#queue = new WorkQueue({
      clock,
      // What the end of the term cuts short is no failure.
      onError: (failure) => void (this.active && logFailure(logger)(failure)),
      hooks: countWork(metrics),
    });
    const cluster = new ClusterVerdicts({
      snapshot: () => gatherCluster(parts),
      summary: (name) => this.writers.summaries.current({ namespace: '', name }),
      logger,
    });
    const wakeLater = (namespace: string, afterMs: number) => this.wakeLater(namespace, afterMs);
    this.#context = createReconcileContext({
      ...parts,
      wakeLater,
      cluster,
      reports: this.#putOff,
      verdicts: this.#verdicts,
      states: this.#states,
      signal: this.#working.signal,
    });
    this.#profileContext = { state, book: parts.book, client: guarded, clock, logger, signal };
    this.#clusterContext = {
      ...{ state, book: parts.book, cluster, verdicts: this.#verdicts, clock },
      wakeLater,
      onChange: () => this.#heartbeat.hasten(),
    };
    this.#heartbeat = new Heartbeat({
      ...parts,
      cluster: (profile, now) => cluster.of(profile, now),
      writers: this.writers,
      states: this.#states,
      refusals: this.#refusals,
      runtime: () => ({ ...parts.runtime.losses(), ...parts.signs.counts() }),
      everyMs: heartbeatMs,
    });
  }

  /** False from the moment at which another replica may lead. */
  get active(): boolean {
    return !this.#writing.signal.aborted && this.#parts.leading();
  }

  /** Keys that wait for a worker. */
  get depth(): number {
    return this.#queue.depth;
  }

  /** Why reports cannot be written although they can be read. */
  get problems(): string[] {
    return Object.values(this.writers).flatMap(({ problem }) => problem ?? []);
  }

  /** The verdict metrics: none before every namespace was judged, and none when the term is over. */
  *metrics(format?: Format): Generator<string> {
    if (this.active) yield* this.#verdicts.chunks(format);
  }

  begin(): void {
    const { state } = this.#parts;
    const namespaces = state.namespaces.store.list('').map(({ name }) => name);
    this.#firstPass.begin(namespaces);
    this.wakeCluster();
    for (const name of namespaces) this.wake(name, 'low');
    for (const { name } of state.profiles.store.list('')) this.#queue.add(profileKey(name));
    this.#drained = this.#queue.run((key) => this.#work(key), this.#working.signal);
  }

  wake(namespace: string, priority: Priority = 'normal'): void {
    this.#queue.add(namespaceKey(namespace), { priority });
  }

  wakeLater(namespace: string, afterMs: number): void {
    this.#queue.addAfter(namespaceKey(namespace), afterMs);
  }

  /** Something that the controls of the cluster read has changed. */
  wakeCluster(afterMs = 0): void {
    this.#queue.addAfter(clusterKey, afterMs);
  }

  wakeAll(priority: Priority = 'normal'): void {
    this.wakeCluster();
    for (const { name } of this.#parts.state.namespaces.store.list('')) this.wake(name, priority);
  }

  wakeEach(afterMs: number): void {
    this.#queue.addAfter(everyNamespaceKey, afterMs);
  }

  /** What was written may never have been: the server was restored from a backup. */
  distrust(): void {
    for (const writer of Object.values(this.writers)) writer.distrust();
  }

  wakeProfile(profile: string, afterMs = 0): void {
    this.#queue.addAfter(profileKey(profile), afterMs);
  }

  /** Another replica may lead from now on: no more work is begun, and what is under way is given up. */
  /** Whether the API server refuses some report for good. */
  get refused(): boolean {
    return this.#refusals.some;
  }

  end(): void {
    this.#working.abort();
    this.#writing.abort(new TermOverError('another replica leads'));
  }

  /** In order, while nobody else leads: ends the work that is under way, and writes what the budget had put off. */
  async close(): Promise<void> {
    this.#working.abort();
    await Promise.all([this.#drained, this.#beating]);
    await this.#putOff.flush(async (namespace) => {
      // What it needs was waited for when it was put off; that no more work is begun must not hold it back now.
      const context = { ...this.#context, prepare: () => Promise.resolve(true) };
      if (this.active) await reconcileNamespace(context, namespace);
    }, this.#parts.logger);
  }

  async #work(key: string): Promise<WorkResult | void> {
    const { what, name } = parseKey(key);
    if (what === 'namespaces') return this.wakeAll('low');
    if (what === 'cluster')
      return (await this.#context.settled()) ? reconcileCluster(this.#clusterContext) : {};
    return retryRefused<WorkResult | void>(this.#queue, key, () =>
      what === 'profile' ? reconcileProfile(this.#profileContext, name) : this.#workOnNamespace(name),
    );
  }

  async #workOnNamespace(name: string): Promise<WorkResult> {
    try {
      const result = await reconcileNamespace(this.#context, name);
      this.#refusals.note(name);
      return result;
    } catch (error) {
      this.#refusals.note(name, error);
      throw error;
    } finally {
      this.#firstPass.passed(name);
    }
  }

  #onFirstPass(): void {
    if (!this.active) return;
    this.#parts.logger.info('every namespace was judged');
    this.#verdicts.open();
    this.#beating = this.#heartbeat.run(this.#working.signal);
  }
}
