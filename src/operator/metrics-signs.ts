import { compareText } from '../domain/compare-text.ts';
import type { MetricsGap, MetricsState } from '../domain/sensors.ts';
import { ScrapeMemory } from '../evidence/falco/scrape-memory.ts';
import { present } from '../evidence/present.ts';
import type { PodObject } from '../evidence/workloads/project-pod.ts';
import type { ClusterState } from './cluster-state.ts';

/** Pods of Falcosidekick are known by namespace and name, and Falco by its node. */
export const keyOfSidekick = ({ namespace, name }: Pick<PodObject, 'namespace' | 'name'>): string =>
  `${namespace}/${name}`;

export interface MetricsSignsOptions {
  readonly state: Pick<ClusterState, 'sensors' | 'logReaders'>;
  /** When this process began, milliseconds since the epoch. */
  readonly since: number;
  /** After how long without a sign each profile calls a sensor blind, milliseconds. */
  readonly blindAfter: () => readonly number[];
  /** Whether some profile asks for metrics. */
  readonly scraping: () => boolean;
}

/** Of which sensors, and of what carries their events on, the metrics are read, and of which they should be. */
export class MetricsSigns {
  readonly memory: ScrapeMemory;
  readonly #options: MetricsSignsOptions;
  /** What was said of each node when it was last looked, and under '' of Falcosidekick. */
  #words = new Map<string, string>();

  constructor(options: MetricsSignsOptions) {
    this.#options = options;
    this.memory = new ScrapeMemory({ shortestGap: () => this.#shortest }, options.since);
  }

  get asked(): boolean {
    return this.#options.scraping();
  }

  /** Of Falco on a node; undefined where no profile asks. */
  ofFalco(node: string, now: number, blindAfter = this.#shortest): MetricsState | undefined {
    return this.asked ? this.#stateOf('falco', node, blindAfter, now) : undefined;
  }

  /** Of Falco on a node, and of every Falcosidekick: through which of them its events go nobody knows. */
  ofNode(node: string, now: number, blindAfter: number): MetricsState {
    const own = this.#stateOf('falco', node, blindAfter, now);
    return own === 'read' ? (this.#sidekickGap(now, blindAfter) ?? own) : own;
  }

  /** How many pages there should be, and which are not read. */
  pages(now: number): { readonly all: number; readonly gaps: readonly (readonly [string, MetricsGap])[] } {
    const nodes = this.#nodes();
    const sidekicks = this.#sidekicks(now, this.#shortest);
    const gaps = [
      ...nodes.map((node) => [node, this.#stateOf('falco', node, this.#shortest, now)] as const),
      ...sidekicks.map(
        (pod) => [keyOfSidekick(pod), this.#stateOfSidekick(pod, this.#shortest, now)] as const,
      ),
    ].flatMap(([key, state]) => (state === 'read' ? [] : [[key, state] as const]));
    return { all: nodes.length + sidekicks.length, gaps };
  }

  /** @returns the namespaces of which a verdict may have moved since it was asked last; undefined: of all */
  changed(now: number): readonly string[] | undefined {
    const keys = this.asked ? ['', ...this.#nodes()] : [];
    const words = new Map(keys.map((key) => [key, this.#wordOf(key, now)]));
    const news = keys.filter((key) => this.#words.get(key) !== words.get(key));
    this.#words = words;
    if (news.includes('')) return undefined;
    return [...new Set(news.flatMap((node) => this.#options.state.logReaders.namespacesOn(node)))];
  }

  /** The same after something became of one page. */
  changedBy(page: string, now: number): readonly string[] | undefined {
    const key = page.includes('/') ? '' : page;
    const word = this.#wordOf(key, now);
    if (this.#words.get(key) === word) return [];
    this.#words.set(key, word);
    return key === '' ? undefined : this.#options.state.logReaders.namespacesOn(key);
  }

  /** @param key a node, or '' for Falcosidekick */
  #wordOf(key: string, now: number): string {
    const states = this.#options
      .blindAfter()
      .map((each) =>
        key === '' ? (this.#sidekickGap(now, each) ?? 'read') : this.#stateOf('falco', key, each, now),
      );
    return JSON.stringify(states);
  }

  #stateOf(
    of: MetricsGap['of'],
    key: string,
    blindAfter: number,
    now: number,
    why = this.memory.problemOf(key),
  ): MetricsState {
    const last = this.memory.signs.last(key);
    if (last !== undefined && now - last <= blindAfter) return 'read';
    return present({ of, since: last, why });
  }

  #stateOfSidekick(pod: PodObject, blindAfter: number, now: number): MetricsState {
    // One that is not ready is not asked, and what it was given it may never pass on.
    const why = pod.sidekick?.ready === true ? undefined : 'its pod is not ready';
    return this.#stateOf('falcosidekick', keyOfSidekick(pod), blindAfter, now, why);
  }

  /** Of the first that is not read. */
  #sidekickGap(now: number, blindAfter: number): MetricsGap | undefined {
    for (const pod of this.#sidekicks(now, blindAfter)) {
      const state = this.#stateOfSidekick(pod, blindAfter, now);
      if (state !== 'read') return state;
    }
    return undefined;
  }

  #nodes(): readonly string[] {
    const nodes = this.#options.state.sensors.falco().flatMap(({ node }) => node ?? []);
    return [...new Set(nodes)].toSorted(compareText);
  }

  /** One that is young and was never read may not have been looked at yet, or be about to become ready. */
  #sidekicks(now: number, blindAfter: number): readonly PodObject[] {
    return this.#options.state.sensors
      .sidekicks()
      .filter(
        (pod) =>
          this.memory.signs.last(keyOfSidekick(pod)) !== undefined ||
          now - (pod.sidekick?.since ?? -Infinity) > blindAfter,
      )
      .toSorted((a, b) => compareText(keyOfSidekick(a), keyOfSidekick(b)));
  }

  get #shortest(): number {
    return Math.min(...this.#options.blindAfter());
  }
}
