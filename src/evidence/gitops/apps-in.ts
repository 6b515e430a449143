import type { GitOpsApp } from '../../domain/gitops.ts';
import type { DeployerClaim } from '../../domain/provenance.ts';
import type { Workload } from '../../domain/workload.ts';
import type { GitOpsObject } from './gitops-object.ts';
import { compareApps } from './gitops-object.ts';
import type { SourceLookup } from './resolve-origins.ts';
import { resolveOrigins } from './resolve-origins.ts';

/** The HelmReleases that workloads name; only newer ones list what they have deployed. */
export const releasesOf = (workloads: readonly Workload[]): DeployerClaim[] =>
  workloads.flatMap(({ provenance }) => releaseIn(provenance?.deployer.claims ?? []) ?? []);

const releaseIn = (claims: readonly DeployerClaim[]): DeployerClaim | undefined =>
  claims.find(({ kind }) => kind === 'HelmRelease');

/** Those that concern a namespace, or that its workloads name. */
export function objectsIn(
  objects: readonly GitOpsObject[],
  namespace: string,
  workloads: readonly Workload[],
): GitOpsObject[] {
  const named = new Set(releasesOf(workloads).map((claim) => `${claim.namespace ?? ''}/${claim.name}`));
  return objects.filter(
    ({ kind, namespace: home, name, reach }) =>
      namespace in reach || (kind === 'HelmRelease' && named.has(`${home}/${name}`)),
  );
}

/**
 * What the objects are to one namespace.
 * @param objects that concern it, or that its workloads name
 * @param find what decides about signatures, wherever it stands
 */
export function appsIn(
  objects: Iterable<GitOpsObject>,
  namespace: string,
  workloads: readonly Workload[],
  find: SourceLookup,
): GitOpsApp[] {
  return [...objects].toSorted(compareApps).map((object) => {
    const { reach, repeats: _told, sources, ...rest } = object;
    const app = { ...rest, origins: resolveOrigins(sources, find) };
    const listed = reach[namespace] ?? [];
    if (app.kind !== 'HelmRelease') return { ...app, workloads: listed };
    const named = workloads
      .filter(({ provenance }) => {
        const claim = releaseIn(provenance?.deployer.claims ?? []);
        return claim?.name === app.name && claim.namespace === app.namespace;
      })
      .map(({ kind, name }) => `${kind}/${name}`);
    return { ...app, workloads: [...new Set([...listed, ...named])].toSorted() };
  });
}
