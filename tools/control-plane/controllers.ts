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

export function controllerFlags(name: ControllerName, settings: ControllerSettings): string[] {
  const { folder, caFile, stages, kubeconfigFor } = settings;
  switch (name) {
    case 'kube-controller-manager':
      return flags.controllerManagerFlags(folder, kubeconfigFor(`system:${name}`), caFile);
    case 'kube-scheduler':
      return flags.schedulerFlags(kubeconfigFor(`system:${name}`));
    case 'kwok':
      return flags.kwokFlags(kubeconfigFor('admin'), stages);
  }
}
