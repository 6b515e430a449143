import type { Clock } from '../base/clock.ts';
import type { MeshPolicy } from '../domain/mesh.ts';
import { concerns, isForAll, meshRootsOf } from '../domain/mesh.ts';
import type { Gap, Source } from '../domain/snapshot.ts';
import { read } from '../domain/snapshot.ts';
import type { Workload } from '../domain/workload.ts';
import type { MeshKind } from '../evidence/mesh/mesh-kinds.ts';
import { meshKinds, servedMeshKinds } from '../evidence/mesh/mesh-kinds.ts';
import type { ApiClient } from '../kube/client.ts';
import type { DiscoveredResource, Discovery } from '../kube/discovery.ts';
import type { Change } from '../kube/store.ts';
import { ServedKinds } from './served-kinds.ts';
import type { AnyWatched, Watched, WatchedHooks, Witness } from './watched.ts';
import { distrustAll, valuesOf } from './watched.ts';
import { WatchSet } from './watch-set.ts';
import { withPatience } from './with-patience.ts';

interface KindEntry {
  readonly kind: MeshKind;
  readonly resource: DiscoveredResource;
}

export interface MeshKeeperOptions {
  readonly client: Pick<ApiClient, 'request' | 'stream'>;
  readonly clock: Clock;
  readonly hooks: WatchedHooks;
  readonly signal: AbortSignal;
  /** Of one namespace, or of all. */
  readonly onChange: (namespace?: string) => void;
}

/**
 * Knows what service meshes demand of those who talk to their pods. Most clusters have no mesh, and few have two: its kinds
 * are not watched unless the server serves them.
 */
export class MeshKeeper {
  readonly #options: MeshKeeperOptions;
  readonly #watches: WatchSet<MeshPolicy>;
  readonly #served = new ServedKinds<KindEntry>((group) => groups.has(group));
  #decided: Promise<void> | undefined;
  /** Namespaces whose policies were asked for as those of a whole mesh. */
  readonly #roots = new Set<string>();

  constructor(options: MeshKeeperOptions) {
    this.#options = options;
    const hooks: WatchedHooks = {
      ...options.hooks,
      onAvailability: () => options.onChange(),
      onReadability: (_watched, namespace) =>
        options.onChange(this.#roots.has(namespace) ? undefined : namespace),
    };
    this.#watches = new WatchSet<MeshPolicy>({
      ...options,
      hooks,
      // What a first list brings is judged when the list is complete.
      onChange: (_key, change) => void (change.initial || this.#tell(change)),
    });
  }

  /** Takes in what the server serves. What it cannot say at the moment stays as it was. */
  serve(discovery: Discovery): void {
    const changed = this.#served.take(discovery, servedMeshKinds(discovery.resources));
    const wanted = [...this.#served.kinds].map(
      ([key, { kind, resource }]) => [key, { resource, project: kind.project, required: false }] as const,
    );
    const others = this.#watches.set(new Map(wanted));
    if (others) this.#decided = undefined;
    if (others || changed) this.#options.onChange();
  }

  /** Resolves when it is known of every kind what it holds, or when the time is up. */
  async decided(signal: AbortSignal): Promise<void> {
    await (this.#decided ??= withPatience(this.#options.clock, signal, () => this.#watches.decided()));
  }

  /** The policies that concern the namespace: a kind that is not there has none. */
  evidence(namespace: string, workloads: Source<Workload>): Source<MeshPolicy> {
    const roots = meshRootsOf(workloads.available ? workloads.items : []);
    for (const root of roots) this.#roots.add(root);
    const places = new Set([namespace, ...roots]);
    const present = this.#present;
    const items = present.flatMap((watched) =>
      [...places].flatMap((place) =>
        valuesOf(watched, place).filter((policy) => concerns(policy, namespace, roots)),
      ),
    );
    return read(items, this.#gap(present, places));
  }

  /** Those that are there. */
  get watched(): readonly AnyWatched[] {
    return this.#present;
  }

  /** Looks at once for what was forbidden. */
  poke(): void {
    for (const { watcher } of this.#present) watcher.poke();
  }

  /** Reads everything again: the server was restored from a backup. @param known whose watch has found that out */
  distrust(known?: Witness): void {
    distrustAll(this.#present, known);
  }

  get #present(): readonly Watched<MeshPolicy>[] {
    return this.#watches.all.filter(({ absent }) => !absent);
  }

  #tell(change: Change<MeshPolicy>): void {
    const { old, namespace } = change;
    const value = change.type === 'set' ? change.value : undefined;
    if (value === old) return;
    const forAll = [old, value].some((policy) => policy !== undefined && isForAll(policy));
    this.#options.onChange(forAll && this.#roots.has(namespace) ? undefined : namespace);
  }

  /** Why this is not all that there may be. */
  #gap(present: readonly Watched<MeshPolicy>[], places: ReadonlySet<string>): Gap | undefined {
    for (const watched of present) {
      const { problem, reason = 'NoEvidence', name } = watched;
      const remedy = reason === 'Forbidden' ? '; apply config/mesh' : '';
      if (problem !== undefined) return { reason, message: `${problem}${remedy}.` };
      const broken = watched.watcher.unreadable().find((object) => places.has(object.namespace));
      if (broken === undefined) continue;
      const message = `${name} ${broken.name} cannot be read: ${broken.message}.`;
      return { reason: 'EvaluationError', message };
    }
    const [silent] = this.#served.silent;
    if (silent === undefined) return undefined;
    return { reason: 'PartialEvidence', message: `What ${silent} serves is not known: it does not answer.` };
  }
}

const groups: ReadonlySet<string> = new Set(meshKinds.map(({ group }) => group));
