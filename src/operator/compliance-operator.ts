import type { ResourceEvent } from '@dot-i/k8s-operator';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock, Timer } from '../base/clock.ts';
import type { Control } from '../domain/control.ts';
import { HttpServer } from '../http/server.ts';
import { ApiClient } from '../kube/client.ts';
import { TerminalError } from '../kube/errors.ts';
import type { WorkResult } from '../kube/queue.ts';
import { WorkQueue } from '../kube/queue.ts';
import type { Settings } from '../settings.ts';
import type { Logger } from '../telemetry/log.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { VerdictSeries } from '../telemetry/verdict-series.ts';
import { baseLogger, loadsNothing, Operator, watchNames } from './base-class.ts';
import { guardClock } from './clock-guard.ts';
import { ClusterFactsKeeper } from './cluster-facts.ts';
import { ClusterState } from './cluster-state.ts';
import { evidenceStates } from './evidence-state.ts';
import { FirstPass } from './first-pass.ts';
import { Heartbeat } from './heartbeat.ts';
import { connectMetrics, countWork, describeFailure } from './instruments.ts';
import { namespaceKey, parseKey } from './keys.ts';
import { NewestEvidence } from './newest-evidence.ts';
import { OutageLog } from './outage-log.ts';
import { ProfileBook } from './profile-book.ts';
import { createReconcileContext } from './reconcile-context.ts';
import type { ReconcileContext } from './reconcile-namespace.ts';
import { reconcileNamespace, resyncMs } from './reconcile-namespace.ts';
import { reconcileProfile } from './reconcile-profile.ts';
import { Refusals } from './refusals.ts';
import { ReportStates } from './report-states.ts';
import { RuntimeDesk } from './runtime-desk.ts';
import { ScanEvidenceKeeper } from './scan-evidence.ts';
import { definitionDiffers } from './status-writer.ts';
import { subscribeAll } from './wake.ts';
import type { WatchedHooks } from './watched.ts';
import type { Writers } from './writers.ts';
import { createWriters } from './writers.ts';

export interface OperatorOptions {
  readonly settings: Settings;
  /** Loaded and checked: the base class alone would throw a bare ENOENT. */
  readonly kubeConfig: KubeConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly catalogue: readonly Control[];
  readonly random?: () => number;
  /** Milliseconds; shorter ones for tests. */
  readonly intervals?: {
    /** Least time between two writes of one report. */
    readonly write?: number;
    /** Between two writes of a summary. */
    readonly heartbeat?: number;
  };
}

/** So long a stop may take before what is under way is given up. */
const stopMs = 3_000;

/** Longest that the API server takes to serve what it has just established, and to show it in discovery. */
const servedAfterMs = 3_000;

/**
 * Plumbline as an operator. The base class gives the lifecycle; watching, queueing and writing are those of kube/, since
 * the base class ends the process on any watch error and loses what is deleted in between (docs/adr/0003).
 */
export class ComplianceOperator extends Operator {
  readonly #options: OperatorOptions;
  readonly #client: ApiClient;
  readonly #verdicts = new VerdictSeries();
  readonly #metrics = new Metrics(this.#verdicts);
  readonly #state: ClusterState;
  readonly #facts: ClusterFactsKeeper;
  readonly #book: ProfileBook;
  readonly #queue: WorkQueue;
  readonly #writers: Writers;
  readonly #scans: ScanEvidenceKeeper;
  readonly #runtime: RuntimeDesk;
  readonly #http: HttpServer;
  readonly #heartbeat: Heartbeat;
  readonly #firstPass: FirstPass;
  readonly #context: ReconcileContext;
  readonly #states = new ReportStates();
  readonly #refused = new Refusals();
  readonly #newest: NewestEvidence;
  readonly #outages: OutageLog;
  readonly #watching = new AbortController();
  readonly #working = new AbortController();
  readonly #writing = new AbortController();
  readonly #background: Promise<void>[] = [];
  #later: Timer | undefined;
  #drained: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: OperatorOptions) {
    super(loadsNothing(baseLogger(options.logger)));
    const { clock, logger, kubeConfig, catalogue, settings, intervals } = options;
    this.#options = options;
    this.kubeConfig = kubeConfig;
    this.#outages = new OutageLog(clock, logger);
    this.#client = new ApiClient({
      config: kubeConfig,
      clock,
      onRequest: ({ verb, resource, code }) => {
        this.#metrics.increment('plumbline_api_requests_total', { verb, resource, code });
        this.#outages.answered(code);
      },
    });
    const common = { client: this.#client, clock, logger };
    const hooks = this.#watchHooks();
    this.#book = new ProfileBook(catalogue);
    this.#state = new ClusterState(this.#client, clock, hooks);
    this.#newest = new NewestEvidence(this.#state);
    this.#writers = createWriters({
      ...common,
      state: this.#state,
      signal: this.#writing.signal,
      onRolledBack: () => this.#onRolledBack(),
      intervalMs: intervals?.write,
    });
    this.#facts = new ClusterFactsKeeper({ ...common, onChange: () => this.#wakeWhenReady() });
    this.#queue = new WorkQueue({
      clock,
      onError: (failure) => {
        // The writer has said so, once for all objects.
        if (!isDefinitionDifferent(failure.error))
          logger.error('a reconcile failed', describeFailure(failure));
      },
      hooks: countWork(this.#metrics),
    });
    this.#scans = new ScanEvidenceKeeper({
      ...common,
      state: this.#state,
      hooks,
      signal: this.#watching.signal,
      onChange: () => this.#wakeAll(),
    });
    this.#runtime = new RuntimeDesk({
      ...common,
      settings: settings.intake,
      state: this.#state,
      writer: this.#writers.runtimeReports,
      queue: this.#queue,
      metrics: this.#metrics,
    });
    this.#firstPass = new FirstPass(() => this.#onFirstPass());
    this.#context = createReconcileContext({
      ...common,
      state: this.#state,
      facts: this.#facts,
      book: this.#book,
      writers: this.#writers,
      scans: this.#scans,
      runtime: this.#runtime,
      verdicts: this.#verdicts,
      states: this.#states,
      random: options.random,
      signal: this.#working.signal,
    });
    this.#heartbeat = new Heartbeat({
      ...common,
      state: this.#state,
      book: this.#book,
      writers: this.#writers,
      states: this.#states,
      refusals: this.#refused,
      evidence: () => this.#evidence(),
      runtime: () => this.#runtime.losses(),
      everyMs: intervals?.heartbeat,
    });
    this.#http = new HttpServer({
      ...settings.metricsAddress,
      metrics: this.#metrics,
      alive: () => [],
      ready: () => this.#notReady(),
      logger,
    });
  }

  /** What is known of the cluster, to look into. */
  get state(): ClusterState {
    return this.#state;
  }

  /** Where metrics and probes are served; known after `start`. */
  metricsAddress = '';

  /** Where Falco events are taken; known after `start`, undefined when nowhere. */
  intakeAddress: string | undefined;

  /** Begins to end what `start` began; `stopped` tells when that is done. */
  override stop(): void {
    this.#stopped ??= this.#shutDown();
  }

  /** Resolves when all is ended. */
  get stopped(): Promise<void> {
    this.stop();
    return this.#stopped ?? Promise.resolve();
  }

  /** In this order: no more events, no more work, what is known is written, everything is closed. */
  async #shutDown(): Promise<void> {
    const { logger, clock } = this.#options;
    logger.info('stopping');
    // A server that does not answer must not keep the process: whoever stops it would kill it, and nothing would be closed.
    const patience = clock.timer(stopMs, () => this.#writing.abort(new Error('there was no more time')));
    await this.#runtime.close();
    this.#working.abort();
    await this.#drained;
    await this.#runtime.flush(this.#writing.signal);
    this.#watching.abort();
    await Promise.all(this.#background);
    patience.cancel();
    this.#later?.cancel();
    this.#outages.close();
    await this.#http.close();
    await this.#client.close();
    logger.info('stopped');
  }

  /** @throws when a port cannot be had; everything is closed again then */
  override async start(): Promise<void> {
    try {
      await super.start();
    } catch (error) {
      await this.stopped;
      throw error;
    }
  }

  protected override async init(): Promise<void> {
    const { logger, clock } = this.#options;
    connectMetrics(this.#metrics, {
      state: this.#state,
      queue: this.#queue,
      evidence: () => this.#evidence(),
      leading: () => this.#firstPass.done,
    });
    subscribeAll(this.#state, {
      queue: this.#queue,
      book: this.#book,
      ...this.#writers,
      wakeAll: () => this.#wakeAll(),
    });
    const { address, port } = await this.#http.listen();
    this.metricsAddress = `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
    this.intakeAddress = await this.#runtime.listen();
    logger.info('listening', { metrics: this.metricsAddress, intake: this.intakeAddress });
    this.#background.push(this.#facts.run(this.#watching.signal), this.#state.run(this.#watching.signal));
    const onSet = (milliseconds: number) => {
      logger.warn('the clock of this machine was set; everything is judged anew', { milliseconds });
      this.#wakeAll();
    };
    this.#background.push(guardClock(clock, onSet, this.#watching.signal));
    await this.watchResource('apiextensions.k8s.io', 'v1', 'customresourcedefinitions', async () => {
      this.#lookAgain();
      // A definition that is established may take a moment to be served.
      this.#later?.cancel();
      this.#later = clock.timer(servedAfterMs, () => this.#lookAgain());
    });
  }

  #lookAgain(): void {
    this.#facts.refresh();
    this.#state.poke();
    if (this.#refusals().length > 0) this.#wakeAll();
  }

  /** Why reports cannot be written although they can be read. */
  #refusals(): string[] {
    return Object.values(this.#writers).flatMap(({ problem }) => problem ?? []);
  }

  protected override async watchResource(
    group: string,
    version: string,
    plural: string,
    onEvent: (event: ResourceEvent) => Promise<void>,
    namespace?: string,
  ): Promise<void> {
    const { clock, logger } = this.#options;
    const resource = { group, version, plural, namespaced: true };
    const watcher = watchNames({ client: this.#client, clock, logger, resource, namespace, onEvent });
    this.#background.push(watcher.run(this.#watching.signal));
  }

  #watchHooks(): WatchedHooks {
    const { logger } = this.#options;
    return {
      onAvailability: (resource) => {
        const problem = this.#problemOf(resource);
        // At the start every one of them changes; what is missing then is said once all have been read.
        const level = this.#drained === undefined ? 'debug' : 'info';
        logger[level]('a source changed', { resource, available: problem === undefined, problem });
        this.#wakeWhenReady();
      },
      onEvent: (resource, event) => {
        if (event.type === 'restart') {
          this.#metrics.increment('plumbline_watch_restarts_total', { resource, reason: event.reason });
          this.#outages.watchEnded(event.reason, event.error);
        } else if (event.type === 'relist') {
          this.#metrics.increment('plumbline_watch_relists_total', { resource });
        } else if (event.type === 'rolled-back') {
          this.#onRolledBack(resource);
        } else {
          const { namespace, name, error } = event;
          logger.warn('an object cannot be read', { resource, namespace, name, error });
        }
      },
    };
  }

  /** One sees it, all believe it. @param resource whose watch saw it; undefined when a write did */
  #onRolledBack(resource?: string): void {
    this.#options.logger.warn('the API server was restored from a backup; everything is read again', {
      resource,
    });
    this.#state.distrust(resource ?? '');
    this.#scans.distrust();
    for (const writer of Object.values(this.#writers)) writer.distrust();
  }

  #problemOf(resource: string): string | undefined {
    return this.#state.all.find(({ name }) => name === resource)?.problem;
  }

  #notReady(): string[] {
    const facts = this.#facts.facts === undefined ? [this.#facts.problem] : [];
    return [...facts, ...this.#state.unsynced(), ...this.#refusals()];
  }

  /**
   * Starts the work when everything that is required was read. Later, judges everything anew: what rests on evidence
   * that can no longer be read must not stay as it was.
   */
  #wakeWhenReady(): void {
    if (this.#drained !== undefined) this.#wakeAll();
    else if (this.#notReady().length === 0) this.#begin();
  }

  #begin(): void {
    const namespaces = this.#state.namespaces.store.list('').map(({ name }) => name);
    this.#options.logger.info('ready', { namespaces: namespaces.length, missing: this.#state.missing() });
    this.#runtime.begin();
    this.#firstPass.begin(namespaces);
    for (const name of namespaces) this.#queue.add(namespaceKey(name), { priority: 'low' });
    this.#drained = this.#queue.run((key) => this.#work(key), this.#working.signal);
  }

  #wakeAll(priority: 'low' | 'normal' = 'normal'): void {
    for (const { name } of this.#state.namespaces.store.list(''))
      this.#queue.add(namespaceKey(name), { priority });
  }

  async #work(key: string): Promise<WorkResult | void> {
    const { what, name } = parseKey(key);
    try {
      if (what === 'profile') return await this.#workOnProfile(name);
      if (what === 'namespaces') return this.#wakeAll('low');
      if (what === 'runtime') return await this.#runtime.publish(name);
      const result = await reconcileNamespace(this.#context, name);
      this.#refused.note(name);
      return result;
    } catch (error) {
      if (what === 'namespace') this.#refused.note(name, error);
      // What was refused for good is not tried again and again; but rights and definitions change.
      if (error instanceof TerminalError) this.#queue.addAfter(key, resyncMs);
      throw error;
    } finally {
      if (what === 'namespace') this.#firstPass.passed(name);
    }
  }

  #workOnProfile(name: string): Promise<void> {
    const { clock, logger } = this.#options;
    const [client, signal] = [this.#client, this.#writing.signal];
    return reconcileProfile({ state: this.#state, book: this.#book, client, clock, logger, signal }, name);
  }

  #onFirstPass(): void {
    this.#options.logger.info('every namespace was judged');
    this.#verdicts.open();
    this.#background.push(this.#heartbeat.run(this.#working.signal));
  }

  #evidence() {
    return evidenceStates(this.#state, this.#runtime, this.#newest);
  }
}

const isDefinitionDifferent = (error: unknown): boolean =>
  error instanceof TerminalError && error.reason === definitionDiffers;
