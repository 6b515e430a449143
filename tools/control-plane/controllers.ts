import type { BinaryName } from './components.ts';
import * as flags from './flags.ts';

/** What runs against the API server, in the order of starting. */
export const controllers = [
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
] as const satisfies BinaryName[];
export type ControllerName = (typeof controllers)[number];

export interface ControllerSettings {
  readonly folder: string;
  readonly caFile: string;
  /** KWOK's own files, from findKwokStages. */
  readonly stages: readonly string[];
  readonly kubeconfigFor: (user: string) => string;
}

/** The names that upstream's RBAC knows them by; KWOK has none, and is the admin. */
export const controllerUsers = ['system:kube-controller-manager', 'system:kube-scheduler'];

/** The arguments of each. */
export const controllerFlags: Record<ControllerName, (settings: ControllerSettings) => string[]> = {
  'kube-controller-manager': ({ folder, caFile, kubeconfigFor }) =>
    flags.controllerManagerFlags(folder, kubeconfigFor('system:kube-controller-manager'), caFile),
  'kube-scheduler': ({ kubeconfigFor }) => flags.schedulerFlags(kubeconfigFor('system:kube-scheduler')),
  kwok: ({ stages, kubeconfigFor }) => flags.kwokFlags(kubeconfigFor('admin'), stages),
};
