import type { Clock } from '../base/clock.ts';
import { isOlder } from '../kube/frame.ts';
import type { Stored } from '../kube/store.ts';

type Version = Pick<Stored<unknown>, 'resourceVersion'>;

/**
 * So long, milliseconds, a watch may not yet have shown that an object was deleted: it knows of a dead line after 90 s,
 * and resumes on another.
 */
const unshownMs = 120_000;

/**
 * Whether what the server has of an object that a write was refused for means that it was restored from a backup, where
 * the watch has nothing to say of it: the versions may have passed since.
 */
export class RollbackSigns {
  readonly #clock: Clock;
  /** Objects that the server does not have, and since when that is known, monotonic milliseconds. */
  readonly #gone = new Map<string, { readonly stored: Version; readonly since: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param stored as the watch has shown it; the same object for as long as it shows nothing else
   * @param found as the server has it; undefined when it has none
   */
  show(key: string, stored: Version, found: Version | undefined): boolean {
    const before = this.#gone.get(key);
    this.#gone.delete(key);
    // Nobody's version goes backwards otherwise.
    if (found !== undefined) return isOlder(found.resourceVersion, stored.resourceVersion);
    const now = this.#clock.monotonic();
    const since = before?.stored === stored ? before.since : now;
    if (now - since >= unshownMs) return true;
    this.#gone.set(key, { stored, since });
    return false;
  }

  /** The object was written, or the watch has shown that it is gone. */
  forget(key: string): void {
    this.#gone.delete(key);
  }
}
