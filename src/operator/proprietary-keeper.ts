import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../base/clock.ts';
import type { ProprietaryObject } from '../domain/proprietary.ts';
import { isProprietary } from '../domain/proprietary.ts';
import type { Gap, Source } from '../domain/snapshot.ts';
import { read, unread } from '../domain/snapshot.ts';
import type { ApiClient } from '../kube/client.ts';
import type { DiscoveredResource, Discovery } from '../kube/discovery.ts';
import { resourceName } from '../kube/resource.ts';
import { inOrder, isWatchable } from './proprietary-kinds.ts';
import { keyOf, ServedKinds } from './served-kinds.ts';
import type { AnyWatched, Watched, WatchedHooks, Witness } from './watched.ts';
import { distrustAll } from './watched.ts';
import { WatchSet } from './watch-set.ts';
import { withPatience } from './with-patience.ts';

/**
 * Most kinds that are watched. A cloud's operator may bring hundreds, and each watch is a connection to the API server for as
 * long as the process runs.
 */
export const mostKinds = 64;

/** All that is kept of an object is that it is there, under its name. */
type Presence = Readonly<Record<string, never>>;
const here: Presence = Object.freeze({});

export interface ProprietaryKeeperOptions {
  readonly client: Pick<ApiClient, 'request' | 'stream'>;
  readonly clock: Clock;
  readonly hooks: WatchedHooks;
  readonly signal: AbortSignal;
  /** Of one namespace, or of all. */
  readonly onChange: (namespace?: string) => void;
}

/**
 * Knows which objects of one vendor's APIs there are. Profiles say which groups these are, and the server which kinds it serves
 * of them: where it serves none, nothing is watched and all is known.
 */
export class ProprietaryKeeper {
  readonly #options: ProprietaryKeeperOptions;
  readonly #watches: WatchSet<Presence>;
  /** Of all groups, for the entries may change. */
  readonly #served = new ServedKinds<{ readonly resource: DiscoveredResource }>(() => true);
  /** Whether the server has said it. */
  #said = false;
  #entries: readonly string[] = [];
  /** Of what is served, those of the entries, in order; of them the first are watched. */
  #wanted: readonly DiscoveredResource[] = [];
  /** The same of what is silent. */
  #silent: readonly string[] = [];
  #decided: Promise<void> | undefined;

  constructor(options: ProprietaryKeeperOptions) {
    this.#options = options;
    const { client, clock, signal, onChange } = options;
    this.#watches = new WatchSet<Presence>({
      ...{ client, clock, signal },
      hooks: {
        ...options.hooks,
        onAvailability: () => onChange(),
        onReadability: (_watched, namespace) => onChange(namespace),
      },
      onChange: (_key, change) => {
        // What a first list brings is judged when the list is complete; of what was there already nothing is kept that may change.
        if (!change.initial && (change.type === 'delete' || change.old === undefined))
          onChange(change.namespace);
      },
    });
  }

  /** Takes in what the server serves. What it cannot say at the moment stays as it was. */
  serve(discovery: Discovery): void {
    const served = discovery.resources.filter(isWatchable).map((resource) => ({ resource }));
    this.#served.take(discovery, served);
    this.#said = true;
    this.#choose();
  }

  /** @param entries of all profiles together */
  follow(entries: readonly string[]): void {
    if (isDeepStrictEqual(entries, this.#entries)) return;
    this.#entries = entries;
    this.#choose();
  }

  /** Resolves when it is known of every kind that is watched what it holds, or when the time is up. */
  async decided(signal: AbortSignal): Promise<void> {
    await (this.#decided ??= withPatience(this.#options.clock, signal, () => this.#watches.decided()));
  }

  /** The namespace's objects of the groups of these entries; by default those of all profiles. */
  objects(namespace: string, entries: readonly string[] = this.#entries): Source<ProprietaryObject> {
    if (!this.#said) return unread('NoEvidence', 'The API server has not said yet what it serves.');
    let gap: Gap | undefined;
    const items: ProprietaryObject[] = [];
    const wanted = this.#wanted.filter(({ group }) => isProprietary(group, entries));
    for (const resource of wanted) {
      const watched = this.#watches.get(keyOf(resource));
      if (watched === undefined || watched.absent) continue;
      gap ??= gapOf(watched, namespace);
      if (!watched.available) continue;
      const { group, kind } = resource;
      for (const { name } of watched.store.list(namespace)) items.push({ group, kind, name });
    }
    return read(items, gap ?? this.#beyond(wanted) ?? this.#silence(entries));
  }

  /** Those that are there. */
  watched(): readonly AnyWatched[] {
    return this.#watches.all.filter(({ absent }) => !absent);
  }

  /** Looks at once for what was forbidden. */
  poke(): void {
    for (const { watcher } of this.watched()) watcher.poke();
  }

  /** Reads everything again: the server was restored from a backup. @param known whose watch has found that out */
  distrust(known?: Witness): void {
    distrustAll(this.watched(), known);
  }

  #choose(): void {
    if (!this.#said) return;
    const served = [...this.#served.kinds.values()].map(({ resource }) => resource);
    const wanted = served.filter(({ group }) => isProprietary(group, this.#entries)).sort(inOrder);
    const silent = this.#served.silent.filter((group) => isProprietary(group, this.#entries));
    const changed = !isDeepStrictEqual([wanted, silent], [this.#wanted, this.#silent]);
    this.#wanted = wanted;
    this.#silent = silent;
    const options = { project: () => here, required: false, metadataOnly: true };
    const watches = wanted
      .slice(0, mostKinds)
      .map((resource) => [keyOf(resource), { ...options, resource }] as const);
    if (!this.#watches.set(new Map(watches)) && !changed) return;
    this.#decided = undefined;
    this.#options.onChange();
  }

  #beyond(wanted: readonly DiscoveredResource[]): Gap | undefined {
    const first = wanted.find((resource) => this.#watches.get(keyOf(resource)) === undefined);
    if (first === undefined) return undefined;
    const all = `The cluster has ${this.#wanted.length} kinds of objects of the API groups that profiles call one vendor's`;
    return {
      reason: 'PartialEvidence',
      message: `${all}, and ${mostKinds} are watched; ${resourceName(first)} is not.`,
    };
  }

  #silence(entries: readonly string[]): Gap | undefined {
    const group = this.#silent.find((each) => isProprietary(each, entries));
    if (group === undefined) return undefined;
    return {
      reason: 'PartialEvidence',
      message: `What ${group} serves is not known: it does not answer.`,
    };
  }
}

function gapOf(watched: Watched<Presence>, namespace: string): Gap | undefined {
  const source = watched.evidence(namespace, () => []);
  if (source.available) return source.gap;
  const { reason, message } = source;
  if (reason !== 'Forbidden') return { reason, message };
  return { reason, message: `${message.replace(/\.$/, '')}; config/proprietary-apis holds the right.` };
}
