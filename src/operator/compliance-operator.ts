import type { ResourceEvent } from '@dot-i/k8s-operator';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock, Timer } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import type { Control } from '../domain/control.ts';
import { HttpServer } from '../http/server.ts';
import { ApiClient } from '../kube/client.ts';
import { WriteBudget } from '../kube/write-budget.ts';
import type { Settings } from '../settings.ts';
import type { Logger } from '../telemetry/log.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { AdmissionKeeper } from './admission-keeper.ts';
import { baseLogger, loadsNothing, Operator, watchNames } from './base-class.ts';
import { guardClock } from './clock-guard.ts';
import { ClusterFactsKeeper } from './cluster-facts.ts';
import { ClusterState } from './cluster-state.ts';
import { evidenceStates } from './evidence-state.ts';
import { ExploitedKeeper } from './exploited-keeper.ts';
import { hasScans } from './gather.ts';
import { connectMetrics } from './instruments.ts';
import type { LeaseTimes } from './leadership.ts';
import { Leadership } from './leadership.ts';
import { MeshKeeper } from './mesh-keeper.ts';
import { NewestEvidence } from './newest-evidence.ts';
import { OutageLog } from './outage-log.ts';
import { ProfileBook } from './profile-book.ts';
import { RuntimeDesk } from './runtime-desk.ts';
import { SbomKeeper } from './sbom-keeper.ts';
import { ScanEvidenceKeeper } from './scan-evidence.ts';
import { SignKeeper } from './sign-keeper.ts';
import type { StatusWriter } from './status-writer.ts';
import { Term } from './term.ts';
import { policyDelayMs, subscribeAll } from './wake.ts';
import { watchHooks } from './watch-hooks.ts';
import type { AnyWatched } from './watched.ts';
import type { RuntimeMemo } from './memos.ts';
import { createRuntimeWriter } from './writers.ts';

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
    /** Between two words of one replica to the others about what it hears. */
    readonly signs?: number;
    readonly lease?: LeaseTimes;
  };
}

/** So long a stop may take before what is under way is given up, and then the Lease. */
const stopMs = 3_000;
const releaseMs = 1_000;

/**
 * Milliseconds after which it is looked again for what a definition defines: the API server takes a moment to serve what it has
 * established, and a busy one longer. Without that the next look at what is absent would be minutes away.
 */
const servedAfterMs = [3_000, 7_000, 20_000] as const;

/**
 * Plumbline as an operator. The base class gives the lifecycle; watching, queueing and writing are those of kube/, since
 * the base class ends the process on any watch error and loses what is deleted in between (docs/adr/0003). Every replica
 * watches and takes events; the one that leads has a Term, and works (docs/adr/0007).
 */
export class ComplianceOperator extends Operator {
  readonly #options: OperatorOptions;
  readonly #client: ApiClient;
  readonly #leaseClient: ApiClient;
  readonly #leadership: Leadership;
  readonly #metrics = new Metrics({ chunks: () => this.#term?.metrics() ?? nothing() });
  readonly #budget: WriteBudget;
  readonly #state: ClusterState;
  readonly #facts: ClusterFactsKeeper;
  readonly #admission: AdmissionKeeper;
  readonly #mesh: MeshKeeper;
  readonly #exploited: ExploitedKeeper;
  readonly #book: ProfileBook;
  readonly #scans: ScanEvidenceKeeper;
  readonly #sboms: SbomKeeper;
  readonly #signs: SignKeeper;
  readonly #runtimeWriter: StatusWriter<RuntimeMemo>;
  readonly #runtime: RuntimeDesk;
  readonly #http: HttpServer;
  readonly #newest: NewestEvidence;
  readonly #outages: OutageLog;
  readonly #watching = new AbortController();
  readonly #campaigning = new AbortController();
  readonly #writing = new AbortController();
  readonly #background: Promise<void>[] = [];
  /** Stands for election from the moment at which all that is required was read. */
  #campaign: Promise<void> | undefined;
  #term: Term | undefined;
  #later: Timer | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: OperatorOptions) {
    super(loadsNothing(baseLogger(options.logger)));
    const { clock, logger, kubeConfig, catalogue, settings, intervals } = options;
    this.#options = options;
    this.kubeConfig = kubeConfig;
    this.#outages = new OutageLog(clock, logger);
    this.#client = this.#connect();
    // One of its own: a renewal must not wait in line behind a thousand reports.
    this.#leaseClient = this.#connect();
    this.#leadership = new Leadership({
      settings,
      client: this.#leaseClient,
      clock,
      logger,
      times: intervals?.lease,
      onStarted: () => this.#lead(),
      onStopped: () => this.#follow(),
    });
    const common = { client: this.#client, clock, logger };
    const hooks = watchHooks({
      logger,
      metrics: this.#metrics,
      outages: this.#outages,
      watched: () => this.#watched(),
      ready: () => this.#campaign !== undefined,
      onAvailability: () => this.#wakeWhenReady(),
      onRolledBack: (resource) => this.#onRolledBack(resource),
    });
    this.#book = new ProfileBook(catalogue);
    this.#state = new ClusterState(this.#client, clock, hooks);
    this.#newest = new NewestEvidence(this.#state);
    const interval = intervals?.write;
    this.#budget = new WriteBudget({ clock, ...(interval === undefined ? {} : { intervalMs: interval }) });
    this.#admission = new AdmissionKeeper({
      ...common,
      hooks,
      signal: this.#watching.signal,
      onChange: (namespace) => this.#wake(namespace),
      auditMaxAge: () =>
        Math.min(...this.#book.active().map(({ parameters }) => parameters['policies.auditMaxAge'])),
    });
    this.#mesh = new MeshKeeper({
      ...common,
      hooks,
      signal: this.#watching.signal,
      onChange: (namespace) => this.#wake(namespace),
    });
    this.#exploited = new ExploitedKeeper({
      ...common,
      hooks,
      signal: this.#watching.signal,
      onChange: () => this.#term?.wakeAll(),
    });
    this.#facts = new ClusterFactsKeeper({
      ...common,
      onChange: () => this.#wakeWhenReady(),
      onDiscovery: (discovery) => {
        this.#admission.serve(discovery);
        this.#mesh.serve(discovery);
      },
    });
    this.#scans = new ScanEvidenceKeeper({
      ...common,
      state: this.#state,
      hooks,
      signal: this.#watching.signal,
      onChange: () => this.#term?.wakeAll(),
    });
    this.#sboms = new SbomKeeper({
      ...common,
      state: this.#state,
      signal: this.#watching.signal,
      onRead: (namespace) => this.#term?.wake(namespace, 'normal'),
      onRefusal: () => this.#term?.wakeAll(),
    });
    const { lease, podName } = settings;
    this.#signs = new SignKeeper({
      ...common,
      hooks,
      state: this.#state,
      home: lease === undefined ? undefined : { namespace: lease.namespace, replica: podName },
      blindAfter: () => this.#book.active().map(({ parameters }) => parameters['runtime.blindSensorAfter']),
      everyMs: intervals?.signs,
      leading: () => this.#term?.active ?? false,
      onChange: (namespaces) => this.#onSigns(namespaces),
    });
    this.#runtimeWriter = createRuntimeWriter({
      ...common,
      state: this.#state,
      budget: this.#budget,
      onRolledBack: () => this.#onRolledBack(),
      signal: this.#writing.signal,
    });
    this.#runtime = new RuntimeDesk({
      ...common,
      settings: settings.intake,
      state: this.#state,
      writer: this.#runtimeWriter,
      metrics: this.#metrics,
      replica: this.#leadership.identity,
      leading: () => this.#term?.active ?? false,
      onChange: (namespace, priority) => this.#term?.wake(namespace, priority),
      onReceived: (event, now) => this.#signs.receive(event, now),
      heardElsewhere: () => this.#signs.heard,
      onDropped: () => this.#signs.lose(),
    });
    this.#signs.countBy(() => this.#runtime.losses());
    this.#http = new HttpServer({
      ...settings.metricsAddress,
      metrics: this.#metrics,
      alive: () => [],
      ready: () => this.#notReady(),
      notes: () => this.#leadership.describe(),
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

  /**
   * In this order: no more events, no more work, what is known is written, another replica may lead, everything is closed.
   */
  async #shutDown(): Promise<void> {
    const { logger, clock } = this.#options;
    logger.info('stopping');
    // A server that does not answer must not keep the process: whoever stops it would kill it, and nothing would be closed.
    const patience = clock.timer(stopMs, () => this.#giveUp());
    if (this.#term === undefined) this.#campaigning.abort();
    await this.#runtime.close();
    await this.#term?.close();
    await this.#runtime.flush(this.#writing.signal);
    await this.#signs.publish(this.#writing.signal);
    patience.cancel();
    await this.#release();
    this.#watching.abort();
    await Promise.all(this.#background);
    this.#later?.cancel();
    this.#outages.close();
    await this.#http.close();
    await Promise.all([this.#client.close(), this.#leaseClient.close()]);
    logger.info('stopped');
  }

  async #release(): Promise<void> {
    this.#campaigning.abort();
    const limit = new AbortController();
    await Promise.race([this.#campaign, sleep(this.#options.clock, releaseMs, limit.signal)]);
    limit.abort();
  }

  #giveUp(): void {
    this.#term?.end();
    this.#writing.abort(new Error('there was no more time'));
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
      watched: () => this.#watched(),
      depth: () => (this.#term?.depth ?? 0) + this.#runtime.depth,
      evidence: () => this.#evidence(),
      leading: () => this.#term?.active ?? false,
    });
    subscribeAll(this.#state, { book: this.#book, leader: () => this.#term });
    this.#state.profiles.store.subscribe(() => void (this.#campaign !== undefined && this.#prepare()));
    const { address, port } = await this.#http.listen();
    this.metricsAddress = `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
    this.intakeAddress = await this.#runtime.listen();
    logger.info('listening', { metrics: this.metricsAddress, intake: this.intakeAddress });
    this.#background.push(
      this.#facts.run(this.#watching.signal),
      this.#state.run(this.#watching.signal),
      this.#signs.run(this.#watching.signal),
    );
    const onSet = (milliseconds: number) => {
      logger.warn('the clock of this machine was set; everything is judged anew', { milliseconds });
      this.#term?.wakeAll();
    };
    this.#background.push(guardClock(clock, onSet, this.#watching.signal));
    await this.watchResource('apiextensions.k8s.io', 'v1', 'customresourcedefinitions', async () => {
      this.#lookAgain();
      this.#lookLater(servedAfterMs);
    });
  }

  /** Of several definitions that come together, the last one counts. */
  #lookLater([wait, ...others]: readonly number[]): void {
    this.#later?.cancel();
    if (wait === undefined) return;
    this.#later = this.#options.clock.timer(wait, () => {
      this.#lookAgain();
      this.#lookLater(others);
    });
  }

  #connect(): ApiClient {
    const { kubeConfig: config, clock } = this.#options;
    return new ApiClient({
      config,
      clock,
      onRequest: ({ verb, resource, code }) => {
        this.#metrics.increment('plumbline_api_requests_total', { verb, resource, code });
        this.#outages.answered(code);
      },
    });
  }

  #lookAgain(): void {
    this.#facts.refresh();
    this.#state.poke();
    this.#admission.poke();
    this.#mesh.poke();
    this.#exploited.poke();
    if (this.#refusals().length === 0) return;
    this.#term?.wakeAll();
    this.#runtime.wakeAll();
  }

  /** Why reports cannot be written although they can be read. */
  #refusals(): string[] {
    return [this.#term?.problems ?? [], this.#runtimeWriter.problem ?? []].flat();
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

  /** @param namespace undefined for all */
  #wake(namespace: string | undefined): void {
    if (namespace === undefined) this.#term?.wakeEach(policyDelayMs);
    else this.#term?.wake(namespace);
  }

  #unread(): string[] {
    const facts = this.#facts.facts === undefined ? [this.#facts.problem] : [];
    return [...facts, ...this.#state.unsynced()];
  }

  #notReady(): string[] {
    return [this.#unread(), this.#refusals(), this.#leadership.problem ?? []].flat();
  }

  /**
   * Stands for election when everything that is required was read. Later, judges everything anew: what rests on evidence
   * that can no longer be read must not stay as it was.
   */
  #wakeWhenReady(): void {
    if (this.#campaign === undefined) {
      if (this.#unread().length === 0) this.#begin();
      return;
    }
    this.#prepare();
    this.#term?.wakeAll();
  }

  /** Reads beforehand what a reconcile would have to wait for: who begins to lead is to judge at once. */
  #prepare(): void {
    this.#exploited.follow(this.#book.active());
    this.#sboms.seek(this.#book.active());
    if (hasScans(this.#state)) this.#scans.prepare(this.#book.active(), this.#watching.signal);
  }

  /** One sees it, all believe it. @param resource whose watch saw it; undefined when a write did */
  #onRolledBack(resource?: string): void {
    this.#options.logger.warn('the API server was restored from a backup; everything is read again', {
      resource,
    });
    this.#state.distrust(resource ?? '');
    this.#scans.distrust();
    this.#admission.distrust();
    this.#mesh.distrust();
    this.#exploited.distrust();
    this.#sboms.distrust();
    this.#term?.distrust();
    this.#runtimeWriter.distrust();
  }

  #begin(): void {
    const namespaces = this.#state.namespaces.store.size;
    this.#options.logger.info('ready', { namespaces, missing: this.#state.missing() });
    this.#runtime.begin();
    this.#prepare();
    this.#sboms.begin();
    this.#campaign = this.#leadership.run(this.#campaigning.signal);
  }

  #lead(): void {
    if (this.#stopped !== undefined) return;
    const { random, intervals, clock, logger } = this.#options;
    this.#term = new Term({
      state: this.#state,
      facts: this.#facts,
      admission: this.#admission,
      mesh: this.#mesh,
      exploited: this.#exploited,
      book: this.#book,
      scans: this.#scans,
      sboms: this.#sboms,
      runtime: this.#runtime,
      signs: this.#signs,
      evidence: () => this.#evidence(),
      client: this.#client,
      clock,
      logger,
      metrics: this.#metrics,
      budget: this.#budget,
      random,
      heartbeatMs: intervals?.heartbeat,
      onRolledBack: () => this.#onRolledBack(),
      leading: () => this.#leadership.leading,
    });
    this.#term.begin();
    // What others did to a RuntimeReport while nobody led.
    this.#runtime.wakeAll();
  }

  /** A warm standby again: the stores are kept up to date, and nothing is worked on. */
  #follow(): void {
    this.#term?.end();
    this.#term = undefined;
  }

  /** A node begins or ceases to be heard, or events were lost. */
  #onSigns(namespaces: readonly string[] | undefined): void {
    this.#term?.wakeCluster(policyDelayMs);
    if (namespaces === undefined) this.#term?.wakeEach(policyDelayMs);
    else for (const namespace of namespaces) this.#term?.wake(namespace, 'low');
  }

  #evidence() {
    return evidenceStates(
      this.#state,
      this.#admission,
      { mesh: this.#mesh, exploited: this.#exploited },
      this.#runtime,
      this.#newest,
    );
  }

  #watched(): readonly AnyWatched[] {
    return [...this.#state.all, ...this.#admission.watched(), ...this.#mesh.watched, ...this.#signs.watched];
  }
}

function* nothing(): Generator<string> {}
