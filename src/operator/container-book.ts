import { containerIds } from '../evidence/workloads/container-ids.ts';
import type { PodObject } from '../evidence/workloads/project-pod.ts';
import type { RawObject } from '../kube/frame.ts';
import type { Store } from '../kube/store.ts';

/**
 * The containers of each pod by their ids. Beside the pods, not in them: a container that restarts has another id, which is
 * news to no control.
 */
export class ContainerBook {
  readonly #ids = new Map<string, string>();

  /** Reads the ids of a pod that is about to be stored. */
  note(object: RawObject, pod: PodObject): PodObject {
    const ids = containerIds(object);
    if (pod.uid !== undefined && ids !== '') this.#ids.set(pod.uid, ids);
    return pod;
  }

  /** Forgets the pods that the store forgets. */
  follow(pods: Pick<Store<PodObject>, 'subscribe'>): void {
    pods.subscribe((change) => {
      if (change.type === 'delete' && change.old.uid !== undefined) this.#ids.delete(change.old.uid);
    });
  }

  /** @returns short ids */
  of(uid: string): readonly string[] {
    return this.#ids.get(uid)?.split(',') ?? [];
  }
}
