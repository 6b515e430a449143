import type { Loss } from '../../domain/sensors.ts';
import type { NodeSignsOptions } from './node-signs.ts';
import { NodeSigns } from './node-signs.ts';
import type { MetricsProblem } from './metrics-text.ts';
import type { CounterReading } from './own-metrics.ts';

/** What was counted when somebody looked last; `at` is milliseconds since the epoch. */
export interface LastCount {
  readonly at: number;
  /** Seconds since the epoch, 0 where nobody knows. */
  readonly started: number;
  readonly drops: number;
}

/** What one pod shows. */
export interface PodPage {
  readonly uid: string;
  readonly result: CounterReading | MetricsProblem;
}

/** What follows from one look at the pages of metrics of a node, or of a pod of Falcosidekick. */
export interface ScrapeNews {
  /** It is read again, having not been for a while. */
  readonly back: boolean;
  /** Since when events were lost that are new losses. */
  readonly lostSince?: number;
}

const mostCounts = 20_000;

/** What pods that are gone had counted is of interest to nobody, and would fill what replicas tell each other. */
const countedMs = 24 * 3_600_000;

/**
 * What pages of metrics have said, by node for Falco, and by namespace/name for the pods of Falcosidekick: when they proved
 * that their processes work. What was counted is held by the uid of each pod: two of Falco on one node, as in a migration,
 * count apart.
 */
export class ScrapeMemory {
  readonly signs: NodeSigns;
  readonly #since: number;
  readonly #counts = new Map<string, LastCount>();
  /** Events that it had been given; told to nobody, since a minute later it is known anew. */
  readonly #events = new Map<string, { readonly started: number; readonly events: number }>();
  readonly #problems = new Map<string, { readonly at: number; readonly problem: string }>();

  /** @param since when this process began to look, milliseconds since the epoch */
  constructor(options: NodeSignsOptions, since: number) {
    this.signs = new NodeSigns(options);
    this.#since = since;
  }

  /**
   * Pages were looked at: all must work, and none may lose.
   * @param pages of all pods that the key stands for
   * @param at milliseconds since the epoch
   */
  take(key: string, pages: readonly PodPage[], at: number): ScrapeNews {
    const looks = pages.map((page) => this.#look(page, at));
    const works = looks.length > 0 && looks.every((look) => look.works);
    const problem = looks.find((look) => look.problem !== undefined)?.problem;
    if (works) this.#problems.delete(key);
    else if (problem !== undefined) keep(this.#problems, key, { at, problem });
    const losses = looks.flatMap(({ lostSince }) => lostSince ?? []);
    const back = works && this.signs.hear(key, at);
    return { back, ...(losses.length === 0 ? {} : { lostSince: Math.min(...losses) }) };
  }

  #look({ uid, result }: PodPage, at: number): Look {
    if ('problem' in result) return { works: false, problem: result.problem };
    const lostSince = this.#compare(uid, result, at);
    keep(this.#counts, uid, { at, started: result.started, drops: result.drops });
    return { ...this.#works(uid, result), lostSince };
  }

  /** Why the page could not be used when it was looked at last. */
  problemOf(key: string): string | undefined {
    return this.#problems.get(key)?.problem;
  }

  /** Adds what another replica, or an earlier process, knows of a pod. */
  addCount(uid: string, count: LastCount): void {
    const known = this.#counts.get(uid);
    if (known === undefined ? this.#counts.size < mostCounts : count.at > known.at)
      this.#counts.set(uid, count);
  }

  /** By the uid of the pod. */
  get counts(): ReadonlyMap<string, LastCount> {
    return this.#counts;
  }

  /** What ended before `since`, milliseconds since the epoch, is of no interest any more, and of counts a day is enough. */
  forget(since: number, now: number): void {
    this.signs.forget(since);
    for (const [uid, { at }] of this.#counts) {
      if (at >= now - countedMs) continue;
      this.#counts.delete(uid);
      this.#events.delete(uid);
    }
    for (const [key, { at }] of this.#problems) if (at < since) this.#problems.delete(key);
  }

  /** Of what had been lost when it was looked at first nobody knows when that was, unless it started since. */
  #compare(uid: string, { started, drops }: CounterReading, at: number): Loss['since'] | undefined {
    const before = this.#counts.get(uid);
    if (before === undefined) {
      const isYoung = started * 1_000 > this.#since;
      return isYoung && drops > 0 ? Math.min(started * 1_000, at) : undefined;
    }
    const isNew = started !== before.started || drops < before.drops;
    return drops > (isNew ? 0 : before.drops) ? Math.min(before.at, at) : undefined;
  }

  /** A sensor that is given no events watches nothing, however well it answers. */
  #works(uid: string, { started, events, unproven }: CounterReading): Look {
    if (unproven !== undefined) return { works: false, problem: unproven };
    if (events === undefined) return { works: true };
    const before = this.#events.get(uid);
    keep(this.#events, uid, { started, events });
    if (before === undefined) return { works: false };
    const isNew = started !== before.started || events < before.events;
    if (events > (isNew ? 0 : before.events)) return { works: true };
    return { works: false, problem: 'it is given no events of the kernel' };
  }
}

/** What is to be said of one pod. */
interface Look {
  readonly works: boolean;
  readonly problem?: string;
  readonly lostSince?: number | undefined;
}

/** What was renewed longest ago gives way. */
function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= mostCounts) return;
  for (const oldest of map.keys()) return void map.delete(oldest);
}
