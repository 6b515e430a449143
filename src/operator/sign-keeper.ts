import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import type { MetricsState, SensorNode } from '../domain/sensors.ts';
import type { FalcoEvent } from '../evidence/falco/event.ts';
import { NodeSigns } from '../evidence/falco/node-signs.ts';
import type { PodPage } from '../evidence/falco/scrape-memory.ts';
import type { IntakeRecord } from '../evidence/falco/signs-text.ts';
import { formatRecord } from '../evidence/falco/signs-text.ts';
import { present } from '../evidence/present.ts';
import type { ApiClient } from '../kube/client.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ClusterState } from './cluster-state.ts';
import { IntakeRecords } from './intake-records.ts';
import { MetricsSigns } from './metrics-signs.ts';
import type { AnyWatched, WatchedHooks, Witness } from './watched.ts';
import { distrustAll } from './watched.ts';

const minute = 60_000;

/** How often it is looked whether a node has fallen silent. */
const sweepMs = 15_000;

/** A delivery after so long without one is news. */
const deliveryMs = 60 * minute;

/** What is older lies in no window. */
const keepMs = 8 * 24 * 60 * minute;

/** Where no profile says, because none can be used. */
const usualGapMs = 15 * minute;

export interface SignKeeperOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hooks: WatchedHooks;
  readonly state: ClusterState;
  /** What this replica is called, and where replicas tell each other; undefined where this is the only one. */
  readonly home: { readonly namespace: string; readonly replica: string } | undefined;
  /** After how long without a sign each profile calls a sensor blind, milliseconds. */
  readonly blindAfter: () => readonly number[];
  /** Whether some profile asks for the metrics of sensors. */
  readonly scraping?: () => boolean;
  /** Milliseconds between two words to the others; default one minute. */
  readonly everyMs?: number | undefined;
  readonly leading: () => boolean;
  /** Of these namespaces a verdict may have moved; undefined: of all. */
  readonly onChange: (namespaces: readonly string[] | undefined) => void;
}

/** Events of this replica that are in no report. */
interface Counts {
  readonly unattributed: number;
  readonly dropped: number;
}

/**
 * Knows of which nodes events reach Plumbline, and which are known to be lost: by what this replica takes, and by what the
 * others say once a minute. It wakes a namespace when a node begins or ceases to be heard, and not for an event.
 */
export class SignKeeper {
  readonly #options: SignKeeperOptions;
  readonly #signs: NodeSigns;
  readonly metrics: MetricsSigns;
  readonly #records: IntakeRecords | undefined;
  readonly #since: number;
  /** By node, for each of the times that profiles name, whether it was heard when it was last looked. */
  #heard = new Map<string, string>();
  /** When the newest event came to be that this replica has received. */
  #delivered: number | undefined;
  #counts: () => Counts = () => ({ unattributed: 0, dropped: 0 });

  constructor(options: SignKeeperOptions) {
    this.#options = options;
    this.#since = options.clock.now();
    this.#signs = new NodeSigns({
      shortestGap: () => Math.min(...this.#blindAfter()),
    });
    this.metrics = new MetricsSigns({
      state: options.state,
      since: this.#since,
      blindAfter: () => this.#blindAfter(),
      scraping: options.scraping ?? (() => false),
    });
    const { home } = options;
    if (home !== undefined)
      this.#records = new IntakeRecords({
        ...options,
        home,
        hooks: { ...options.hooks, onReadability: () => options.onChange(undefined) },
        onRecord: (record) => this.#merge(record),
      });
  }

  /** What is watched for it. */
  get watched(): readonly AnyWatched[] {
    return this.#records?.watched ?? [];
  }

  /** Reads again what others say: the server was restored from a backup. @param known whose watch has found that out */
  distrust(known?: Witness): void {
    distrustAll(this.watched, known);
  }

  /** @param counts of what this replica has received since it began */
  countBy(counts: () => Counts): void {
    this.#counts = counts;
  }

  /** An event came, be it the first of its kind or one that is known. */
  receive({ kind, hostname, at, notice }: FalcoEvent, now: number): void {
    const moment = Math.min(at, now);
    const isDelivery = this.#noteDelivery(moment);
    // That Falcosidekick can reach us says nothing of any sensor.
    const node = kind === 'test' || hostname === undefined ? undefined : this.#nodeOf(hostname);
    const concerned = node === undefined ? [] : this.#hear(node, notice, moment, now);
    // Of the cluster a verdict may move by the mere arrival.
    if (isDelivery || concerned.length > 0) this.#options.onChange(concerned);
  }

  /** @returns the namespaces for which that is news */
  #hear(node: string, notice: FalcoEvent['notice'], moment: number, now: number): readonly string[] {
    const isNews = this.#signs.hear(node, moment);
    // That is told now; a sweep need not.
    if (isNews) this.#heard.set(node, this.#wordFor(node, now));
    const isLoss = this.#loses(node, notice, moment);
    return isNews || isLoss ? this.#options.state.logReaders.namespacesOn(node) : [];
  }

  /** When the newest event came to be that any replica has received; undefined when none ever was. */
  delivered(): number | undefined {
    let newest = this.#delivered;
    for (const { spans } of this.#signs.nodes.values())
      newest = Math.max(newest ?? 0, spans.at(-1)?.[1] ?? 0);
    return newest;
  }

  /** Whether any replica has ever received an event, as far as anybody tells. */
  get heard(): boolean {
    return this.#delivered !== undefined || this.#signs.nodes.size > 0;
  }

  /** This replica was sent an event that it could not take. */
  lose(): void {
    if (this.#signs.lose('', 'operator', this.#options.clock.now())) this.#options.onChange(undefined);
  }

  /**
   * Pages of metrics were read, or were not.
   * @param key the node of Falco, or namespace/name of a pod of Falcosidekick
   * @param pages of all pods that the key stands for
   */
  scraped(key: string, pages: readonly PodPage[]): void {
    const { clock, state, onChange } = this.#options;
    const now = clock.now();
    const { back, lostSince } = this.metrics.memory.take(key, pages, now);
    const isNode = !key.includes('/');
    const isLoss =
      lostSince !== undefined &&
      this.#signs.lose(isNode ? key : '', isNode ? 'sensor' : 'sidekick', now, lostSince);
    // Of an event that Falcosidekick could not pass on nobody knows whose it was.
    if (isLoss) onChange(isNode ? state.logReaders.namespacesOn(key) : undefined);
    if (back) this.#wake(this.metrics.changedBy(key, now));
  }

  /** @param withMetrics whether is told too what pages of metrics show, and which are missing */
  tell(
    node: string,
    blindAfter: number,
    now: number,
    withMetrics = false,
  ): Omit<SensorNode, 'name' | 'pods' | 'since' | 'uncoverable'> {
    if (!withMetrics) return this.#signs.tell(node, blindAfter, now);
    const pages = this.metrics.memory.signs.nodes.get(node);
    const metrics = this.metrics.ofNode(node, now, blindAfter);
    const { signs, lastSign } = this.#signs.tell(node, blindAfter, now, pages);
    const withPages = present({ signs, lastSign });
    return { ...this.#signs.tell(node, blindAfter, now), metrics, withPages };
  }

  /** Of the sensor on a node; undefined where no profile asks. */
  metricsOf(node: string): MetricsState | undefined {
    return this.metrics.ofFalco(node, this.#options.clock.now());
  }

  lossOf(node: string): ReturnType<NodeSigns['lossOf']> {
    return this.#signs.lossOf(node);
  }

  /** Of all replicas that are alive. */
  counts(): Counts {
    return (this.#records?.others() ?? []).reduce(
      (sum, { unattributed, dropped }) => ({
        unattributed: sum.unattributed + unattributed,
        dropped: sum.dropped + dropped,
      }),
      this.#counts(),
    );
  }

  /** Resolves when it is known what was said before, or when that takes too long. */
  async decided(signal: AbortSignal): Promise<void> {
    await this.#records?.decided(signal);
  }

  /** Resolves when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    await Promise.all([this.#records?.run(signal), this.#publish(signal), this.#sweepOften(clock, signal)]);
  }

  /** Says what is known, for the process that comes after. */
  async publish(signal?: AbortSignal): Promise<void> {
    const { clock, leading } = this.#options;
    const now = clock.now();
    const { nodes: signs, losses } = this.#signs;
    const { signs: pages, counts } = this.metrics.memory;
    const scraped = { scrapes: pages.nodes, counts };
    const record = { at: now, since: this.#since, ...this.#counts(), signs, losses, ...scraped };
    await this.#records?.write(formatRecord(record), { signal, tidy: leading() ? now - keepMs : undefined });
  }

  async #publish(signal: AbortSignal): Promise<void> {
    // What an earlier process of this name has said is read before it is overwritten.
    await this.decided(signal);
    while (!signal.aborted) {
      await this.publish(signal);
      await sleep(this.#options.clock, this.#options.everyMs ?? minute, signal);
    }
  }

  async #sweepOften(clock: Clock, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#sweep();
      await sleep(clock, sweepMs, signal);
    }
  }

  /** Wakes who runs on nodes that are heard and were not, or were and are not. */
  #sweep(): void {
    const { clock, state, onChange } = this.#options;
    const now = clock.now();
    this.#signs.forget(now - keepMs);
    this.metrics.memory.forget(now - keepMs, now);
    for (const book of [state.sensors, state.flowBook])
      book.keepOnly((node) => state.logReaders.knows(node) !== undefined);
    const heard = new Map<string, string>();
    const changed = new Set<string>();
    for (const node of this.#signs.nodes.keys()) {
      const word = this.#wordFor(node, now);
      heard.set(node, word);
      if (this.#heard.get(node) === word) continue;
      for (const namespace of state.logReaders.namespacesOn(node)) changed.add(namespace);
    }
    this.#heard = heard;
    if (changed.size > 0) onChange([...changed]);
    this.#wake(this.metrics.changed(now));
  }

  #wake(namespaces: readonly string[] | undefined): void {
    if (namespaces === undefined || namespaces.length > 0) this.#options.onChange(namespaces);
  }

  #wordFor(node: string, now: number): string {
    const age = now - (this.#signs.last(node) ?? -Infinity);
    return this.#blindAfter()
      .map((gap) => (age <= gap ? 'heard' : 'silent'))
      .join();
  }

  #merge({ signs, losses, scrapes, counts }: IntakeRecord): void {
    for (const [node, each] of signs) this.#signs.add(node, each);
    for (const [key, each] of scrapes) this.metrics.memory.signs.add(key, each);
    for (const [uid, each] of counts) this.metrics.memory.addCount(uid, each);
    let forAll = false;
    const changed = new Set<string>();
    for (const [concerns, loss] of losses) {
      if (!this.#signs.addLoss(concerns, loss)) continue;
      if (concerns === '') forAll = true;
      else for (const each of this.#options.state.logReaders.namespacesOn(concerns)) changed.add(each);
    }
    if (forAll || changed.size > 0) this.#options.onChange(forAll ? undefined : [...changed]);
    this.#sweep();
  }

  /** @returns whether there was none for long */
  #noteDelivery(at: number): boolean {
    const before = this.#delivered;
    this.#delivered = Math.max(at, before ?? at);
    return before === undefined || at - before > deliveryMs;
  }

  #loses(node: string, notice: FalcoEvent['notice'], at: number): boolean {
    if (notice === undefined) return false;
    const dropped = notice.drops !== undefined && this.#signs.count(node, notice.drops);
    return (notice.lost || dropped) && this.#signs.lose(node, 'sensor', at);
  }

  /** A host name is that of a node, or with older charts of Falco's pod; whatever else a sender says names nothing here. */
  #nodeOf(hostname: string): string | undefined {
    const { sensors, logReaders } = this.#options.state;
    return sensors.nodeOf(hostname) ?? (logReaders.knows(hostname) === undefined ? undefined : hostname);
  }

  #blindAfter(): readonly number[] {
    const all = [...new Set(this.#options.blindAfter())];
    return all.length === 0 ? [usualGapMs] : all;
  }
}
