import type { Clock } from '../base/clock.ts';
import type { Attribution } from '../evidence/falco/attribution.ts';
import { shortId } from '../evidence/workloads/container-ids.ts';
import type { ClusterState } from './cluster-state.ts';

interface Place {
  readonly namespace: string;
  readonly pod: string;
}

/** An index is made again this soon at the earliest: the names in an event are whatever its sender says. */
const leastAgeMs = 2_000;

/**
 * Finds the pod of an event that does not name its namespace: by its uid, a container in it, or its name where only one
 * namespace has a pod of that name. Events name it nearly always, so that the index is made only where one does not.
 */
export class PodFinder {
  readonly #state: Pick<ClusterState, 'pods' | 'containers'>;
  readonly #clock: Clock;
  #index: ReadonlyMap<string, Place | 'several'> = new Map();
  #madeAt = Number.NEGATIVE_INFINITY;

  constructor(state: Pick<ClusterState, 'pods' | 'containers'>, clock: Clock) {
    this.#state = state;
    this.#clock = clock;
  }

  find({ podUid, containerId, pod }: Attribution): Place | undefined {
    const keys = [
      ...(podUid === undefined ? [] : [`uid ${podUid}`]),
      ...(containerId === undefined ? [] : [`container ${shortId(containerId)}`]),
      ...(pod === undefined ? [] : [`pod ${pod}`]),
    ];
    if (keys.length === 0) return undefined;
    return this.#lookUp(keys) ?? (this.#renew() ? this.#lookUp(keys) : undefined);
  }

  #lookUp(keys: readonly string[]): Place | undefined {
    for (const key of keys) {
      const found = this.#index.get(key);
      if (found === undefined || found === 'several') continue;
      // It may have gone meanwhile, and another may have come to its name.
      if (this.#state.pods.store.get(found.namespace, found.pod) !== undefined) return found;
    }
    return undefined;
  }

  #renew(): boolean {
    const now = this.#clock.monotonic();
    if (now - this.#madeAt < leastAgeMs) return false;
    this.#madeAt = now;
    const index = new Map<string, Place | 'several'>();
    for (const { namespace, name: pod, uid } of this.#state.pods.store.all()) {
      const place = { namespace, pod };
      index.set(`uid ${uid}`, place);
      for (const id of this.#state.containers.of(uid)) index.set(`container ${id}`, place);
      index.set(`pod ${pod}`, index.has(`pod ${pod}`) ? 'several' : place);
    }
    this.#index = index;
    return true;
  }
}
