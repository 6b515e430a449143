import type { OwnerRef } from './project-metadata.ts';
import { groupOf } from '../group-of.ts';
import type { WorkloadObject } from './project-workload.ts';

/** Where an owner chain ends, and its last member that was read. */
export interface Chain {
  /** Names the root's group of workloads. */
  readonly key: string;
  /** The root: an object that was read, or a reference to one that was not. */
  readonly root: WorkloadObject | OwnerRef;
  /** The topmost object that was read; absent when none was. */
  readonly top?: WorkloadObject;
}

export const isRead = (root: WorkloadObject | OwnerRef): root is WorkloadObject => !('apiVersion' in root);

/** Finds the end of each owner chain once, so that all pods together cost no more than their number. */
export class OwnerChains {
  readonly #byUid = new Map<string, WorkloadObject>();
  readonly #byName = new Map<string, WorkloadObject>();
  readonly #chains = new Map<WorkloadObject, Chain>();

  constructor(owners: readonly WorkloadObject[]) {
    for (const owner of owners) {
      if (owner.uid !== undefined) this.#byUid.set(owner.uid, owner);
      this.#byName.set(nameKey(owner.group, owner), owner);
    }
  }

  /** From a reference, the pod's or another owner's. */
  follow(reference: OwnerRef): Chain {
    const owner = this.#resolve(reference);
    if (owner !== undefined) return this.climb(owner);
    const key = reference.uid ?? nameKey(groupOf(reference.apiVersion), reference);
    return { key, root: reference };
  }

  climb(start: WorkloadObject): Chain {
    const passed = new Set<WorkloadObject>();
    let owner = start;
    let chain = this.#chains.get(owner);
    while (chain === undefined) {
      passed.add(owner);
      const parent = owner.owner && this.#resolve(owner.owner);
      if (parent === undefined) chain = endOf(owner, owner.owner && this.follow(owner.owner));
      // Nobody makes such a ring on purpose; each of its members must still find the same root.
      else if (passed.has(parent)) chain = endOf(leastOf(passed, parent));
      else {
        owner = parent;
        chain = this.#chains.get(owner);
      }
    }
    for (const member of passed) this.#chains.set(member, chain);
    return chain;
  }

  /** By uid; by name only where a manifest has left the uid out, since a new object may bear a deleted one's name. */
  #resolve(reference: OwnerRef): WorkloadObject | undefined {
    const exact = reference.uid === undefined ? undefined : this.#byUid.get(reference.uid);
    if (exact !== undefined) return exact;
    const named = this.#byName.get(nameKey(groupOf(reference.apiVersion), reference));
    return reference.uid === undefined || named?.uid === undefined ? named : undefined;
  }
}

function endOf(top: WorkloadObject, beyond?: Chain): Chain {
  return beyond === undefined
    ? { key: top.uid ?? nameKey(top.group, top), root: top, top }
    : { key: beyond.key, root: beyond.root, top };
}

function leastOf(passed: Iterable<WorkloadObject>, first: WorkloadObject): WorkloadObject {
  let inRing = false;
  let least = first;
  for (const member of passed) {
    inRing ||= member === first;
    if (inRing && nameKey(member.group, member) < nameKey(least.group, least)) least = member;
  }
  return least;
}

const nameKey = (group: string, { kind, name }: { readonly kind: string; readonly name: string }) =>
  `${group}/${kind}/${name}`;
