import { isDeepStrictEqual } from 'node:util';
import { isOlder } from './frame.ts';

/** An object as the store keeps it. Replaced, never changed, when the object changes. */
export interface Stored<T> {
  /** '' for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly value: T;
}

/** `value` is `old` itself where the new version says the same. `initial`: it belongs to the first list, not to something that happened. */
export type Change<T> =
  | { type: 'set'; namespace: string; name: string; old: T | undefined; value: T; initial: boolean }
  | { type: 'delete'; namespace: string; name: string; old: T; initial: boolean };

/**
 * Where a watcher puts what it sees. A list is `begin`, any number of `set` and `delete`, `replaced`; a list that breaks
 * off is followed by another `begin`. In between come single changes.
 */
export interface Sink<T> {
  /** @param distrust take objects for changed even under a known resourceVersion: the server was restored from a backup */
  begin(options: { distrust: boolean }): void;
  /** Whether this version of the object is there, so that it need not be projected; a list then has it. */
  keeps(version: Omit<Stored<unknown>, 'value'>): boolean;
  /** @returns whether it is older than what was known of the same object: the server was restored from a backup */
  set(object: Stored<T>): 'older' | void;
  delete(namespace: string, name: string): void;
  /** The list is complete: what it did not have is gone. */
  replaced(): void;
  /** The kind itself is gone, with all its objects. */
  clear(): void;
}

/** Objects by a key of their own, kept up to date by the store. */
export interface StoreIndex<T> {
  get(key: string): readonly Stored<T>[];
}

/** The objects of one namespace. */
class Objects<T> extends Map<string, Entry<T>> {
  /** Of the last change of a value; no other namespace or moment has the same. */
  revision = 0;
}

interface Entry<T> extends Stored<T> {
  /** The list that last had the object: what an older one had is gone when the present one is complete. */
  list: number;
}

/**
 * The last known state of one resource, projected. New values of a relist show at once, each being newer than what it
 * replaces; only what is gone waits for the list's end. So a relist needs no second copy, and nobody ever sees an empty
 * store because a list is under way.
 *
 * All reads are synchronous: what is read without an await in between is one state.
 */
export class Store<T> implements Sink<T> {
  readonly #namespaces = new Map<string, Objects<T>>();
  readonly #listeners = new Set<(change: Change<T>) => void>();
  readonly #indexes: Index<T>[] = [];
  #size = 0;
  #revisions = 0;
  #list = 0;
  #distrust = false;
  #synced = false;

  /** Whether a list has been complete since the start, or since the kind was last absent. */
  get synced(): boolean {
    return this.#synced;
  }

  get size(): number {
    return this.#size;
  }

  /** Those that hold at least one object. */
  namespaces(): readonly string[] {
    return [...this.#namespaces.keys()];
  }

  list(namespace: string): readonly Stored<T>[] {
    return [...(this.#namespaces.get(namespace)?.values() ?? [])];
  }

  /** Equal only while no value of the namespace has come, changed or gone. */
  revision(namespace: string): number {
    return this.#namespaces.get(namespace)?.revision ?? 0;
  }

  *all(): Generator<Stored<T>> {
    for (const objects of this.#namespaces.values()) yield* objects.values();
  }

  get(namespace: string, name: string): Stored<T> | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  /**
   * Calls `listener` after every change. One that throws stops nothing: the others still hear of the change, then the
   * watcher hears of the error and lists again.
   * @returns what ends the subscription
   */
  subscribe(listener: (change: Change<T>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param keyOf the keys under which an object is found; pure, for it is asked again when the object goes */
  addIndex(keyOf: (object: Stored<T>) => readonly string[]): StoreIndex<T> {
    const index = new Index(keyOf);
    for (const object of this.all()) index.add(object);
    this.#indexes.push(index);
    return index;
  }

  begin(options: { distrust: boolean }): void {
    this.#list++;
    this.#distrust = options.distrust;
  }

  keeps(version: Omit<Stored<unknown>, 'value'>): boolean {
    const known = this.#namespaces.get(version.namespace)?.get(version.name);
    if (known === undefined || this.#distrust || !isSame(known, version)) return false;
    known.list = this.#list;
    return true;
  }

  set(object: Stored<T>): 'older' | void {
    if (this.keeps(object)) return;
    const { namespace, name } = object;
    let old = this.#namespaces.get(namespace)?.get(name);
    const older = old?.uid === object.uid && isOlder(object.resourceVersion, old.resourceVersion);
    // Deleted and made again under its name while nobody looked: two events, not a change of one object.
    if (old !== undefined && old.uid !== object.uid) {
      this.delete(namespace, name);
      old = undefined;
    }
    // Most updates of a pod change nothing that is kept of it: what was made of the old value is still true of the new one.
    const value = old !== undefined && isDeepStrictEqual(old.value, object.value) ? old.value : object.value;
    this.#put({ ...object, value }, old);
    if (value !== old?.value) this.#touch(namespace);
    this.#tell({
      type: 'set',
      namespace,
      name,
      old: old?.value,
      value,
      initial: !this.#synced,
    });
    if (older) return 'older';
  }

  delete(namespace: string, name: string): void {
    const objects = this.#namespaces.get(namespace);
    const old = objects?.get(name);
    if (objects === undefined || old === undefined) return;
    objects.delete(name);
    if (objects.size === 0) this.#namespaces.delete(namespace);
    else this.#touch(namespace);
    this.#size--;
    for (const index of this.#indexes) index.remove(old);
    this.#tell({ type: 'delete', namespace, name, old: old.value, initial: !this.#synced });
  }

  replaced(): void {
    this.#distrust = false;
    const gone: Entry<T>[] = [];
    for (const objects of this.#namespaces.values()) {
      for (const entry of objects.values()) if (entry.list !== this.#list) gone.push(entry);
    }
    try {
      this.#deleteAll(gone);
    } finally {
      this.#synced = true;
    }
  }

  clear(): void {
    this.#list++;
    this.#synced = false;
    this.#deleteAll([...this.all()]);
  }

  #deleteAll(objects: readonly Stored<T>[]): void {
    collectErrors(objects, ({ namespace, name }) => this.delete(namespace, name));
  }

  #put(object: Stored<T>, old: Entry<T> | undefined): void {
    let objects = this.#namespaces.get(object.namespace);
    if (objects === undefined) this.#namespaces.set(object.namespace, (objects = new Objects()));
    // The parser makes a new string for the namespace of each object.
    const [sibling] = objects.values();
    const namespace = sibling?.namespace ?? object.namespace;
    const { name, uid, resourceVersion, value } = object;
    // Field by field: what is copied by `...` keeps its fields in a second object, which costs 50 bytes for each pod.
    const entry: Entry<T> = { namespace, name, uid, resourceVersion, value, list: this.#list };
    objects.set(entry.name, entry);
    if (old === undefined) this.#size++;
    for (const index of this.#indexes) {
      if (old !== undefined) index.remove(old);
      index.add(entry);
    }
  }

  #touch(namespace: string): void {
    const objects = this.#namespaces.get(namespace);
    if (objects !== undefined) objects.revision = ++this.#revisions;
  }

  #tell(change: Change<T>): void {
    collectErrors(this.#listeners, (listener) => listener(change));
  }
}

/** A lone object stands without a Set around it: with an index by owner most keys have one, and a Set costs 200 bytes. */
class Index<T> implements StoreIndex<T> {
  readonly #keyOf: (object: Stored<T>) => readonly string[];
  readonly #found = new Map<string, Stored<T> | Set<Stored<T>>>();

  constructor(keyOf: (object: Stored<T>) => readonly string[]) {
    this.#keyOf = keyOf;
  }

  get(key: string): readonly Stored<T>[] {
    const found = this.#found.get(key);
    if (found === undefined) return [];
    return found instanceof Set ? [...found] : [found];
  }

  add(object: Stored<T>): void {
    for (const key of this.#keyOf(object)) {
      const found = this.#found.get(key);
      if (found === undefined) this.#found.set(key, object);
      else if (found instanceof Set) found.add(object);
      else this.#found.set(key, new Set([found, object]));
    }
  }

  remove(object: Stored<T>): void {
    for (const key of this.#keyOf(object)) {
      const found = this.#found.get(key);
      if (found instanceof Set) found.delete(object);
      if (found === object || (found instanceof Set && found.size === 0)) this.#found.delete(key);
    }
  }
}

type Version = Pick<Stored<unknown>, 'uid' | 'resourceVersion'>;

function isSame(old: Version, object: Version): boolean {
  return old.resourceVersion === object.resourceVersion && old.uid === object.uid;
}

/** Does all of it, and only then throws what went wrong. */
function collectErrors<V>(values: Iterable<V>, run: (value: V) => void): void {
  const errors: unknown[] = [];
  for (const value of values) {
    try {
      run(value);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} listeners of a store failed`);
}
