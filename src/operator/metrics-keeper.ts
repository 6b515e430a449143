import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import type { MetricsAddress } from '../evidence/falco/metrics-address.ts';
import type { MetricsProblem } from '../evidence/falco/metrics-text.ts';
import type { CounterReading } from '../evidence/falco/own-metrics.ts';
import { readFalcoMetrics, readSidekickMetrics } from '../evidence/falco/own-metrics.ts';
import type { PodObject } from '../evidence/workloads/project-pod.ts';
import type { PodPage } from '../evidence/falco/scrape-memory.ts';
import type { SensorBook } from './sensor-book.ts';
import { fetchMetrics } from './metrics-fetch.ts';
import { keyOfSidekick } from './metrics-signs.ts';
import type { SignKeeper } from './sign-keeper.ts';

const everyMs = 60_000;
/** A page alone proves little: the second one shows whether it counts. */
const firstMs = 10_000;
/** At once; each is waited for five seconds at most. */
const mostAtOnce = 32;

const mebibyte = 1_048_576;

export interface MetricsKeeperOptions {
  readonly clock: Clock;
  readonly sensors: Pick<SensorBook, 'falco' | 'sidekicks'>;
  readonly signs: Pick<SignKeeper, 'scraped' | 'decided'>;
  /** Whether some profile asks for metrics, and this replica is the one that reads them. */
  readonly wanted: () => boolean;
  /** Milliseconds between two rounds; default one minute. */
  readonly everyMs?: number | undefined;
  readonly random?: (() => number) | undefined;
  readonly fetch?: typeof fetchMetrics;
}

interface Target {
  /** The node of Falco; namespace/name of a pod of Falcosidekick. */
  readonly key: string;
  readonly pods: readonly { readonly uid: string; readonly address: MetricsAddress | undefined }[];
  readonly mostBytes: number;
  readonly read: (page: string) => CounterReading | MetricsProblem;
}

/** Reads the metrics of Falco and of Falcosidekick from their pods, once a minute, where a profile asks for them. */
export class MetricsKeeper {
  readonly #options: MetricsKeeperOptions;
  #rounds = 0;

  constructor(options: MetricsKeeperOptions) {
    this.#options = options;
  }

  /** Resolves when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, wanted, random = Math.random, everyMs: interval = everyMs } = this.#options;
    while (!signal.aborted) {
      this.#rounds = wanted() ? this.#rounds + 1 : 0;
      if (this.#rounds > 0) await this.#round(signal);
      const pause = this.#rounds > 1 ? interval : Math.min(firstMs, interval);
      await sleep(clock, pause * (0.9 + random() / 5), signal);
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    // What was counted by whoever did this before.
    await this.#options.signs.decided(signal);
    const waiting = this.#targets();
    const work = async () => {
      for (let next = waiting.pop(); next !== undefined && !signal.aborted; next = waiting.pop())
        await this.#look(next, signal);
    };
    await Promise.all(Array.from({ length: mostAtOnce }, work));
  }

  #targets(): Target[] {
    const { sensors } = this.#options;
    const byNode = new Map<string, PodObject[]>();
    for (const pod of sensors.falco())
      if (pod.node !== undefined) byNode.set(pod.node, [...(byNode.get(pod.node) ?? []), pod]);
    return [
      ...[...byNode].map(([key, pods]) => ({
        key,
        pods: pods.map((pod) => ({ uid: uidOf(pod), address: pod.sensor?.metrics })),
        mostBytes: mebibyte,
        read: readFalcoMetrics,
      })),
      ...sensors
        .sidekicks()
        .filter(isReadySidekick)
        .map((pod) => ({
          key: keyOfSidekick(pod),
          pods: [{ uid: uidOf(pod), address: pod.sidekick?.metrics }],
          // It counts by rule and pod.
          mostBytes: 4 * mebibyte,
          read: readSidekickMetrics,
        })),
    ];
  }

  async #look({ key, pods, mostBytes, read }: Target, signal: AbortSignal): Promise<void> {
    const { clock, signs, fetch = fetchMetrics } = this.#options;
    const pages: PodPage[] = [];
    for (const { uid, address } of pods) {
      const page = address === undefined ? noAddress : await fetch(address, mostBytes, clock, signal);
      if (signal.aborted) return;
      pages.push({ uid, result: typeof page === 'string' ? read(page) : page });
    }
    signs.scraped(key, pages);
  }
}

/** Every pod of a cluster has one. */
const uidOf = (pod: PodObject): string => pod.uid ?? keyOfSidekick(pod);

const isReadySidekick = ({ sidekick }: PodObject): boolean => sidekick?.ready === true;

const noAddress: MetricsProblem = { problem: 'its pod has no address' };
