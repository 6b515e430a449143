import type { Loss, SensorNode } from '../../domain/sensors.ts';
import { present } from '../present.ts';
import type { Span } from './spans.ts';
import { joinSpans } from './spans.ts';

const minute = 60_000;

/** More gaps are not remembered: the time before them counts as never seen, and as broken. */
const mostSpans = 8;

/** Losses that are no farther apart are one. */
const sameLossMs = 10 * minute;

export interface Signs {
  readonly spans: readonly Span[];
  /** The first sign ever; the spans begin later where some are forgotten. */
  readonly first: number;
}

/** When events were lost, by what they concern: a node, or '' for all. */
export type Losses = ReadonlyMap<string, Loss>;

export interface NodeSignsOptions {
  /** A gap that is no longer is none, whichever profile asks; milliseconds. */
  readonly shortestGap: () => number;
  /** Nodes and losses beyond are not kept. */
  readonly most?: number;
}

/**
 * When something was heard of the sensor of each node, and when events were lost. Of a node that is heard all the time two
 * numbers are held. What several replicas heard is put together in any order and any number of times.
 */
export class NodeSigns {
  readonly #options: NodeSignsOptions;
  readonly #most: number;
  readonly #nodes = new Map<string, { spans: Span[]; first: number }>();
  readonly #losses = new Map<string, Loss>();
  /** What the sensor of a node has counted last. */
  readonly #drops = new Map<string, number>();

  constructor(options: NodeSignsOptions) {
    this.#options = options;
    this.#most = options.most ?? 20_000;
  }

  /** @returns whether the node was not heard just before, so that something may follow from it */
  hear(node: string, at: number): boolean {
    const known = this.#nodes.get(node);
    const last = known?.spans.at(-1);
    const shortestGap = this.#options.shortestGap();
    if (last !== undefined && at >= last[0] && at - last[1] <= shortestGap) {
      if (at > last[1]) known?.spans.splice(-1, 1, [last[0], at]);
      return false;
    }
    this.add(node, { spans: [[at, at]], first: at });
    return true;
  }

  /** Adds what another replica, or an earlier process, knows. */
  add(node: string, { spans, first }: Signs): void {
    const known = this.#nodes.get(node);
    if (known === undefined && this.#nodes.size >= this.#most) return;
    // Replicas mostly tell each other what they know.
    if (known !== undefined && first >= known.first && spans.every((span) => isWithin(span, known.spans)))
      return;
    const all = joinSpans([...(known?.spans ?? []), ...spans], this.#options.shortestGap());
    this.#nodes.set(node, {
      spans: all.slice(-mostSpans),
      first: Math.min(first, known?.first ?? first, all[0]?.[0] ?? first),
    });
  }

  /**
   * Events were lost. @param concerns a node, or '' for all
   * @param since where it is known later than it happened
   * @returns whether that is news
   */
  lose(concerns: string, by: Loss['by'], at: number, since = at): boolean {
    return this.addLoss(concerns, { since, until: nextMinute(at), by });
  }

  addLoss(concerns: string, loss: Loss): boolean {
    const known = this.#losses.get(concerns);
    // What finds no room is said of all.
    if (known === undefined && concerns !== '' && this.#losses.size >= this.#most)
      return this.addLoss('', loss);
    if (known !== undefined && known.until >= loss.until && known.since <= loss.since) return false;
    const isSame =
      known !== undefined && loss.since - known.until <= sameLossMs && known.since - loss.until <= sameLossMs;
    if (!isSame) {
      // One that ended before is of no interest beside a later one.
      if (known !== undefined && loss.until < known.until) return false;
      this.#losses.set(concerns, loss);
      return true;
    }
    const until = Math.max(known.until, loss.until);
    this.#losses.set(concerns, { since: Math.min(known.since, loss.since), until, by: known.by });
    return until > known.until;
  }

  /** A sensor says how many events it has lost since it started. @returns whether it has lost some since it said so last */
  count(node: string, drops: number): boolean {
    const before = this.#drops.get(node);
    if (before !== undefined || this.#drops.size < this.#most) this.#drops.set(node, drops);
    // Of the first count nobody knows when it came to be; one that is smaller is of a sensor that has started anew.
    return before !== undefined && (drops > before || (drops < before && drops > 0));
  }

  /**
   * @param blindAfter a longer gap is one; milliseconds
   * @param more signs of another kind that count too
   */
  tell(
    node: string,
    blindAfter: number,
    now: number,
    more?: Signs,
  ): Pick<SensorNode, 'signs' | 'lastSign' | 'unbrokenSince' | 'broken' | 'lost'> {
    const lost = laterLoss(this.#losses.get(node), this.#losses.get(''));
    const own = this.#nodes.get(node);
    const held = [...(own?.spans ?? []), ...(more?.spans ?? [])];
    const spans = held.length > 1 ? joinSpans(held, blindAfter) : held;
    const last = spans.at(-1);
    if (last === undefined) return present({ signs: 'never' as const, lost });
    const heard = now - last[1] <= blindAfter;
    return present({
      signs: heard ? ('heard' as const) : ('silent' as const),
      lastSign: heard ? undefined : last[1],
      unbrokenSince: last[0],
      broken: last[0] > Math.min(own?.first ?? last[0], more?.first ?? last[0]) ? (true as const) : undefined,
      lost,
    });
  }

  /** The last sign of a node. */
  last(node: string): number | undefined {
    return this.#nodes.get(node)?.spans.at(-1)?.[1];
  }

  /** What is lost of a node by its own sensor. */
  lossOf(node: string): Loss | undefined {
    return this.#losses.get(node);
  }

  get nodes(): ReadonlyMap<string, Signs> {
    return this.#nodes;
  }

  get losses(): Losses {
    return this.#losses;
  }

  /** What ended before `since` is of no interest any more. */
  forget(since: number): void {
    for (const [node, { spans }] of this.#nodes) {
      if ((spans.at(-1)?.[1] ?? 0) >= since) continue;
      this.#nodes.delete(node);
      this.#drops.delete(node);
    }
    for (const [concerns, { until }] of this.#losses) if (until < since) this.#losses.delete(concerns);
  }
}

const isWithin = ([from, to]: Span, spans: readonly Span[]): boolean =>
  spans.some((span) => span[0] <= from && to <= span[1]);

/** By the minute, so that a flood of losses is not news at each. */
const nextMinute = (at: number): number => Math.ceil((at + 1) / minute) * minute;

const laterLoss = (a: Loss | undefined, b: Loss | undefined): Loss | undefined =>
  a === undefined || (b !== undefined && b.until > a.until) ? b : a;
