import { type Clock, isTurnSpent, nextTurn, sleep } from '../base/clock.ts';
import { Backoff, type Random } from './backoff.ts';
import type { ApiClient } from './client.ts';
import { ApiError, messageOf } from './errors.ts';
import { type RawObject, readFrame, readProtobufFrame } from './frame.ts';
import { LengthSplitter } from './length-frames.ts';
import { LineSplitter } from './lines.ts';
import { listPages } from './pages.ts';
import type { DecodeObject } from './protobuf.ts';
import type { Sink } from './store.ts';
import {
  classify,
  type Ending,
  nextState,
  RolledBackError,
  type Task,
  type WatchState,
} from './watch-machine.ts';
import { type Progress, type Unreadable, WatchReader } from './watch-reader.ts';
import { pageRequest, streamRequest, type WatchScope } from './watch-request.ts';
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
  /** The server was restored from a backup: no watch is to trust what it knows. */
  | { type: 'rolled-back' }
  /** `project` threw: the object is not in the sink, and `unreadable()` names it until it is well or gone. */
  | { type: 'unreadable'; namespace: string; name: string; error: unknown };

export interface WatcherOptions<T> extends WatchScope {
  readonly client: Pick<ApiClient, 'request' | 'stream'>;
  readonly clock: Clock;
  /** Keeps what is needed and lets go of the rest; undefined for an object that is of no interest. */
  readonly project: (object: RawObject) => T | undefined;
  /**
   * Reads an object in protobuf, which is asked for then; a server that has none answers in JSON, and so do pages. It costs
   * the server half of what JSON does, and is read where it is asked for and no further.
   */
  readonly decode?: DecodeObject;
  readonly sink: Sink<T>;
  readonly random?: Random;
  /** For logs and metrics. No hook may throw. */
  readonly onState?: (status: WatchStatus) => void;
  readonly onEvent?: (event: WatchEvent) => void;
  /**
   * An object joined or left `unreadable()`, or is there for another reason: what was judged without it is to be judged
   * anew. The sink may say nothing of it, for it may never have had it.
   */
  readonly onReadability?: (namespace: string, name: string) => void;
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
  pageBytes: 1024 ** 2,
};

/** Two idle limits in a row without a frame: three minutes. */
const silentAfterIdles = 2;
/**
 * Least time between two looks at what cannot be read, the most being twice as long. Who grants a right sees the effect
 * soon; who installs a kind at once, by `poke`, so that the dozen that most clusters do not have cost next to nothing.
 */
const probeMs = { forbidden: 15_000, absent: 300_000 } as const;
/** A server that restarts is back sooner, and a broken line mostly too; to put back a backup takes longer. */
const outOfReachMs = 30_000;
/**
 * The server itself ends no watch so soon. One that was ended sooner waits before the next, whatever came by it: each may
 * have brought a bookmark, and the next would be opened in the same moment.
 */
const shortMs = 1_000;
/** So many lists in a row whose end was never said, and the next is by pages. */
const pagesAfterUnfinished = 2;

/**
 * Keeps a sink equal to what the server has of one resource, whatever happens in between. `run` is a loop over an
 * explicit state (watch-machine.ts tells what follows what); nothing that the server or the network does ends it.
 */
export class Watcher<T> {
  readonly #options: WatcherOptions<T>;
  readonly #limits: WatchLimits;
  readonly #random: Random;
  readonly #backoff: Backoff;
  readonly #reader: WatchReader<T>;
  #status: WatchStatus;
  /** Lists by pages, once the server has shown that it has no WatchList. */
  #byPages = false;
  #unfinished = 0;
  #idles = 0;
  /** Since when, without an answer in between, monotonic milliseconds. */
  #unreachableSince: number | undefined;
  #wake: AbortController | undefined;
  #session: WatchSession | undefined;
  #distrusted = false;
  /** A list is under way or comes next, after whatever wait. */
  #lists = true;

  constructor(options: WatcherOptions<T>) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#random = options.random ?? Math.random;
    this.#backoff = new Backoff({ clock: options.clock, random: this.#random });
    this.#reader = new WatchReader({
      project: options.project,
      sink: options.sink,
      onUnreadable: (namespace, name, error) => this.#emit({ type: 'unreadable', namespace, name, error }),
      onReadability: (namespace, name) => options.onReadability?.(namespace, name),
      onRolledBack: () => this.#emit({ type: 'rolled-back' }),
    });
    this.#status = { phase: 'starting', since: options.clock.now(), restarts: 0, relists: 0 };
  }

  get status(): WatchStatus {
    return this.#status;
  }

  /** Whether the sink has held a complete list since the start, or since the kind was last absent. */
  get hasSynced(): boolean {
    return this.#reader.synced;
  }

  /** Objects that `project` threw on. Who judges must not take them for absent. */
  unreadable(): readonly Unreadable[] {
    return this.#reader.unreadable();
  }

  /** Looks again at once for a kind that is absent or forbidden: a CRD or a role has changed. */
  poke(): void {
    this.#wake?.abort();
  }

  /** Whether what it knows is being read again, or is about to be. */
  get rereads(): boolean {
    return this.#distrusted || this.#lists;
  }

  /** Lists everything again and takes nothing for known: another watch has seen that the server was restored. */
  distrust(): void {
    this.#distrusted = true;
    this.#reader.expectOlder();
    this.#session?.abort(new RolledBackError('what another watch knew', 'an older state'));
  }

  /** Resolves when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    let state: WatchState = { is: 'working', task: { do: 'list', distrust: false } };
    while (!signal.aborted) state = await this.#step(state, signal);
    this.#enter('stopped');
  }

  async #step(state: WatchState, signal: AbortSignal): Promise<WatchState> {
    switch (state.is) {
      case 'working':
        return this.#work(this.#distrusted ? { do: 'list', distrust: true } : state.task, signal);
      case 'waiting':
        this.#lists = state.next.do === 'list';
        await this.#wait(state, signal);
        return { is: 'working', task: state.next };
    }
  }

  async #work(task: Task, signal: AbortSignal): Promise<WatchState> {
    this.#lists = task.do === 'list';
    this.#distrusted = false;
    const byPages = task.do === 'list' && this.#byPages;
    const resourceVersion = task.do === 'watch' ? task.resourceVersion : undefined;
    const progress: Progress = { resourceVersion, frames: 0 };
    try {
      if (byPages) return { is: 'working', task: await this.#listPages(task, signal) };
      const ending = await this.#follow(task, progress, signal);
      return this.#conclude(task, ending, undefined, progress);
    } catch (error) {
      if (signal.aborted) return { is: 'working', task };
      return this.#conclude(task, classify(error, task.do === 'list' && !byPages), error, progress);
    }
  }

  /** Opens one stream and reads it to its end. */
  async #follow(task: Task, progress: Progress, signal: AbortSignal): Promise<Ending> {
    const session = new WatchSession(this.#options.clock, this.#limits.idleMs, signal);
    this.#session = session;
    try {
      const { decode } = this.#options;
      const request = streamRequest(this.#options, task, this.#random(), decode !== undefined);
      const stream = await this.#options.client.stream({ ...request, signal: session.signal });
      session.heard();
      this.#enter(task.do === 'list' ? 'syncing' : 'synced');
      if (task.do === 'list') this.#reader.begin(task);
      const frames = stream.isProtobuf
        ? new LengthSplitter(this.#limits.frameBytes)
        : new LineSplitter(this.#limits.frameBytes);
      for await (const chunk of stream.chunks) {
        session.heard();
        for (const bytes of frames.push(chunk)) {
          const frame =
            stream.isProtobuf && decode !== undefined ? readProtobufFrame(bytes, decode) : readFrame(bytes);
          if (this.#reader.take(frame, task, progress)) this.#synced();
          if (isTurnSpent()) await nextTurn();
        }
      }
      if (progress.resourceVersion === undefined) return 'unfinished';
      if (frames.pending > 0) return 'cut';
      return session.ageMs < shortMs ? 'short' : 'ended';
    } finally {
      this.#session = undefined;
      session.close();
    }
  }

  /** @returns the watch that goes on where the list ends */
  async #listPages(task: Task, signal: AbortSignal): Promise<Task> {
    let begun = false;
    const begin = () => {
      if (begun) return;
      begun = true;
      this.#enter('syncing');
      this.#reader.begin(task);
    };
    const { pageSize, pageBytes } = this.#limits;
    const onObject = (object: RawObject) => {
      begin();
      this.#reader.takeListed(object);
    };
    const request = pageRequest(this.#options);
    const { client } = this.#options;
    const resourceVersion = await listPages({ ...request, client, signal, pageSize, pageBytes, onObject });
    begin();
    this.#reader.complete(resourceVersion, task);
    this.#synced();
    return { do: 'watch', resourceVersion };
  }

  #synced(): void {
    this.#lists = false;
    this.#enter('synced');
  }

  /** Notes how a session ended and finds what comes next. */
  #conclude(task: Task, ended: Ending, error: unknown, progress: Progress): WatchState {
    const ending = this.#judgeSilence(ended, progress);
    if (task.do === 'list') this.#judgeWatchList(ending, progress);
    const wasSynced = this.#reader.synced;
    const state = nextState(task, ending, error, progress.resourceVersion);
    const next = state.is === 'working' ? state.task : state.next;
    const again = next.do === 'list' && wasSynced && ending !== 'absent';
    const relists = this.#status.relists + (again ? 1 : 0);
    this.#status = { ...this.#status, restarts: this.#status.restarts + 1, relists };
    this.#emit({ type: 'restart', reason: ending, error });
    if (again) this.#emit({ type: 'relist', reason: ending });
    if (ending === 'rolled-back' && !this.#distrusted) {
      this.#reader.expectOlder();
      this.#emit({ type: 'rolled-back' });
    }
    return state;
  }

  #judgeSilence(ending: Ending, progress: Progress): Ending {
    if (progress.frames > 0) this.#idles = 0;
    if (ending === 'idle') return ++this.#idles >= silentAfterIdles ? 'silent' : ending;
    if (ending !== 'unreachable') this.#unreachableSince = undefined;
    else {
      const now = this.#options.clock.monotonic();
      this.#unreachableSince ??= now;
      if (now - this.#unreachableSince >= outOfReachMs) return 'out-of-reach';
    }
    return ending;
  }

  /** A server that does not know `sendInitialEvents` at all ignores it, and the list's end never comes. */
  #judgeWatchList(ending: Ending, progress: Progress): void {
    if (progress.resourceVersion !== undefined) this.#unfinished = 0;
    else if (ending === 'no-watch-list') this.#byPages = true;
    else if (ending === 'unfinished' || ending === 'idle' || ending === 'silent') this.#unfinished++;
    if (this.#unfinished >= pagesAfterUnfinished) this.#byPages = true;
  }

  async #wait(state: WatchState & { is: 'waiting' }, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    if (state.for === 'absent') this.#clear();
    this.#enter(state.for, messageOf(state.error ?? state.ending));
    if (state.for === 'backoff') {
      const retryAfter = state.error instanceof ApiError ? state.error.retryAfterMs : undefined;
      return sleep(clock, this.#backoff.next(retryAfter), signal);
    }
    const wake = (this.#wake = new AbortController());
    const stop = () => wake.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    await sleep(clock, probeMs[state.for] * (1 + this.#random()), wake.signal);
    signal.removeEventListener('abort', stop);
    this.#wake = undefined;
  }

  /** What a listener throws here cannot be mended by another list: there is none to get. */
  #clear(): void {
    try {
      this.#reader.clear();
    } catch (error) {
      this.#emit({ type: 'restart', reason: 'internal', error });
    }
  }

  #enter(phase: WatchPhase, message?: string): void {
    const { phase: before, message: said, since: long, restarts, relists } = this.#status;
    if (phase === before && message === said) return;
    const since = phase === before ? long : this.#options.clock.now();
    this.#status = { phase, since, restarts, relists, ...(message === undefined ? {} : { message }) };
    this.#options.onState?.(this.#status);
  }

  #emit(event: WatchEvent): void {
    this.#options.onEvent?.(event);
  }
}
