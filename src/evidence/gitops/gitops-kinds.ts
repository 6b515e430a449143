import type { GitOpsKind } from '../../domain/gitops.ts';
import type { GitOpsObject } from './gitops-object.ts';
import { projectApplication } from './project-application.ts';
import type { GitOpsSource } from './gitops-source.ts';
import { projectArgoProject, projectFluxSource } from './gitops-source.ts';
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

/** A kind that says whether signatures are verified. */
export interface SourceResource {
  readonly kind: string;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: true;
  readonly project: (object: unknown) => GitOpsSource;
}

const fluxSource = (kind: string, plural: string): SourceResource => ({
  ...{ kind, group: 'source.toolkit.fluxcd.io', version: 'v1', plural, namespaced: true },
  project: (object) => projectFluxSource(object, kind),
});

export const sourceResources: readonly SourceResource[] = [
  {
    ...{ kind: 'AppProject', group: 'argoproj.io', version: 'v1alpha1', plural: 'appprojects' },
    namespaced: true,
    project: projectArgoProject,
  },
  fluxSource('GitRepository', 'gitrepositories'),
  fluxSource('OCIRepository', 'ocirepositories'),
  fluxSource('HelmChart', 'helmcharts'),
];

export const sourceKindOf = (apiVersion: string, kind: string): SourceResource | undefined =>
  sourceResources.find((known) => known.kind === kind && `${known.group}/${known.version}` === apiVersion);
