import type { GitOpsKind } from '../../domain/gitops.ts';
import type { GitOpsObject } from './gitops-object.ts';
import { projectApplication } from './project-application.ts';
import { projectHelmRelease, projectKustomization } from './project-flux.ts';

export interface GitOpsResource {
  readonly kind: GitOpsKind;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: true;
  readonly project: (object: unknown) => GitOpsObject | undefined;
}

const resource = (
  kind: GitOpsKind,
  group: string,
  version: string,
  project: GitOpsResource['project'],
): GitOpsResource => ({
  ...{ kind, group, version, plural: `${kind.toLowerCase()}s`, project },
  namespaced: true,
});

export const gitOpsResources: readonly GitOpsResource[] = [
  resource('Application', 'argoproj.io', 'v1alpha1', projectApplication),
  resource('Kustomization', 'kustomize.toolkit.fluxcd.io', 'v1', projectKustomization),
  resource('HelmRelease', 'helm.toolkit.fluxcd.io', 'v2', projectHelmRelease),
];

/** The kind of a manifest, if it is one of them. Its group tells a Flux Kustomization from a file for kustomize. */
export const gitOpsKindOf = (apiVersion: string, kind: string): GitOpsResource | undefined =>
  gitOpsResources.find((known) => known.kind === kind && `${known.group}/${known.version}` === apiVersion);
