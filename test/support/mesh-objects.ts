import type { MeshPolicy } from '../../src/domain/mesh.ts';
import { meshKindOf } from '../../src/evidence/mesh/mesh-kinds.ts';

export interface MeshObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: object;
}

const object = (
  apiVersion: string,
  kind: string,
  name: string,
  namespace: string,
  spec: object,
  rest = {},
) => ({
  ...{ apiVersion, kind, metadata: { name, namespace, ...rest }, spec },
});

const labelled = (app: string) => ({ matchLabels: { app } });

/** Objects of each mesh, as the server gives them. */
export const meshes = {
  peer: (mode: string | undefined, more: object = {}, namespace = 'shop', name = 'default', rest = {}) =>
    object(
      ...(['security.istio.io/v1', 'PeerAuthentication', name, namespace] as const),
      { ...(mode === undefined ? {} : { mtls: { mode } }), ...more },
      rest,
    ),
  forApp: (app = 'web') => ({ selector: labelled(app) }),
  server: (port: string | number = 8080, more: object = {}, name = 'web', rest = {}) =>
    object(
      ...(['policy.linkerd.io/v1beta3', 'Server', name, 'shop'] as const),
      { podSelector: labelled('web'), port, ...more },
      rest,
    ),
  authorization: (target: object, proofs: readonly string[], name = 'clients') =>
    object('policy.linkerd.io/v1alpha1', 'AuthorizationPolicy', name, 'shop', {
      targetRef: target,
      requiredAuthenticationRefs: proofs.map((kind) => ({ kind, name: 'one' })),
    }),
  serverAuthorization: (server: object, client: object, name = 'legacy') =>
    object('policy.linkerd.io/v1beta1', 'ServerAuthorization', name, 'shop', { server, client }),
} as const;

/** What the projections of their kinds make of them. */
export const policiesOf = (objects: readonly MeshObject[]): MeshPolicy[] =>
  objects.flatMap((each) => {
    const kind = meshKindOf(each.apiVersion, each.kind);
    if (kind === undefined) throw new Error(`${each.kind} of ${each.apiVersion} is not read`);
    return kind.project(each) ?? [];
  });
