import { type Clock, sleep } from '../base/clock.ts';
import { Backoff, type Random } from './backoff.ts';
import type { ApiClient, Query } from './client.ts';
import { ApiError, messageOf } from './errors.ts';
import { type Frame, type Identity, identify, isOlder, type RawObject, readFrame } from './frame.ts';
import { LineSplitter } from './lines.ts';
import { listPages } from './pages.ts';
import { collectionPath, type Resource } from './resource.ts';
import type { Sink } from './store.ts';
import {
  classify,
  type Ending,
  nextState,
  RolledBackError,
  type Task,
  type WatchState,
} from './watch-machine.ts';
import { WatchSession } from './watch-session.ts';

export type WatchPhase = 'starting' | 'syncing' | 'synced' | 'backoff' | 'absent' | 'forbidden' | 'stopped';

export interface WatchStatus {
  readonly phase: WatchPhase;
  /** Since when, milliseconds since the epoch. */
  readonly since: number;
  /** Why, for the phases that are not well. */
  readonly message?: string;
  /** Sessions with the server that ended, for whatever reason. */
  readonly restarts: number;
  /** Lists after the first complete one. */
  readonly relists: number;
}

export type WatchEvent =
  | { type: 'restart'; reason: Ending; error: unknown }
  | { type: 'relist'; reason: Ending }
  /** `project` threw: the object is not in the sink, and `unreadable()` names it until it is well or gone. */
  | { type: 'unreadable'; namespace: string; name: string; error: unknown };

export interface WatcherOptions<T> {
  readonly client: Pick<ApiClient, 'request' | 'stream'>;
  readonly clock: Clock;
  readonly resource: Resource;
  /** Only this namespace; default all. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Ask for PartialObjectMetadata: kind, apiVersion and metadata are all that `project` gets. */
  readonly metadataOnly?: boolean;
  /** Keeps what is needed and lets go of the rest; undefined for an object that is of no interest. */
  readonly project: (object: RawObject) => T | undefined;
  readonly sink: Sink<T>;
  readonly random?: Random;
  readonly onState?: (status: WatchStatus) => void;
  readonly onEvent?: (event: WatchEvent) => void;
  readonly limits?: Partial<WatchLimits>;
}

export interface WatchLimits {
  /** Milliseconds without a byte; the server sends a bookmark about once a minute. */
  readonly idleMs: number;
  readonly frameBytes: number;
  readonly pageSize: number;
  readonly pageBytes: number;
}

const defaultLimits: WatchLimits = {
  idleMs: 90_000,
  frameBytes: 32 * 1024 ** 2,
  pageSize: 500,
  pageBytes: 4 * 1024 ** 2,
};

/** Two idle limits in a row without a frame: three minutes. */
const silentAfterIdles = 2;

/**
 * Keeps a sink equal to what the server has of one resource, whatever happens in between. `run` is a loop over an
 * explicit state (see watch-machine.ts for what follows what); nothing that the server or the network does ends it.
 */
export class Watcher<T> {
  readonly #options: WatcherOptions<T>;
  readonly #limits: WatchLimits;
  readonly #random: Random;
  readonly #backoff: Backoff;
  readonly #unreadable = new Map<
    string,
    { namespace: string; name: string; message: string; list: number }
  >();
  #status: WatchStatus;
  #synced = false;
  /** Lists by pages, once the server has shown that it has no WatchList. */
  #pages = false;
  #unfinished = 0;
  #idles = 0;
  #lists = 0;
  /** The last version seen of a complete state; a later one that is older means that the server was restored. */
  #seen: string | undefined;
  #wake: AbortController | undefined;

  constructor(options: WatcherOptions<T>) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#random = options.random ?? Math.random;
    this.#backoff = new Backoff({ clock: options.clock, random: this.#random });
    this.#status = { phase: 'starting', since: options.clock.now(), restarts: 0, relists: 0 };
  }

  get resource(): Resource {
    return this.#options.resource;
  }

  get status(): WatchStatus {
    return this.#status;
  }

  /** Whether the sink has held a complete list since the start, or since the kind was last absent. */
  get hasSynced(): boolean {
    return this.#synced;
  }

  /** Objects that `project` threw on. They are in the cluster and not in the sink: who judges must not call that "none". */
  unreadable(): readonly { namespace: string; name: string; message: string }[] {
    return [...this.#unreadable.values()];
  }

  /** Looks again at once for a kind that is absent or forbidden: a CRD or a role has changed. */
  poke(): void {
    this.#wake?.abort();
  }

  /** Resolves when `signal` aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let state: WatchState = { is: 'working', task: { do: 'list', distrust: false } };
    while (!signal.aborted) state = await this.#step(state, signal);
    this.#enter('stopped');
  }

  async #step(state: WatchState, signal: AbortSignal): Promise<WatchState> {
    switch (state.is) {
      case 'working':
        return this.#work(state.task, signal);
      case 'waiting':
        await this.#wait(state, signal);
        return { is: 'working', task: state.then };
    }
  }

  async #work(task: Task, signal: AbortSignal): Promise<WatchState> {
    const byPages = task.do === 'list' && this.#pages;
    const progress: Progress = {
      resourceVersion: task.do === 'watch' ? task.resourceVersion : undefined,
      frames: 0,
    };
    try {
      if (byPages) {
        const resourceVersion = await this.#listPages(task, signal);
        return { is: 'working', task: { do: 'watch', resourceVersion } };
      }
      return this.#conclude(task, await this.#follow(task, progress, signal), undefined, progress);
    } catch (error) {
      if (signal.aborted) return { is: 'working', task };
      return this.#conclude(task, classify(error, task.do === 'list' && !byPages), error, progress);
    }
  }

  /** Notes how a session ended and finds what comes next. */
  #conclude(task: Task, ended: Ending, cause: unknown, progress: Progress): WatchState {
    let ending = ended;
    let error = cause;
    if (progress.frames > 0) this.#idles = 0;
    if (ending === 'idle' && ++this.#idles >= silentAfterIdles) ending = 'silent';
    if (ending === 'absent') {
      try {
        this.#clear();
      } catch (thrown) {
        ending = 'internal';
        error = thrown;
      }
    }
    if (task.do === 'list') this.#judgeWatchList(ending, progress);
    const next = nextState(task, ending, error, progress.resourceVersion);
    this.#status = { ...this.#status, restarts: this.#status.restarts + 1 };
    this.#emit({ type: 'restart', reason: ending, error });
    const then = next.is === 'working' ? next.task : next.then;
    if (then.do === 'list' && this.#synced) {
      this.#status = { ...this.#status, relists: this.#status.relists + 1 };
      this.#emit({ type: 'relist', reason: ending });
    }
    return next;
  }

  /** A server that knows `sendInitialEvents` not at all ignores it: the list's end never comes. */
  #judgeWatchList(ending: Ending, progress: Progress): void {
    if (progress.resourceVersion !== undefined) this.#unfinished = 0;
    else if (ending === 'no-watch-list') this.#pages = true;
    else if (['unfinished', 'idle', 'silent'].includes(ending) && ++this.#unfinished >= 2) this.#pages = true;
  }

  async #wait(state: WatchState & { is: 'waiting' }, signal: AbortSignal): Promise<void> {
    this.#enter(state.for, messageOf(state.error ?? state.ending));
    if (state.for === 'backoff') {
      const retryAfter = state.error instanceof ApiError ? state.error.retryAfterMs : undefined;
      return sleep(this.#options.clock, this.#backoff.next(retryAfter), signal);
    }
    const wake = (this.#wake = new AbortController());
    const stop = () => wake.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    // Between 15 and 30 s: who installs a CRD or grants a right sees the effect soon, and nobody is asked too often.
    await sleep(this.#options.clock, 15_000 * (1 + this.#random()), wake.signal);
    signal.removeEventListener('abort', stop);
    this.#wake = undefined;
  }

  /** Opens one stream and reads it to its end. */
  async #follow(task: Task, progress: Progress, signal: AbortSignal): Promise<Ending> {
    const session = new WatchSession(this.#options.clock, this.#limits.idleMs, signal);
    try {
      const stream = await this.#options.client.stream({
        path: this.#path(),
        query: this.#watchQuery(task),
        accept: this.#accept('PartialObjectMetadata'),
        signal: session.signal,
      });
      session.heard();
      if (task.do === 'list') this.#begin(task.distrust);
      else this.#enter('synced');
      const lines = new LineSplitter(this.#limits.frameBytes);
      for await (const chunk of stream.chunks) {
        session.heard();
        for (const line of lines.push(chunk)) this.#take(readFrame(line), task, progress);
      }
      if (lines.pending > 0) return progress.resourceVersion === undefined ? 'unfinished' : 'cut';
      if (progress.resourceVersion === undefined) return 'unfinished';
      return progress.frames === 0 && session.ageMs < 1_000 ? 'short' : 'ended';
    } finally {
      session.close();
    }
  }

  /** Until the list's end is said, frames are the list; after it, what happens. */
  #take(frame: Frame, task: Task, progress: Progress): void {
    progress.frames++;
    if (frame.type === 'error') throw frame.error;
    const { resourceVersion } = frame.type === 'bookmark' ? frame : frame.identity;
    const last = progress.resourceVersion;
    if (last !== undefined && isOlder(resourceVersion, last))
      throw new RolledBackError(last, resourceVersion);
    if (frame.type === 'set') this.#set(frame.identity, frame.object);
    else if (frame.type === 'delete') this.#delete(frame.identity);
    if (last === undefined && !(frame.type === 'bookmark' && frame.endOfList)) return;
    if (last === undefined) this.#complete(resourceVersion, task);
    // Only now that the sink has taken it: had that thrown, the object would have to be asked for again.
    progress.resourceVersion = this.#seen = resourceVersion;
  }

  async #listPages(task: Task & { do: 'list' }, signal: AbortSignal): Promise<string> {
    let begun = false;
    const begin = () => {
      if (!begun) this.#begin(task.distrust);
      begun = true;
    };
    const resourceVersion = await listPages({
      client: this.#options.client,
      path: this.#path(),
      query: this.#selectors(),
      accept: this.#accept('PartialObjectMetadataList'),
      signal,
      pageSize: this.#limits.pageSize,
      pageBytes: this.#limits.pageBytes,
      onObject: (object) => {
        begin();
        this.#set(identify(object), object);
      },
    });
    begin();
    this.#complete(resourceVersion, task);
    return resourceVersion;
  }

  #begin(distrust: boolean): void {
    this.#lists++;
    this.#enter('syncing');
    this.#options.sink.begin({ distrust });
  }

  #complete(resourceVersion: string, task: Task): void {
    // The list has skipped what it took for unchanged, so it has to be read once more, without trust.
    const trusting = task.do === 'list' && !task.distrust;
    if (trusting && this.#seen !== undefined && isOlder(resourceVersion, this.#seen)) {
      throw new RolledBackError(this.#seen, resourceVersion);
    }
    this.#options.sink.replaced();
    for (const [key, entry] of this.#unreadable) if (entry.list !== this.#lists) this.#unreadable.delete(key);
    this.#seen = resourceVersion;
    this.#synced = true;
    this.#enter('synced');
  }

  #clear(): void {
    this.#synced = false;
    this.#seen = undefined;
    this.#unreadable.clear();
    this.#options.sink.clear();
  }

  #set(identity: Identity, object: RawObject): void {
    const { namespace, name } = identity;
    let value: T | undefined;
    try {
      value = this.#options.project(object);
      this.#unreadable.delete(`${namespace}/${name}`);
    } catch (error) {
      this.#unreadable.set(`${namespace}/${name}`, {
        namespace,
        name,
        message: messageOf(error),
        list: this.#lists,
      });
      this.#emit({ type: 'unreadable', namespace, name, error });
    }
    if (value === undefined) this.#options.sink.delete(namespace, name);
    else this.#options.sink.set({ ...identity, value });
  }

  #delete({ namespace, name }: Identity): void {
    this.#unreadable.delete(`${namespace}/${name}`);
    this.#options.sink.delete(namespace, name);
  }

  #path(): string {
    return collectionPath(this.#options.resource, this.#options.namespace);
  }

  #selectors(): Query {
    const { labelSelector, fieldSelector } = this.#options;
    return { labelSelector, fieldSelector };
  }

  #watchQuery(task: Task): Query {
    // Random, so that the watches that start together do not end together for ever after.
    const timeoutSeconds = 240 + Math.floor(this.#random() * 51);
    const common = { ...this.#selectors(), watch: true, allowWatchBookmarks: true, timeoutSeconds };
    if (task.do === 'watch') return { ...common, resourceVersion: task.resourceVersion };
    // Without a resourceVersion: at least as new as this moment. With one, a list could show what is long deleted.
    return { ...common, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' };
  }

  #accept(as: string): string {
    const json = 'application/json';
    return this.#options.metadataOnly === true ? `${json};as=${as};v=v1;g=meta.k8s.io,${json}` : json;
  }

  #enter(phase: WatchPhase, message?: string): void {
    const { phase: before, message: said, restarts, relists } = this.#status;
    if (phase === before && message === said) return;
    const since = phase === before ? this.#status.since : this.#options.clock.now();
    this.#status = { phase, since, restarts, relists, ...(message === undefined ? {} : { message }) };
    this.#options.onState?.(this.#status);
  }

  #emit(event: WatchEvent): void {
    this.#options.onEvent?.(event);
  }
}

/** How far a session has come. */
interface Progress {
  /** undefined until the list is complete. */
  resourceVersion: string | undefined;
  frames: number;
}
