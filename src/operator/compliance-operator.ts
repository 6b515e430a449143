import type { ResourceEvent } from '@dot-i/k8s-operator';
import { HttpServer } from '../http/server.ts';
import type { NamesWatched } from './base-class.ts';
import { baseLogger, loadsNothing, Operator, watchNames } from './base-class.ts';
import { guardClock } from './clock-guard.ts';
import type { ClusterState } from './cluster-state.ts';
import { hasScans } from './gather.ts';
import { connectMetrics } from './instruments.ts';
import type { OperatorOptions } from './operator-options.ts';
import type { Parts } from './parts.ts';
import { createParts, evidenceOf, watchedBy } from './parts.ts';
import { Readiness } from './readiness.ts';
import { resources } from './resources.ts';
import { believeRollback } from './rollback.ts';
import { SecondLooks } from './second-looks.ts';
import { Lifetimes, shutDown } from './shutdown.ts';
import { Term } from './term.ts';
import { subscribeAll } from './wake.ts';
import type { AnyWatched, Witness } from './watched.ts';

/**
 * Plumbline as an operator. The base class gives the lifecycle; watching, queueing and writing are those of kube/, since
 * the base class ends the process on any watch error and loses what is deleted in between (docs/adr/0003). Every replica
 * watches and takes events; the one that leads has a Term, and works (docs/adr/0007).
 */
export class ComplianceOperator extends Operator {
  readonly #options: OperatorOptions;
  readonly #lifetimes = new Lifetimes();
  readonly #parts: Parts;
  readonly #readiness: Readiness;
  readonly #http: HttpServer;
  readonly #looks: SecondLooks;
  /** What `watchResource` was asked to watch. */
  readonly #named: NamesWatched[] = [];
  /** Stands for election from the moment at which all that is required was read. */
  #campaign: Promise<void> | undefined;
  #term: Term | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: OperatorOptions) {
    super(loadsNothing(baseLogger(options.logger)));
    const { clock, logger, kubeConfig, settings } = options;
    this.#options = options;
    this.kubeConfig = kubeConfig;
    this.#parts = createParts({
      ...options,
      watching: this.#lifetimes.watching.signal,
      writing: this.#lifetimes.writing.signal,
      term: () => this.#term,
      ready: () => this.#campaign !== undefined,
      onAvailability: () => this.#wakeWhenReady(),
      onRolledBack: (witness) => this.#onRolledBack(witness),
      onLead: () => this.#lead(),
      onFollow: () => this.#follow(),
    });
    const { metrics, leadership, reviews } = this.#parts;
    this.#readiness = new Readiness(this.#parts, () => this.#term);
    this.#looks = new SecondLooks(clock, () => this.#lookAgain());
    this.#http = new HttpServer({
      ...settings.metricsAddress,
      metrics,
      alive: () => [],
      ready: () => this.#readiness.problems(),
      notes: () => leadership.describe(),
      secure: settings.metricsSecure && {
        files: settings.metricsSecure.files,
        access: (token) => reviews.check(token),
      },
      clock,
      logger,
    });
  }

  /** What is known of the cluster, to look into. */
  get state(): ClusterState {
    return this.#parts.state;
  }

  /** Everything that is watched but definitions, whoever watches it. */
  get watched(): readonly AnyWatched[] {
    return watchedBy(this.#parts);
  }

  /** Where metrics and probes are served; known after `start`. */
  metricsAddress = '';

  /** Where Falco events are taken; known after `start`, undefined when nowhere. */
  intakeAddress: string | undefined;

  /** Begins to end what `start` began; `stopped` tells when that is done. */
  override stop(): void {
    this.#stopped ??= shutDown({
      ...this.#options,
      ...this.#parts,
      lifetimes: this.#lifetimes,
      term: () => this.#term,
      campaign: () => this.#campaign,
      looks: this.#looks,
      http: this.#http,
    });
  }

  /** Resolves when all is ended. */
  get stopped(): Promise<void> {
    this.stop();
    return this.#stopped ?? Promise.resolve();
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
    const { metrics, runtime, state, book, facts, signs, recorder, metricsKeeper } = this.#parts;
    const { background, watching } = this.#lifetimes;
    connectMetrics(metrics, {
      watched: () => this.watched,
      depth: () => (this.#term?.depth ?? 0) + runtime.depth,
      evidence: () => evidenceOf(this.#parts),
      leading: () => this.#term?.active ?? false,
      store: () => runtime.store,
    });
    subscribeAll(state, { book, leader: () => this.#term });
    state.profiles.store.subscribe(() => void (this.#campaign !== undefined && this.#prepare()));
    const { address, port } = await this.#http.listen();
    const scheme = this.#options.settings.metricsSecure === undefined ? 'http' : 'https';
    this.metricsAddress = `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}`;
    this.intakeAddress = await runtime.listen();
    logger.info('listening', { metrics: this.metricsAddress, intake: this.intakeAddress });
    for (const part of [facts, state, signs, recorder, metricsKeeper])
      background.push(part.run(watching.signal));
    const onSet = (milliseconds: number) => {
      logger.warn('the clock of this machine was set; everything is judged anew', { milliseconds });
      this.#term?.wakeAll();
    };
    background.push(guardClock(clock, onSet, watching.signal));
    const { group, version, plural } = resources.definitions;
    await this.watchResource(group, version, plural, async () => this.#looks.begin());
  }

  protected override async watchResource(
    group: string,
    version: string,
    plural: string,
    onEvent: (event: ResourceEvent) => Promise<void>,
    namespace?: string,
  ): Promise<void> {
    const { clock, logger } = this.#options;
    const { client } = this.#parts;
    const { background, watching } = this.#lifetimes;
    const resource = { group, version, plural, namespaced: true };
    const onRolledBack = (witness: Witness) => this.#onRolledBack(witness);
    const watched = watchNames({ client, clock, logger, resource, namespace, onRolledBack, onEvent });
    this.#named.push(watched);
    background.push(watched.watcher.run(watching.signal));
  }

  #lookAgain(): void {
    const { facts, state, admission, mesh, exploited, proprietary, runtime } = this.#parts;
    facts.refresh();
    for (const part of [state, admission, mesh, exploited, proprietary]) part.poke();
    // A definition that was away and came back may be what a write was refused for, also where no watch has missed it.
    if (this.#readiness.refusals().length === 0 && this.#term?.refused !== true) return;
    this.#term?.wakeAll();
    runtime.wakeAll();
  }

  /**
   * Stands for election when everything that is required was read. Later, judges everything anew: what rests on evidence
   * that can no longer be read must not stay as it was.
   */
  #wakeWhenReady(): void {
    if (this.#campaign === undefined) {
      if (this.#readiness.unread().length === 0) this.#begin();
      return;
    }
    this.#prepare();
    this.#term?.wakeAll();
  }

  /** Reads beforehand what a reconcile would have to wait for: who begins to lead is to judge at once. */
  #prepare(): void {
    const { sboms, scans, exploited, proprietary, state, book } = this.#parts;
    const profiles = book.active();
    exploited.follow(profiles);
    sboms.seek(profiles);
    proprietary.follow([
      ...new Set(profiles.flatMap(({ parameters }) => parameters['platform.proprietaryApiGroups'])),
    ]);
    if (hasScans(state)) scans.prepare(profiles, this.#lifetimes.watching.signal);
  }

  /** One sees it, all believe it. @param witness whose watch saw it; undefined when a write did */
  #onRolledBack(witness?: Witness): void {
    const believers = { ...this.#parts, term: this.#term, named: this.#named };
    believeRollback(believers, this.#options.logger, witness);
  }

  #begin(): void {
    const { state, runtime, sboms, leadership } = this.#parts;
    const namespaces = state.namespaces.store.size;
    this.#options.logger.info('ready', { namespaces, missing: state.missing() });
    runtime.begin();
    this.#prepare();
    sboms.begin();
    this.#campaign = leadership.run(this.#lifetimes.campaigning.signal);
  }

  #lead(): void {
    if (this.#stopped !== undefined) return;
    const { random, intervals, clock, logger } = this.#options;
    const { leadership, recorder, runtime } = this.#parts;
    this.#term = new Term({
      ...this.#parts,
      evidence: () => evidenceOf(this.#parts),
      clock,
      logger,
      random,
      heartbeatMs: intervals?.heartbeat,
      onRolledBack: () => this.#onRolledBack(),
      leading: () => leadership.leading,
    });
    this.#term.begin();
    // What the last leader wrote and did not tell.
    recorder.poke();
    // What others did to a RuntimeReport while nobody led.
    runtime.wakeAll();
  }

  /** A warm standby again: the stores are kept up to date, and nothing is worked on. */
  #follow(): void {
    this.#term?.end();
    this.#term = undefined;
  }
}
