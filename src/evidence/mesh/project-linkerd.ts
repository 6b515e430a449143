import type { LinkerdOpening, LinkerdServer } from '../../domain/mesh.ts';
import type { Json } from '../fields.ts';
import {
  amountField,
  asObject,
  booleanField,
  objectField,
  objectsField,
  stringField,
  stringMapField,
} from '../fields.ts';
import { present } from '../present.ts';
import { projectSelector } from '../surroundings/project-selector.ts';
import { nameOf } from '../volumes/name-of.ts';

/** The functions of this file throw a ShapeError when a field has another type than the API gives it. */

interface Opened {
  readonly place: { readonly namespace: string; readonly name: string };
  readonly metadata: Json;
  readonly spec: Json;
}

function open(object: unknown): Opened {
  const from = asObject(object, '');
  const metadata = objectField(from, 'metadata', '') ?? {};
  const namespace = stringField(metadata, 'namespace', 'metadata') ?? 'default';
  return {
    place: { namespace, name: nameOf(metadata) },
    metadata,
    spec: objectField(from, 'spec', '') ?? {},
  };
}

/** Values of `accessPolicy` that let in who has not proven who he is. */
const openAccess = new Set(['all-unauthenticated', 'cluster-unauthenticated', 'audit']);

/** @returns undefined for one that selects machines outside the cluster, and no pods */
export function projectServer(object: unknown): LinkerdServer | undefined {
  const { place, metadata, spec } = open(object);
  const selector = projectSelector(spec, 'podSelector', 'spec');
  if (selector === undefined) return undefined;
  const access = stringField(spec, 'accessPolicy', 'spec') ?? 'deny';
  return present({
    is: 'server' as const,
    ...place,
    labels: stringMapField(metadata, 'labels', 'metadata') ?? {},
    selector,
    port: String(amountField(spec, 'port', 'spec') ?? ''),
    opens: openAccess.has(access) ? access : undefined,
  });
}

/** Of what is required, these prove who somebody is; that his address is right does not. */
const proofs = new Set(['MeshTLSAuthentication', 'ServiceAccount']);

/** @returns undefined for one that asks for a proof: where what it names is missing, it lets nobody in */
export function projectAuthorizationPolicy(object: unknown): LinkerdOpening | undefined {
  const { place, spec } = open(object);
  const path = 'spec.requiredAuthenticationRefs';
  const required = objectsField(spec, 'requiredAuthenticationRefs', 'spec').map((each, index) =>
    stringField(each, 'kind', `${path}[${index}]`),
  );
  if (required.some((each) => each !== undefined && proofs.has(each))) return undefined;
  const target = objectField(spec, 'targetRef', 'spec') ?? {};
  const targetKind = stringField(target, 'kind', 'spec.targetRef');
  const server = stringField(target, 'name', 'spec.targetRef') ?? '';
  const opens =
    targetKind === 'Server' ? { server } : targetKind === 'Namespace' ? ('namespace' as const) : 'route';
  return { is: 'opening', kind: 'AuthorizationPolicy', ...place, opens };
}

/** @returns undefined for one that asks for a proof, or lets nobody in since it names no client */
export function projectServerAuthorization(object: unknown): LinkerdOpening | undefined {
  const { place, spec } = open(object);
  const client = objectField(spec, 'client', 'spec') ?? {};
  const tls = objectField(client, 'meshTLS', 'spec.client') ?? {};
  // TLS without the client's certificate is not mutual.
  const isOpen =
    booleanField(client, 'unauthenticated', 'spec.client') === true ||
    booleanField(tls, 'unauthenticatedTLS', 'spec.client.meshTLS') === true;
  if (!isOpen) return undefined;
  const target = objectField(spec, 'server', 'spec') ?? {};
  const server = stringField(target, 'name', 'spec.server');
  const opens =
    server === undefined ? { servers: projectSelector(target, 'selector', 'spec.server') ?? {} } : { server };
  return { is: 'opening', kind: 'ServerAuthorization', ...place, opens };
}
