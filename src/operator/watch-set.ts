import type { Clock } from '../base/clock.ts';
import type { ApiClient } from '../kube/client.ts';
import type { Change } from '../kube/store.ts';
import type { WatchedHooks, WatchedOptions } from './watched.ts';
import { Watched } from './watched.ts';

export interface WatchSetOptions<T> {
  readonly client: Pick<ApiClient, 'request' | 'stream'>;
  readonly clock: Clock;
  readonly hooks: WatchedHooks;
  /** Ends all watches. */
  readonly signal: AbortSignal;
  readonly onChange: (key: string, change: Change<T>) => void;
}

interface Entry<T> {
  readonly watched: Watched<T>;
  readonly ending: AbortController;
}

/** Watches of which it is known only while running what they are of, such as kinds that other people define. */
export class WatchSet<T> {
  readonly #options: WatchSetOptions<T>;
  readonly #entries = new Map<string, Entry<T>>();

  constructor(options: WatchSetOptions<T>) {
    this.#options = options;
  }

  /**
   * From now on exactly these are watched. What goes on is not disturbed; what is no longer wanted is let go with all that
   * it held, and nobody hears of its objects one by one.
   * @returns whether that is another set than before
   */
  set(wanted: ReadonlyMap<string, WatchedOptions<T>>): boolean {
    let changed = false;
    for (const [key, { ending }] of this.#entries) {
      if (wanted.has(key)) continue;
      this.#entries.delete(key);
      ending.abort();
      changed = true;
    }
    for (const [key, options] of wanted) {
      if (this.#entries.has(key)) continue;
      this.#entries.set(key, this.#start(key, options));
      changed = true;
    }
    return changed;
  }

  get(key: string): Watched<T> | undefined {
    return this.#entries.get(key)?.watched;
  }

  get all(): readonly Watched<T>[] {
    return [...this.#entries.values()].map(({ watched }) => watched);
  }

  /** Resolves when it is known of all that are watched now what they hold, or that they are out of reach. */
  async decided(): Promise<void> {
    await Promise.all(this.all.map(({ decided }) => decided));
  }

  /** Not AbortSignal.any: what that keeps of a signal that lives as long as the process grows with every watch. */
  async #run({ watcher }: Watched<T>, ending: AbortController): Promise<void> {
    const { signal } = this.#options;
    const stop = () => ending.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    await watcher.run(ending.signal);
    signal.removeEventListener('abort', stop);
  }

  #start(key: string, options: WatchedOptions<T>): Entry<T> {
    const { client, clock, hooks, onChange } = this.#options;
    const ending = new AbortController();
    const isWanted = () => this.#entries.get(key)?.ending === ending;
    const watched = new Watched<T>(client, clock, options, {
      ...hooks,
      onAvailability: (which) => void (isWanted() && hooks.onAvailability(which)),
      onReadability: (...object) => void (isWanted() && hooks.onReadability(...object)),
    });
    watched.store.subscribe((change) => void (isWanted() && onChange(key, change)));
    void this.#run(watched, ending);
    return { watched, ending };
  }
}
