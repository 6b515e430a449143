import { selects } from '../../domain/label-selector.ts';
import type { LinkerdOpening, LinkerdServer, MeshPolicy } from '../../domain/mesh.ts';
import type { ContainerPort, PodSpec } from '../../domain/pod-spec.ts';
import type { Labels } from '../../domain/workload.ts';

/** Default policies that let in nobody who has not proven who he is. */
const closedPolicies: ReadonlySet<string> = new Set(['all-authenticated', 'cluster-authenticated', 'deny']);

export const isClosed = (policy: string): boolean => closedPolicies.has(policy);

/** What lets somebody in to a pod without proof: the object, and what it does. */
export interface Opening {
  readonly ref: string;
  readonly observed?: string;
}

/** The Servers that are for a pod. */
export const serversFor = (policies: readonly MeshPolicy[], labels: Labels): readonly LinkerdServer[] =>
  policies.filter((policy) => policy.is === 'server').filter(({ selector }) => selects(selector, labels));

/** What opens one of the Servers: its own policy, or an authorization for it. */
export function openingsOf(
  servers: readonly LinkerdServer[],
  policies: readonly MeshPolicy[],
): readonly Opening[] {
  const own = servers.flatMap(({ namespace, name, opens }) =>
    opens === undefined ? [] : [{ ref: `Server ${namespace}/${name}`, observed: opens }],
  );
  const others = policies
    .filter((policy) => policy.is === 'opening')
    .filter((opening) => servers.some((server) => opensServer(opening, server)))
    .map(({ kind, namespace, name }) => ({ ref: `${kind} ${namespace}/${name}` }));
  return [...own, ...others];
}

/** Which Servers a route belongs to is not read: it is taken for any. */
function opensServer({ opens }: LinkerdOpening, server: LinkerdServer): boolean {
  if (opens === 'namespace' || opens === 'route') return true;
  return 'server' in opens ? opens.server === server.name : selects(opens.servers, server.labels);
}

/** The ports that containers name and that no Server is for, without those of the proxy; undefined where they name none. */
export function portsWithoutServer(
  { containers }: PodSpec,
  servers: readonly LinkerdServer[],
): readonly ContainerPort[] | undefined {
  const ports = containers
    .filter(({ name }) => name !== 'linkerd-proxy')
    .flatMap((container) => container.ports)
    .filter(({ protocol }) => protocol === 'TCP');
  if (ports.length === 0) return undefined;
  const served = new Set(servers.map(({ port }) => port));
  return ports.filter(
    ({ name, containerPort }) => !served.has(name ?? '') && !served.has(String(containerPort)),
  );
}
