import type { WorkloadObject } from './project-workload.ts';

/** Whether it still makes pods: a ReplicaSet without replicas is history, and a finished Job or a deleted owner is over. */
export function isCurrent(owner: WorkloadObject): boolean {
  if (owner.deleting || owner.completed) return false;
  return owner.kind !== 'ReplicaSet' || owner.replicas !== 0;
}

/**
 * The controllers between an owner and its pods that are current, the owner first. Of a Deployment that is the one
 * ReplicaSet of its revision, also in the middle of a rollout and when it is scaled to none. A Rollout means to run two side
 * by side.
 */
export function currentControllers(
  top: WorkloadObject,
  members: readonly WorkloadObject[],
): WorkloadObject[] {
  const below = members.filter((member) => member !== top);
  if (top.kind !== 'Deployment' && top.kind !== 'Rollout')
    return [top, ...below.filter(isCurrent).sort(newestFirst)];
  const sets = below.filter(({ kind, deleting }) => kind === 'ReplicaSet' && !deleting).sort(newestFirst);
  const active = sets.filter(isCurrent);
  if (top.kind === 'Rollout' && active.length > 0) return [top, ...active];
  const current =
    sets.find(({ revision }) => revision !== undefined && revision === top.revision) ?? active[0];
  return current === undefined ? [top] : [top, current];
}

/** Stamps of the API are RFC 3339 in UTC to the second, so their order is that of the text. */
export function newestFirst(a: WorkloadObject, b: WorkloadObject): number {
  const [left, right] = [a.createdAt ?? '', b.createdAt ?? ''];
  if (left !== right) return left > right ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}
