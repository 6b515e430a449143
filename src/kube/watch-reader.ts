import { messageOf } from './errors.ts';
import { type Frame, type Identity, identify, isOlder, orBadFrame, type RawObject } from './frame.ts';
import { BadFrameError } from './frame.ts';
import type { Sink } from './store.ts';
import { RolledBackError, type Task } from './watch-machine.ts';

/** How far one session with the server has come. */
export interface Progress {
  /** undefined until the list is complete; then the version to go on from. */
  resourceVersion: string | undefined;
  frames: number;
}

/** An object that is in the cluster and not in the sink. */
export interface Unreadable {
  readonly namespace: string;
  readonly name: string;
  readonly message: string;
}

export interface WatchReaderOptions<T> {
  readonly project: (object: RawObject) => T | undefined;
  readonly sink: Sink<T>;
  readonly onUnreadable: (namespace: string, name: string, error: unknown) => void;
  /** The object joined or left `unreadable()`, or is there for another reason. */
  readonly onReadability: (namespace: string, name: string) => void;
  /** A list that was read without trust anyway shows that the server was restored from a backup. */
  readonly onRolledBack: () => void;
}

/** Turns what a session receives into what the sink is told, and notices when the server contradicts itself. */
export class WatchReader<T> {
  readonly #options: WatchReaderOptions<T>;
  readonly #unreadable = new Map<string, Unreadable & { list: number }>();
  #list = 0;
  #synced = false;
  /** The newest version of a complete state; a later state that is older means that the server was restored. */
  #seen: string | undefined;
  /** A list had an object that is older than we knew it; said by the next that is complete, which may not find it so again. */
  #olderObject: RolledBackError | undefined;
  #expectsOlder = false;

  constructor(options: WatchReaderOptions<T>) {
    this.#options = options;
  }

  get synced(): boolean {
    return this.#synced;
  }

  unreadable(): readonly (Unreadable & { readonly list: number })[] {
    return [...this.#unreadable.values()];
  }

  /** That the server was restored is known: the next list need not say it again. */
  expectOlder(): void {
    this.#seen = undefined;
    this.#expectsOlder = true;
  }

  /** A list begins. */
  begin(task: Task): void {
    this.#list++;
    this.#options.sink.begin({ distrust: isDistrustful(task) });
  }

  /** An object of a page. @throws BadFrameError */
  takeListed(object: RawObject): void {
    this.#set(identify(object), object);
  }

  /**
   * A frame of a stream: part of the list until its end is said, after it what happens.
   * @returns whether the list is complete by it
   * @throws ApiError of an ERROR frame, RolledBackError, and what the sink throws
   */
  take(frame: Frame, task: Task, progress: Progress): boolean {
    progress.frames++;
    if (frame.type === 'error') throw frame.error;
    const { resourceVersion } = frame.type === 'bookmark' ? frame : frame.identity;
    const last = progress.resourceVersion;
    if (last !== undefined && isOlder(resourceVersion, last))
      throw new RolledBackError(last, resourceVersion);
    if (frame.type === 'set') this.#set(frame.identity, frame.object);
    else if (frame.type === 'delete') this.#delete(frame.identity);
    const completes = last === undefined && frame.type === 'bookmark' && frame.endOfList;
    if (last === undefined && !completes) return false;
    if (completes) this.complete(resourceVersion, task);
    // Only now that the sink has taken it: had that thrown, the object would have to be asked for again.
    progress.resourceVersion = this.#seen = resourceVersion;
    return completes;
  }

  /** The list is complete. @throws RolledBackError */
  complete(resourceVersion: string, task: Task): void {
    // What the list had under a known version was skipped as unchanged, so it is read once more, without trust.
    const isOlderList = this.#seen !== undefined && isOlder(resourceVersion, this.#seen);
    const error = isOlderList ? new RolledBackError(this.#seen ?? '', resourceVersion) : this.#olderObject;
    if (error !== undefined && !isDistrustful(task)) throw error;
    this.#olderObject = undefined;
    this.#options.sink.replaced();
    for (const entry of this.unreadable()) if (entry.list !== this.#list) this.#forget(entry);
    this.#seen = resourceVersion;
    this.#synced = true;
    const isNews = error !== undefined && !this.#expectsOlder;
    this.#expectsOlder = false;
    if (isNews) this.#options.onRolledBack();
  }

  /** The kind is gone. */
  clear(): void {
    this.#synced = false;
    this.#seen = this.#olderObject = undefined;
    this.#options.sink.clear();
    for (const entry of this.unreadable()) this.#forget(entry);
  }

  #set(identity: Identity, object: RawObject): void {
    if (this.#options.sink.keeps(identity)) return;
    const value = this.#project(identity, object);
    if (value === undefined) this.#options.sink.delete(identity.namespace, identity.name);
    else if (this.#options.sink.set({ ...identity, value }) === 'older')
      this.#olderObject ??= new RolledBackError(`a later one of ${identity.name}`, identity.resourceVersion);
  }

  #delete(identity: Identity): void {
    this.#forget(identity);
    this.#options.sink.delete(identity.namespace, identity.name);
  }

  /** One object that a projection cannot take must not keep the rest from being seen, nor pass for not being there. */
  #project({ namespace, name }: Identity, object: RawObject): T | undefined {
    try {
      const value = orBadFrame(() => this.#options.project(object));
      this.#forget({ namespace, name });
      return value;
    } catch (error) {
      // The bytes are broken, and not the object: another list may have it whole.
      if (error instanceof BadFrameError) throw error;
      this.#remember({ namespace, name, message: messageOf(error), list: this.#list });
      this.#options.onUnreadable(namespace, name, error);
      return undefined;
    }
  }

  #remember(entry: Unreadable & { list: number }): void {
    const { namespace, name } = entry;
    const before = this.#unreadable.get(`${namespace}/${name}`);
    this.#unreadable.set(`${namespace}/${name}`, entry);
    if (entry.message !== before?.message) this.#options.onReadability(namespace, name);
  }

  #forget({ namespace, name }: Pick<Unreadable, 'namespace' | 'name'>): void {
    if (this.#unreadable.size === 0 || !this.#unreadable.delete(`${namespace}/${name}`)) return;
    this.#options.onReadability(namespace, name);
  }
}

function isDistrustful(task: Task): boolean {
  return task.do === 'list' && task.distrust;
}
