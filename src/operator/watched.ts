import type { Clock, Timer } from '../base/clock.ts';
import type { Gap, Source } from '../domain/snapshot.ts';
import { read, unread } from '../domain/snapshot.ts';
import type { UnknownReason } from '../domain/verdict.ts';
import type { ApiClient } from '../kube/client.ts';
import type { RawObject } from '../kube/frame.ts';
import type { DecodeObject } from '../kube/protobuf.ts';
import type { Resource } from '../kube/resource.ts';
import { resourceName } from '../kube/resource.ts';
import { Store } from '../kube/store.ts';
import type { WatchEvent, WatchPhase } from '../kube/watcher.ts';
import { Watcher } from '../kube/watcher.ts';

export interface WatchedOptions<T> {
  readonly resource: Resource;
  readonly project: (object: RawObject) => T | undefined;
  /** Reads it in protobuf; default: it is asked for in JSON. */
  readonly decode?: DecodeObject;
  /** Plumbline is not ready before it was read: nothing is judged on half a cluster. */
  readonly required: boolean;
  readonly metadataOnly?: boolean;
  readonly namespace?: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  /** What to do when its kind is not installed. */
  readonly remedy?: string;
}

/** Several watches may have the same name, such as all those of single ConfigMaps: each says which one it is. */
export interface WatchedHooks {
  /** The resource can be read again, or no longer, or for another reason: whatever rests on it is to be judged anew. */
  readonly onAvailability: (watched: AnyWatched) => void;
  readonly onEvent: (watched: AnyWatched, event: WatchEvent) => void;
  /**
   * An object joined or left those that cannot be read, or is broken in another way: whatever rests on it is to be judged
   * anew. The store may say nothing of it.
   * @param namespace '' for an object of the cluster
   */
  readonly onReadability: (watched: AnyWatched, namespace: string, name: string) => void;
}

/** Whose watch has seen that the server was restored from a backup. */
export interface Witness {
  readonly name: string;
  readonly watcher: Pick<Watcher<unknown>, 'distrust'>;
  readonly options: { readonly resource: Resource };
}

/** A watched resource, whatever it holds. */
export interface AnyWatched extends Pick<
  Watched<unknown>,
  'name' | 'required' | 'available' | 'absent' | 'reason' | 'problem' | 'obstacle' | 'decided' | 'evidence'
> {
  readonly watcher: Pick<Watcher<unknown>, 'status' | 'unreadable' | 'poke' | 'distrust' | 'rereads' | 'run'>;
  readonly store: Pick<Store<unknown>, 'size' | 'all'>;
  readonly options: WatchedOptions<unknown>;
}

/**
 * Milliseconds between one question and the next, ten seconds in all: a server that starts refuses for a moment what it
 * allows (its roles are not read yet), and who replaces a role may take the old one away first. No report is to turn
 * Unknown and back for that.
 */
const doubts = [1_000, 2_000, 3_000, 3_000, 1_000] as const;

/** One resource with its watcher and the store that it fills. */
export class Watched<T> {
  readonly name: string;
  readonly required: boolean;
  readonly store = new Store<T>();
  readonly watcher: Watcher<T>;
  readonly options: WatchedOptions<T>;
  /** Resolves when it is known for the first time whether it can be read. */
  readonly decided: Promise<void>;
  readonly #remedy: string;
  readonly #clock: Clock;
  readonly #hooks: WatchedHooks;
  readonly #decided = Promise.withResolvers<void>();
  /** What the server last said of the kind. That it does not answer for a while changes nothing. */
  #known: 'unread' | 'read' | 'absent' | 'forbidden' = 'unread';
  /** In the server's words. */
  #refusal = '';
  #told: string | undefined;
  /** Waits to ask again about a refusal that is doubted. */
  #asking: Timer | undefined;

  constructor(
    client: Pick<ApiClient, 'request' | 'stream'>,
    clock: Clock,
    options: WatchedOptions<T>,
    hooks: WatchedHooks,
  ) {
    const { required, remedy, ...rest } = options;
    this.options = options;
    this.#clock = clock;
    this.#hooks = hooks;
    this.decided = this.#decided.promise;
    this.name = resourceName(options.resource);
    this.required = required;
    this.#remedy = remedy === undefined ? '' : `; ${remedy}`;
    this.watcher = new Watcher<T>({
      client,
      clock,
      ...rest,
      sink: this.store,
      onEvent: (event) => hooks.onEvent(this, event),
      onReadability: (namespace, name) => hooks.onReadability(this, namespace, name),
      onState: ({ phase, message = phase }) => this.#hear(phase, message),
    });
    this.#told = this.problem;
  }

  /** Read in full once, and neither absent nor forbidden since. */
  get available(): boolean {
    return this.#known === 'read';
  }

  /** Its kind is not installed. */
  get absent(): boolean {
    return this.#known === 'absent';
  }

  /** Why it is not available; undefined when it is. */
  get reason(): UnknownReason | undefined {
    if (this.#known === 'read') return undefined;
    return this.#known === 'forbidden' ? 'Forbidden' : 'NoEvidence';
  }

  /** The same in a sentence. It stands in reports, so it says nothing of what passes, such as a line that broke. */
  get problem(): string | undefined {
    if (this.#known === 'read') return undefined;
    if (this.#known === 'absent') return `${this.name} is not installed${this.#remedy}`;
    if (this.#known === 'forbidden') return `reading ${this.name} is refused: ${this.#refusal}`;
    return `${this.name} was not read yet`;
  }

  /** What is met at the moment, for who waits until it is available. */
  get obstacle(): string | undefined {
    const { message } = this.watcher.status;
    return this.#known === 'unread' && message !== undefined ? `${this.problem}: ${message}` : this.problem;
  }

  #hear(phase: WatchPhase, message: string): void {
    if (phase === 'forbidden') return this.#doubt(message);
    if (phase === 'synced') this.#learn('read');
    if (phase === 'absent') this.#learn('absent');
  }

  #learn(known: 'read' | 'absent' | 'forbidden'): void {
    this.#asking?.cancel();
    this.#asking = undefined;
    this.#known = known;
    this.#decided.resolve();
    const { problem } = this;
    if (problem === this.#told) return;
    this.#told = problem;
    this.#hooks.onAvailability(this);
  }

  /** A refusal is asked about some times more before it is believed. */
  #doubt(message: string): void {
    this.#refusal = message;
    if (this.#known === 'forbidden') this.#learn('forbidden');
    else if (this.#asking === undefined) this.#askAgain(doubts);
  }

  #askAgain([wait, ...others]: readonly number[]): void {
    if (wait === undefined) {
      this.#asking = undefined;
      // While the server does not answer, nothing is known.
      if (this.watcher.status.phase === 'forbidden') this.#learn('forbidden');
      return;
    }
    this.#asking = this.#clock.timer(wait, () => {
      if (others.length > 0) this.watcher.poke();
      this.#askAgain(others);
    });
  }

  /** All that `evidence` depends on beside `items`, and the state of what the store has in the namespace: to be compared. */
  stamp(namespace: string): readonly unknown[] {
    const broken = this.#brokenIn(namespace);
    return [this.store.revision(namespace), this.problem, broken?.name, broken?.message];
  }

  /** `items` as evidence, if all of this resource in the namespace, or in any, could be read. */
  evidence<E>(namespace: string | undefined, items: () => readonly E[]): Source<E> {
    const problem = this.problem;
    if (problem !== undefined) {
      return unread(this.reason ?? 'NoEvidence', `${problem}.`);
    }
    const broken = this.#brokenIn(namespace);
    if (broken === undefined) return read(items());
    const message = `${this.name} ${broken.name} cannot be read: ${broken.message}.`;
    return { available: true, items: items(), gap: { reason: 'EvaluationError', message } };
  }

  #brokenIn(namespace: string | undefined) {
    const isThere = (object: { readonly namespace: string }) =>
      namespace === undefined || object.namespace === namespace;
    return this.watcher.unreadable().find(isThere);
  }
}

/** Reads everything again, where that has not been found out by itself. */
export function distrustAll(all: readonly AnyWatched[], known: Witness | undefined): void {
  for (const { watcher } of all) if (watcher !== known?.watcher) watcher.distrust();
}

/** The values of a store in one namespace. */
export const valuesOf = <T>(watched: Watched<T>, namespace: string): T[] =>
  watched.store.list(namespace).map(({ value }) => value);

/** `items` as evidence, if all of these resources in the namespace, or in any, could be read. */
export function jointEvidence<E>(
  all: readonly Pick<AnyWatched, 'evidence'>[],
  namespace: string | undefined,
  items: () => readonly E[],
): Source<E> {
  let gap: Gap | undefined;
  for (const watched of all) {
    const source = watched.evidence(namespace, () => []);
    if (!source.available) return source;
    gap ??= source.gap;
  }
  return read(items(), gap);
}
