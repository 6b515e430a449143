import type { LabelSelector } from './label-selector.ts';
import type { PodSpec } from './pod-spec.ts';
import type { Labels, Workload } from './workload.ts';
import { liveSpecs } from './workload.ts';

/** A service mesh encrypts what its pods say to each other; its objects say whether they take anything else too. */

/** `DISABLE` means no mutual TLS, `PERMISSIVE` also plain text. */
export type TlsMode = 'STRICT' | 'PERMISSIVE' | 'DISABLE';

interface MeshObject {
  readonly namespace: string;
  readonly name: string;
}

/** Istio's PeerAuthentication. */
export interface PeerAuthentication extends MeshObject {
  readonly is: 'peer';
  /** Absent where it is for all pods of its namespace, or of the mesh. */
  readonly selector?: Labels;
  /** Absent where it leaves that to the wider policy (UNSET). */
  readonly mode?: TlsMode;
  /** By number, where a port differs. */
  readonly ports?: Readonly<Record<string, TlsMode>>;
  /** RFC 3339 in UTC: of two with one scope the oldest counts. */
  readonly createdAt?: string;
}

/** Linkerd's Server: a port of some pods, which nobody may reach unless something lets him in. */
export interface LinkerdServer extends MeshObject {
  readonly is: 'server';
  readonly labels: Labels;
  /** Of pods. */
  readonly selector: LabelSelector;
  /** Name or number. */
  readonly port: string;
  /** `accessPolicy`, where it lets in who has not proven who he is. */
  readonly opens?: string;
}

/** An AuthorizationPolicy or ServerAuthorization of Linkerd that lets in who has not proven who he is. Others are not kept. */
export interface LinkerdOpening extends MeshObject {
  readonly is: 'opening';
  readonly kind: 'AuthorizationPolicy' | 'ServerAuthorization';
  readonly opens: { readonly server: string } | { readonly servers: LabelSelector } | 'namespace' | 'route';
}

export type MeshPolicy = PeerAuthentication | LinkerdServer | LinkerdOpening;

/** Where Istio is installed unless somebody chose another place; its policies for the whole mesh stand there. */
const usualRoot = 'istio-system';

/** The namespace whose PeerAuthentication without a selector holds for the whole mesh. */
export const meshRootOf = ({ settings }: PodSpec): string => settings.mesh?.istioNamespace ?? usualRoot;

/** Those of all of a namespace's workloads. */
export function meshRootsOf(workloads: readonly Workload[]): ReadonlySet<string> {
  const roots = new Set([usualRoot]);
  for (const workload of workloads)
    for (const spec of liveSpecs(workload).keys()) roots.add(meshRootOf(spec));
  return roots;
}

/** Whether a policy has to do with a namespace: it is its own, or one for the whole mesh. */
export const concerns = (
  policy: MeshPolicy,
  namespace: string,
  roots: { has(namespace: string): boolean },
): boolean => policy.namespace === namespace || (isForAll(policy) && roots.has(policy.namespace));

/** For all pods of its namespace and, where that is the root of a mesh, for those of all namespaces. */
export const isForAll = (policy: MeshPolicy): boolean =>
  policy.is === 'peer' && policy.selector === undefined;
