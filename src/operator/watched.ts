import type { Clock, Timer } from '../base/clock.ts';
import type { Source } from '../domain/snapshot.ts';
import { read, unread } from '../domain/snapshot.ts';
import type { ApiClient } from '../kube/client.ts';
import type { RawObject } from '../kube/frame.ts';
import type { Resource } from '../kube/resource.ts';
import { resourceName } from '../kube/resource.ts';
import { Store } from '../kube/store.ts';
import type { WatchEvent } from '../kube/watcher.ts';
import { Watcher } from '../kube/watcher.ts';

export interface WatchedOptions<T> {
  readonly resource: Resource;
  readonly project: (object: RawObject) => T | undefined;
  /** Plumbline is not ready before it was read: nothing is judged on half a cluster. */
  readonly required: boolean;
  readonly metadataOnly?: boolean;
  readonly namespace?: string;
  readonly fieldSelector?: string;
  /** What to do when its kind is not installed. */
  readonly remedy?: string;
}

export interface WatchedHooks {
  /** The resource can be read again, or no longer: whatever rests on it is to be judged anew. */
  readonly onAvailability: (resource: string) => void;
  readonly onEvent: (resource: string, event: WatchEvent) => void;
}

/** A watched resource, whatever it holds. */
export interface AnyWatched extends Pick<Watched<unknown>, 'name' | 'required' | 'available' | 'problem'> {
  readonly watcher: Pick<Watcher<unknown>, 'status' | 'poke' | 'run'>;
  readonly store: Pick<Store<unknown>, 'size'>;
}

/**
 * Milliseconds between one question and the next, ten seconds in all: a server that starts refuses for a moment what it
 * allows (its roles are not read yet), and who replaces a role may take the old one away first. No report is to turn
 * Unknown and back for that.
 */
const doubts = [1_000, 2_000, 3_000, 4_000] as const;

/** One resource with its watcher and the store that it fills. */
export class Watched<T> {
  readonly name: string;
  readonly required: boolean;
  readonly store = new Store<T>();
  readonly watcher: Watcher<T>;
  /** Resolves when it is known for the first time whether it can be read. */
  readonly decided: Promise<void>;
  readonly #remedy: string;
  readonly #clock: Clock;
  readonly #hooks: WatchedHooks;
  readonly #decided = Promise.withResolvers<void>();
  #wasAvailable = false;
  #refused: 'no' | 'doubted' | 'confirmed' = 'no';
  #asking: Timer | undefined;

  constructor(client: ApiClient, clock: Clock, options: WatchedOptions<T>, hooks: WatchedHooks) {
    const { required, remedy, ...rest } = options;
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
      onEvent: (event) => hooks.onEvent(this.name, event),
      onState: ({ phase }) => {
        if (phase === 'forbidden') this.#doubt();
        else this.#trust();
        if (this.available || phase === 'absent' || phase === 'forbidden') this.#decided.resolve();
        this.#tell();
      },
    });
  }

  /** Read in full once, and neither absent nor forbidden now. A connection that is down for a while changes nothing. */
  get available(): boolean {
    return this.watcher.hasSynced && this.watcher.status.phase !== 'absent' && this.#refused !== 'confirmed';
  }

  #tell(): void {
    if (this.available === this.#wasAvailable) return;
    this.#wasAvailable = this.available;
    this.#hooks.onAvailability(this.name);
  }

  #trust(): void {
    this.#asking?.cancel();
    this.#refused = 'no';
  }

  /** What could be read until now, and is refused, is asked for some times more before it is believed. */
  #doubt(): void {
    if (this.#refused !== 'no') return;
    this.#refused = this.watcher.hasSynced ? 'doubted' : 'confirmed';
    if (this.#refused === 'doubted') this.#askAgain(doubts);
  }

  #askAgain([wait = 0, ...others]: readonly number[]): void {
    this.#asking = this.#clock.timer(wait, () => {
      if (others.length > 0) {
        this.watcher.poke();
        this.#askAgain(others);
      } else {
        this.#refused = 'confirmed';
        this.#tell();
      }
    });
  }

  /** Why it is not available, in a sentence; undefined when it is. */
  get problem(): string | undefined {
    if (this.available) return undefined;
    const { phase, message } = this.watcher.status;
    if (phase === 'absent') return `${this.name} is not installed in this cluster${this.#remedy}`;
    if (phase === 'forbidden') return `reading ${this.name} is refused: ${message ?? 'forbidden'}`;
    return `${this.name} was not read yet${message === undefined ? '' : `: ${message}`}`;
  }

  /** `items` as evidence, if all of this resource in the namespace could be read. */
  evidence<E>(namespace: string, items: () => readonly E[]): Source<E> {
    const problem = this.problem;
    if (problem !== undefined) {
      return unread(this.watcher.status.phase === 'forbidden' ? 'Forbidden' : 'NoEvidence', `${problem}.`);
    }
    const broken = this.watcher.unreadable().find((object) => object.namespace === namespace);
    if (broken === undefined) return read(items());
    const message = `${this.name} ${broken.name} cannot be read: ${broken.message}.`;
    return { available: true, items: items(), gap: { reason: 'EvaluationError', message } };
  }
}

/** The values of a store in one namespace. */
export const valuesOf = <T>(watched: Watched<T>, namespace: string): T[] =>
  watched.store.list(namespace).map(({ value }) => value);
