import { groupOf } from '../group-of.ts';

/** The kinds of controllers that are read, and their API groups. */
export const workloadGroups = {
  Deployment: 'apps',
  StatefulSet: 'apps',
  DaemonSet: 'apps',
  ReplicaSet: 'apps',
  ReplicationController: '',
  Job: 'batch',
  CronJob: 'batch',
  Rollout: 'argoproj.io',
} as const;

export type WorkloadKind = keyof typeof workloadGroups;

export const isWorkloadKind = (kind: string): kind is WorkloadKind => Object.hasOwn(workloadGroups, kind);

/** The kind if it is one of those that are read here: `batch/v1` Job is, `batch.volcano.sh/v1alpha1` Job is not. */
export function workloadKindOf(apiVersion: string, kind: string): WorkloadKind | undefined {
  return isWorkloadKind(kind) && workloadGroups[kind] === groupOf(apiVersion) ? kind : undefined;
}
