import type { Clock, Timer } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import { Backoff } from '../kube/backoff.ts';
import type { ApiClient } from '../kube/client.ts';
import { ApiError } from '../kube/errors.ts';
import { TokenBucket } from '../kube/token-bucket.ts';
import { SbomBook } from './sbom-book.ts';
import { fetchSbom } from './sbom-fetch.ts';

/** A report to be read, and the digest of the image that runs where it belongs, as far as the kubelet has said it. */
export interface WantedSbom {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  readonly digest?: string;
}

export interface SbomReaderOptions {
  readonly client: Pick<ApiClient, 'request'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** All that was wanted of a namespace has been read. */
  readonly onRead: (namespace: string) => void;
  /** The server began to refuse bodies, or ended to. */
  readonly onRefusal: () => void;
  readonly random?: () => number;
}

/** Bodies under way at once. */
const parallel = 2;
/**
 * Bytes of bodies in a second, and at once: 5,000 reports of 300 KiB take six minutes, and nobody notices. A small one counts
 * for more than it is, so that it is 64 requests a second at most.
 */
const rate = { perSecond: 4 * 1024 ** 2, burst: 16 * 1024 ** 2 };
const leastCost = 64 * 1024;

const keyOf = ({ namespace, name }: Pick<WantedSbom, 'namespace' | 'name'>): string => `${namespace}/${name}`;

/** Fetches the bodies of SbomReports that somebody wants, one by one and never by a list, as slowly as need be. */
export class SbomReader {
  readonly #options: SbomReaderOptions;
  readonly #book = new SbomBook();
  readonly #bucket: TokenBucket;
  readonly #backoff: Backoff;
  /** First come, first served. */
  readonly #queue = new Map<string, WantedSbom>();
  /** Reports that wait or are under way, by namespace. */
  readonly #pending = new Map<string, Set<string>>();
  readonly #settled = new Map<string, Set<() => void>>();
  #sought: ReadonlySet<string> = new Set();
  #working = 0;
  #pause: Timer | undefined;
  #refusal: string | undefined;

  constructor(options: SbomReaderOptions) {
    this.#options = options;
    this.#bucket = new TokenBucket(options.clock, rate);
    this.#backoff = new Backoff({ clock: options.clock, random: options.random ?? Math.random });
    // A timer must not keep a process that ends.
    options.signal.addEventListener('abort', () => this.#pause?.cancel(), { once: true });
  }

  /** Why the server gives out no bodies, in its words. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  get images(): number {
    return this.#book.images;
  }

  /** Names of packages to look for from now on, beside those before. @returns whether there is a new one */
  seek(names: Iterable<string>): boolean {
    const sought = new Set([...this.#sought, ...names]);
    if (sought.size === this.#sought.size) return false;
    this.#sought = sought;
    return true;
  }

  /** Sees to it that the report is read, if it was not in this version and its image is not known from another. */
  want(wanted: WantedSbom): void {
    const key = keyOf(wanted);
    if (this.#isKnown(key, wanted)) return;
    const pending = this.#pending.get(wanted.namespace) ?? new Set();
    // One that is under way is asked about again when it is there.
    if (pending.has(key) && !this.#queue.has(key)) return;
    this.#pending.set(wanted.namespace, pending.add(key));
    this.#queue.set(key, wanted);
    this.#work();
  }

  /** What is known of a report, be it of an older version: its image has not changed with it. */
  contentOf(namespace: string, name: string): ReturnType<SbomBook['contentOf']> {
    return this.#book.contentOf(keyOf({ namespace, name }));
  }

  /** Reads everything again when it is next wanted. */
  distrust(): void {
    this.#book.distrust();
  }

  /** The report is gone. */
  forget(namespace: string, name: string): void {
    const key = keyOf({ namespace, name });
    this.#queue.delete(key);
    this.#book.forget(key);
    this.#done(namespace, key);
  }

  /** Resolves when nothing of the namespace waits, or `signal` aborts. */
  settled(namespace: string, signal: AbortSignal): Promise<void> {
    if (!this.#pending.has(namespace) || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.#settled.get(namespace) ?? new Set();
      const done = () => {
        signal.removeEventListener('abort', done);
        waiting.delete(done);
        resolve();
      };
      this.#settled.set(namespace, waiting.add(done));
      signal.addEventListener('abort', done, { once: true });
    });
  }

  #isKnown(key: string, { resourceVersion, digest }: WantedSbom): boolean {
    if (this.#book.isCurrent(key, resourceVersion, digest, this.#sought)) return true;
    if (digest === undefined || this.#book.gave(key)) return false;
    return this.#book.assume(key, resourceVersion, digest, this.#sought);
  }

  #work(): void {
    while (this.#working < parallel && this.#pause === undefined && !this.#options.signal.aborted) {
      const [next] = this.#queue;
      if (next === undefined) return;
      const [key, wanted] = next;
      if (this.#isKnown(key, wanted)) {
        this.#queue.delete(key);
        this.#done(wanted.namespace, key);
        continue;
      }
      const wait = this.#bucket.waitFor(leastCost);
      if (wait > 0) return this.#rest(wait);
      this.#queue.delete(key);
      this.#working++;
      void this.#read(key, wanted).finally(() => {
        this.#working--;
        this.#work();
      });
    }
  }

  #rest(milliseconds: number): void {
    this.#pause = this.#options.clock.timer(milliseconds, () => {
      this.#pause = undefined;
      this.#work();
    });
  }

  async #read(key: string, wanted: WantedSbom): Promise<void> {
    const { client, signal } = this.#options;
    try {
      const { reading, resourceVersion, bytes } = await fetchSbom(client, wanted, this.#sought, signal);
      this.#bucket.reserve(Math.max(leastCost, bytes));
      this.#refused(undefined);
      const versions = new Set([wanted.resourceVersion, resourceVersion ?? wanted.resourceVersion]);
      if (this.#isPending(key, wanted)) this.#book.read(key, [...versions], reading);
    } catch (error) {
      if (signal.aborted) return;
      this.#bucket.reserve(leastCost);
      return this.#later(key, wanted, error);
    }
    // Deleted and made again meanwhile, or changed: it waits for its turn.
    if (!this.#queue.has(key)) this.#done(wanted.namespace, key);
  }

  /** What fails for one fails for all: nothing else is read in its place meanwhile. */
  async #later(key: string, wanted: WantedSbom, error: unknown): Promise<void> {
    const refusal = error instanceof ApiError ? error : undefined;
    if (refusal?.status === 403) this.#refused(refusal.message);
    await sleep(this.#options.clock, this.#backoff.next(refusal?.retryAfterMs), this.#options.signal);
    if (this.#isPending(key, wanted) && !this.#queue.has(key)) this.#queue.set(key, wanted);
  }

  #refused(message: string | undefined): void {
    const before = this.#refusal;
    this.#refusal = message;
    if ((before === undefined) !== (message === undefined)) this.#options.onRefusal();
  }

  /** False for a report that was deleted while it was fetched. */
  #isPending(key: string, { namespace }: WantedSbom): boolean {
    return this.#pending.get(namespace)?.has(key) === true;
  }

  #done(namespace: string, key: string): void {
    const pending = this.#pending.get(namespace);
    if (pending?.delete(key) !== true || pending.size > 0) return;
    this.#pending.delete(namespace);
    const waiting = this.#settled.get(namespace) ?? [];
    this.#settled.delete(namespace);
    for (const resolve of waiting) resolve();
    this.#options.onRead(namespace);
  }
}
