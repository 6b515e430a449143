import type { Loss } from '../../domain/sensors.ts';
import type { NodeSignsOptions } from './node-signs.ts';
import { NodeSigns } from './node-signs.ts';
import type { CounterReading } from './own-metrics.ts';

/** What was counted when somebody looked last; `at` is milliseconds since the epoch. */
export interface LastCount {
  readonly at: number;
  /** Seconds since the epoch, 0 where nobody knows. */
  readonly started: number;
  readonly drops: number;
}

/** What follows from one look at a page of metrics. */
export interface ScrapeNews {
  /** It is read again, having not been for a while. */
  readonly back: boolean;
  /** Since when events were lost that are new losses. */
  readonly lostSince?: number;
}

const mostCounts = 20_000;

/**
 * What pages of metrics have said, by node for Falco, and by namespace/name for the pods of Falcosidekick: when a page
 * proved that its process works, and what it had lost by then.
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

  /** A page was read. @param at milliseconds since the epoch */
  take(key: string, reading: CounterReading, at: number): ScrapeNews {
    const lostSince = this.#compare(key, reading, at);
    if (this.#counts.has(key) || this.#counts.size < mostCounts)
      this.#counts.set(key, { at, started: reading.started, drops: reading.drops });
    const works = this.#works(key, reading, at);
    if (works) this.#problems.delete(key);
    const back = works && this.signs.hear(key, at);
    return { back, ...(lostSince === undefined ? {} : { lostSince }) };
  }

  /** A page could not be read. @param at milliseconds since the epoch */
  fail(key: string, problem: string, at: number): void {
    if (this.#problems.has(key) || this.#problems.size < mostCounts) this.#problems.set(key, { at, problem });
  }

  /** Why the page could not be used when it was looked at last. */
  problemOf(key: string): string | undefined {
    return this.#problems.get(key)?.problem;
  }

  /** Adds what another replica, or an earlier process, knows. */
  addCount(key: string, count: LastCount): void {
    const known = this.#counts.get(key);
    if (known === undefined ? this.#counts.size < mostCounts : count.at > known.at)
      this.#counts.set(key, count);
  }

  get counts(): ReadonlyMap<string, LastCount> {
    return this.#counts;
  }

  /** What ended before `since`, milliseconds since the epoch, is of no interest any more. */
  forget(since: number): void {
    this.signs.forget(since);
    for (const [key, { at }] of this.#counts) {
      if (at >= since) continue;
      this.#counts.delete(key);
      this.#events.delete(key);
    }
    for (const [key, { at }] of this.#problems) if (at < since) this.#problems.delete(key);
  }

  /** Of what had been lost when it was looked at first nobody knows when that was, unless it started since. */
  #compare(key: string, { started, drops }: CounterReading, at: number): Loss['since'] | undefined {
    const before = this.#counts.get(key);
    if (before === undefined) {
      const isYoung = started * 1_000 > this.#since;
      return isYoung && drops > 0 ? Math.min(started * 1_000, at) : undefined;
    }
    const isNew = started !== before.started || drops < before.drops;
    return drops > (isNew ? 0 : before.drops) ? Math.min(before.at, at) : undefined;
  }

  /** A sensor that is given no events watches nothing, however well it answers. */
  #works(key: string, { started, events }: CounterReading, at: number): boolean {
    if (events === undefined) return true;
    const before = this.#events.get(key);
    if (before !== undefined || this.#events.size < mostCounts) this.#events.set(key, { started, events });
    if (before === undefined) return false;
    const isNew = started !== before.started || events < before.events;
    if (events > (isNew ? 0 : before.events)) return true;
    this.fail(key, 'it is given no events of the kernel', at);
    return false;
  }
}
