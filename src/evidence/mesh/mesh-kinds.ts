import type { MeshPolicy } from '../../domain/mesh.ts';
import { projectAuthorizationPolicy, projectServer, projectServerAuthorization } from './project-linkerd.ts';
import { projectPeerAuthentication } from './project-istio.ts';

/** A kind that is read where the server serves it; each of its objects stands in a namespace. */
export interface MeshKind {
  readonly kind: string;
  readonly group: string;
  readonly plural: string;
  /** Those that are read, the best first; what is read of them is the same in all. */
  readonly versions: readonly string[];
  /** @returns undefined for an object that decides nothing here */
  readonly project: (object: unknown) => MeshPolicy | undefined;
}

const kind = (
  group: string,
  name: string,
  plural: string,
  versions: readonly string[],
  project: MeshKind['project'],
): MeshKind => ({ kind: name, group, plural, versions, project });

export const meshKinds: readonly MeshKind[] = [
  kind(
    'security.istio.io',
    'PeerAuthentication',
    'peerauthentications',
    ['v1', 'v1beta1'],
    projectPeerAuthentication,
  ),
  kind('policy.linkerd.io', 'Server', 'servers', ['v1beta3', 'v1beta2', 'v1beta1'], projectServer),
  kind(
    'policy.linkerd.io',
    'AuthorizationPolicy',
    'authorizationpolicies',
    ['v1alpha1'],
    projectAuthorizationPolicy,
  ),
  kind(
    'policy.linkerd.io',
    'ServerAuthorization',
    'serverauthorizations',
    ['v1beta1'],
    projectServerAuthorization,
  ),
];

/** The kind of a manifest, if it is one of them. */
export const meshKindOf = (apiVersion: string, name: string): MeshKind | undefined =>
  meshKinds.find(
    (known) =>
      known.kind === name && known.versions.some((version) => `${known.group}/${version}` === apiVersion),
  );

interface Served {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly verbs: readonly string[];
}

/** The kinds that a server serves, each in the best of the versions that are read. */
export function servedMeshKinds<S extends Served>(
  resources: readonly S[],
): { readonly kind: MeshKind; readonly resource: S }[] {
  return meshKinds.flatMap((each) => {
    const served = resources.filter(
      ({ group, plural, verbs }) => group === each.group && plural === each.plural && verbs.includes('watch'),
    );
    const best = each.versions.flatMap((version) => served.find((one) => one.version === version) ?? [])[0];
    return best === undefined ? [] : [{ kind: each, resource: best }];
  });
}
