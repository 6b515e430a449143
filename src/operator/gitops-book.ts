import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../base/clock.ts';
import type { GitOpsKind } from '../domain/gitops.ts';
import type { GitOpsObject } from '../evidence/gitops/gitops-object.ts';
import type { GitOpsSource } from '../evidence/gitops/gitops-source.ts';
import { settle } from '../evidence/gitops/settle.ts';
import { keyOfRef } from '../evidence/gitops/resolve-origins.ts';
import type { SourceKey } from '../evidence/gitops/source-ref.ts';
import type { Change, Store } from '../kube/store.ts';

/** What came of a change of an object. */
export interface GitOpsNews {
  /** Those for which it says something else than before. */
  readonly namespaces: ReadonlySet<string>;
  readonly initial: boolean;
  /** Set where nothing has changed but the date of its controller's last look. */
  readonly dated?: { readonly before: GitOpsObject; readonly after: GitOpsObject };
  /** Set where the object has come or gone, or what decides about its signatures says something else. */
  readonly object?: Pick<GitOpsObject, 'kind' | 'namespace' | 'name'>;
}

/**
 * What is known of GitOps objects beyond what they say at the moment, by the namespaces that they concern: they mostly stand
 * in another. Every replica keeps its own, from when it began to watch.
 */
export class GitOpsBook {
  readonly #clock: Clock;
  readonly #objects = new Map<string, GitOpsObject>();
  readonly #sources = new Map<string, GitOpsSource>();
  readonly #concerning = new Map<string, Set<string>>();
  readonly #listeners = new Set<(news: GitOpsNews) => void>();

  /** @param sources of what decides about signatures */
  constructor(
    stores: readonly Pick<Store<GitOpsObject>, 'subscribe'>[],
    sources: readonly Pick<Store<GitOpsSource>, 'subscribe'>[],
    clock: Clock,
  ) {
    this.#clock = clock;
    for (const store of sources) store.subscribe((change) => this.#takeSource(change));
    for (const store of stores) store.subscribe((change) => this.#take(change));
  }

  /** All that concern the namespace. */
  concerning(namespace: string): readonly GitOpsObject[] {
    return [...(this.#concerning.get(namespace) ?? [])].flatMap((key) => this.#objects.get(key) ?? []);
  }

  get(kind: GitOpsKind, namespace: string, name: string): GitOpsObject | undefined {
    return this.#objects.get(keyOf({ kind, namespace, name }));
  }

  source(key: SourceKey): GitOpsSource | undefined {
    return this.#sources.get(keyOf(key));
  }

  subscribe(listener: (news: GitOpsNews) => void): void {
    this.#listeners.add(listener);
  }

  #take(change: Change<GitOpsObject>): void {
    const object = change.type === 'set' ? change.value : change.old;
    const key = keyOf(object);
    const before = this.#objects.get(key);
    const after = change.type === 'set' ? settle(before, change.value, this.#clock.now()) : undefined;
    this.#put(key, before, after);
    if (before === undefined || after === undefined) {
      const namespaces = new Set([...namespacesOf(before), ...namespacesOf(after)]);
      return this.#tell({ namespaces, initial: change.initial, object });
    }
    if (isDeepStrictEqual(before, after)) return;
    const { reconciledAt: _old, syncedAt: oldSync, ...old } = before;
    const { reconciledAt: _new, syncedAt: newSync, ...present } = after;
    // Flux dates the two alike each time; an Application's are apart.
    const applied = after.kind !== 'Kustomization' && oldSync !== newSync;
    const dated = !applied && isDeepStrictEqual(old, present) ? { dated: { before, after } } : {};
    this.#tell({ namespaces: differing(before, after), initial: change.initial, ...dated });
  }

  /** Sources say the same for months: that all objects are looked through for one costs nothing. */
  #takeSource(change: Change<GitOpsSource>): void {
    if (change.type === 'set' && change.value === change.old) return;
    const source = change.type === 'set' ? change.value : change.old;
    const key = keyOf(source);
    if (change.type === 'set') this.#sources.set(key, source);
    else this.#sources.delete(key);
    for (const object of this.#objects.values()) {
      if (!object.sources.some((ref) => this.#leadsTo(keyOfRef(ref), key))) continue;
      this.#tell({ namespaces: new Set(namespacesOf(object)), initial: change.initial, object });
    }
  }

  /** Of a chart, what it is taken from may be what decides. */
  #leadsTo(from: SourceKey, key: string): boolean {
    const source = this.#sources.get(keyOf(from));
    const next = source?.is === 'flux' ? source.from : undefined;
    return keyOf(from) === key || (next !== undefined && keyOf(next) === key);
  }

  #put(key: string, before: GitOpsObject | undefined, after: GitOpsObject | undefined): void {
    if (after === undefined) this.#objects.delete(key);
    else this.#objects.set(key, after);
    for (const namespace of namespacesOf(before)) {
      const keys = this.#concerning.get(namespace);
      keys?.delete(key);
      if (keys?.size === 0) this.#concerning.delete(namespace);
    }
    for (const namespace of namespacesOf(after)) {
      const keys = this.#concerning.get(namespace);
      if (keys === undefined) this.#concerning.set(namespace, new Set([key]));
      else keys.add(key);
    }
  }

  #tell(news: GitOpsNews): void {
    for (const listener of this.#listeners) listener(news);
  }
}

const keyOf = ({ kind, namespace, name }: SourceKey): string => `${kind}/${namespace}/${name}`;

const namespacesOf = (object: GitOpsObject | undefined): readonly string[] =>
  Object.keys(object?.reach ?? {});

/** Where it has other things than before; everywhere when it says something else of itself. */
function differing(before: GitOpsObject, after: GitOpsObject): ReadonlySet<string> {
  const { reach: old, ...beforeRest } = before;
  const { reach, ...afterRest } = after;
  const all = new Set([...Object.keys(old), ...Object.keys(reach)]);
  const { reconciledAt: _old, ...was } = beforeRest;
  const { reconciledAt: _new, ...is } = afterRest;
  if (!isDeepStrictEqual(was, is) || isDeepStrictEqual(old, reach)) return all;
  return new Set([...all].filter((name) => !isDeepStrictEqual(old[name], reach[name])));
}
