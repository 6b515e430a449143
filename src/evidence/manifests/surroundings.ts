import type {
  Autoscaler,
  DisruptionBudget,
  Ingress,
  LimitRange,
  Service,
  ServiceAccount,
} from '../../domain/surroundings.ts';
import {
  projectAutoscaler,
  projectDisruptionBudget,
  projectIngress,
  projectLimitRange,
  projectService,
  projectServiceAccount,
} from '../surroundings/project.ts';

/** What stands around the workloads of one namespace in manifests. */
export interface SurroundingManifests {
  readonly services: Service[];
  readonly serviceAccounts: ServiceAccount[];
  readonly limitRanges: LimitRange[];
  readonly autoscalers: Autoscaler[];
  readonly disruptionBudgets: DisruptionBudget[];
  readonly ingresses: Ingress[];
}

export const noSurroundings = (): SurroundingManifests => ({
  services: [],
  serviceAccounts: [],
  limitRanges: [],
  autoscalers: [],
  disruptionBudgets: [],
  ingresses: [],
});

/** Of another kind it adds nothing. */
export function addSurrounding(to: SurroundingManifests, kind: string, object: unknown): void {
  if (kind === 'Service') to.services.push(projectService(object));
  else if (kind === 'ServiceAccount') to.serviceAccounts.push(projectServiceAccount(object));
  else if (kind === 'LimitRange') to.limitRanges.push(projectLimitRange(object));
  else if (kind === 'HorizontalPodAutoscaler') to.autoscalers.push(projectAutoscaler(object));
  else if (kind === 'Ingress') to.ingresses.push(projectIngress(object));
  else if (kind === 'PodDisruptionBudget') to.disruptionBudgets.push(projectDisruptionBudget(object));
}
