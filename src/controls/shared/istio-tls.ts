import { compareText } from '../../domain/compare-text.ts';
import type { PeerAuthentication, TlsMode } from '../../domain/mesh.ts';
import { isForAll } from '../../domain/mesh.ts';
import type { Labels } from '../../domain/workload.ts';

/** What Istio asks of those who talk to a pod. */
export interface EffectiveTls {
  /** Absent where no policy says it. */
  readonly mode?: TlsMode;
  /** The policy that says it. */
  readonly by?: PeerAuthentication;
  /** Ports that differ from it, by number, and the policy that makes them differ. */
  readonly ports: readonly (readonly [port: string, mode: TlsMode])[];
  readonly portsBy?: PeerAuthentication;
}

/** Where a pod is in a mesh. */
export interface MeshPlace {
  readonly namespace: string;
  /** The namespace whose policies hold for the whole mesh. */
  readonly root: string;
  readonly labels: Labels;
}

const selectsPod = ({ selector = {} }: PeerAuthentication, labels: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

/** Of several with one scope the oldest counts. */
const oldest = (policies: readonly PeerAuthentication[]): PeerAuthentication | undefined =>
  policies.toSorted((a, b) => compareText(a.createdAt, b.createdAt) || compareText(a.name, b.name))[0];

/**
 * One policy of each scope counts, and what the narrower one leaves UNSET the wider one says: that for the pod, then that of
 * its namespace, then that of the mesh. One with a selector does nothing in the root namespace, and ports belong to those
 * with a selector.
 */
export function effectiveTls(
  policies: readonly PeerAuthentication[],
  { namespace, root, labels }: MeshPlace,
): EffectiveTls {
  const own = policies.filter((policy) => policy.namespace === namespace);
  const forPod =
    namespace === root
      ? undefined
      : oldest(own.filter((policy) => !isForAll(policy) && selectsPod(policy, labels)));
  const forNamespace = namespace === root ? undefined : oldest(own.filter(isForAll));
  const forMesh = oldest(policies.filter((policy) => policy.namespace === root && isForAll(policy)));
  const by = [forPod, forNamespace, forMesh].find((policy) => policy?.mode !== undefined);
  const ports = Object.entries(forPod?.ports ?? {}).filter(([, mode]) => mode !== by?.mode);
  return {
    ...(by?.mode === undefined ? {} : { mode: by.mode, by }),
    ports,
    ...(forPod === undefined ? {} : { portsBy: forPod }),
  };
}
