import type { Parameters } from '../domain/parameters.ts';
import type { ClusterFacts, Gap, Snapshot, Source } from '../domain/snapshot.ts';
import type { RuntimeFinding } from '../domain/runtime.ts';
import type { ImageScan, SecretScan, VulnerabilityScan } from '../domain/scan-report.ts';
import type { RescanMemory } from '../evidence/trivy/rescan-memory.ts';
import { bindingsOf } from '../evidence/surroundings/project-role-binding.ts';
import { boundClaims } from '../evidence/volumes/bound-claims.ts';
import { present } from '../evidence/present.ts';
import { assembleWorkloads } from '../evidence/workloads/assemble.ts';
import { bindingsFor } from './binding-index.ts';
import type { ClusterState } from './cluster-state.ts';
import { gatherLogs } from './gather-logs.ts';
import { gatherAccountLabels, gatherPolicies } from './gather-policies.ts';
import { gatherRights } from './gather-rights.ts';
import type { KnownSettings } from './scan-evidence.ts';
import type { Watched } from './watched.ts';
import { valuesOf } from './watched.ts';

/** What the snapshot of a namespace is made of, beside the watched objects. */
export interface GatherContext {
  readonly state: ClusterState;
  readonly facts: () => ClusterFacts;
  readonly deletedVulnerabilityScans: RescanMemory<VulnerabilityScan>;
  readonly deletedSecretScans: RescanMemory<SecretScan>;
  readonly runtime: (namespace: string) => Source<RuntimeFinding>;
  readonly scannerSettings: (scannerNamespace: string, namespace: string) => KnownSettings;
}

/** Reads one namespace from memory. No await lies within, so that all of it is one state. */
export function gatherSnapshot(
  context: GatherContext,
  namespace: string,
  parameters: Parameters,
  now: number,
): Snapshot {
  const { state } = context;
  return {
    namespace: gatherNamespace(state, namespace),
    cluster: context.facts(),
    workloads: gatherWorkloads(state, namespace),
    networkPolicies: gatherPolicies(state, namespace),
    ...present({ serviceAccountLabels: gatherAccountLabels(state, namespace) }),
    volumes: gatherVolumes(state, namespace),
    configMaps: state.configMaps.evidence(namespace, () => valuesOf(state.configMaps, namespace)),
    runtime: context.runtime(namespace),
    ...gatherSurroundings(state, namespace),
    ...gatherLogs(state, namespace, parameters['logs.namespaces']),
    ...gatherScans(context, namespace, parameters['vulnerabilities.scannerNamespace'], now),
  };
}

/** Labels that can no longer be read are not known; without them nothing can be said of what they demand. */
function gatherNamespace({ namespaces }: ClusterState, name: string): Snapshot['namespace'] {
  const { labels = {}, tracing = [] } = namespaces.store.get('', name)?.value ?? {};
  return namespaces.available ? { name, labels, tracing } : { name };
}

/** Whether anything is read that a scanner wrote. Where there is no scanner, nobody asks for its settings. */
export const hasScans = ({ vulnerabilityReports, exposedSecretReports }: ClusterState): boolean =>
  vulnerabilityReports.available || exposedSecretReports.available;

function gatherScans(
  { state, deletedVulnerabilityScans, deletedSecretScans, scannerSettings }: GatherContext,
  namespace: string,
  scannerNamespace: string,
  now: number,
): Pick<Snapshot, 'vulnerabilityScans' | 'secretScans' | 'scannerSettings'> {
  const found = {
    vulnerabilityScans: scans(state.vulnerabilityReports, deletedVulnerabilityScans, namespace, now),
    secretScans: scans(state.exposedSecretReports, deletedSecretScans, namespace, now),
  };
  if (!hasScans(state)) return found;
  const settings = scannerSettings(scannerNamespace, namespace);
  if (!('gap' in settings)) return { ...found, scannerSettings: settings };
  // Zero findings of a scanner that may hide some prove nothing.
  const { gap } = settings;
  return {
    vulnerabilityScans: withGap(found.vulnerabilityScans, gap),
    secretScans: withGap(found.secretScans, gap),
  };
}

const withGap = <T>(source: Source<T>, gap: Gap): Source<T> =>
  source.available ? { gap, ...source } : source;

function gatherWorkloads(state: ClusterState, namespace: string): Snapshot['workloads'] {
  let gap: Gap | undefined;
  for (const watched of [state.pods, ...state.owners]) {
    const source = watched.evidence(namespace, () => []);
    if (!source.available) return source;
    gap ??= source.gap;
  }
  const items = assembleWorkloads({
    pods: valuesOf(state.pods, namespace),
    owners: state.owners.flatMap((owners) => valuesOf(owners, namespace)),
  });
  return { available: true, items, ...(gap === undefined ? {} : { gap }) };
}

type Surroundings =
  | 'services'
  | 'serviceAccounts'
  | 'roleBindings'
  | 'rights'
  | 'limitRanges'
  | 'autoscalers'
  | 'disruptionBudgets'
  | 'claims';

function gatherSurroundings(state: ClusterState, namespace: string): Pick<Snapshot, Surroundings> {
  const read = <T>(watched: Watched<T>): Source<T> =>
    watched.evidence(namespace, () => valuesOf(watched, namespace));
  return {
    services: read(state.services),
    serviceAccounts: read(state.serviceAccounts),
    roleBindings: gatherBindings(state, namespace),
    rights: gatherRights(state, namespace),
    limitRanges: read(state.limitRanges),
    autoscalers: read(state.autoscalers),
    disruptionBudgets: read(state.disruptionBudgets),
    claims: read(state.claims),
  };
}

/** A RoleBinding may bind accounts of another namespace than its own. */
function gatherBindings(state: ClusterState, namespace: string): Snapshot['roleBindings'] {
  const cluster = state.clusterRoleBindings.evidence('', () => []);
  if (!cluster.available) return cluster;
  const own = state.roleBindings.evidence(undefined, () =>
    bindingsOf(bindingsFor(state.bindings, namespace), namespace),
  );
  return cluster.gap === undefined ? own : withGap(own, cluster.gap);
}

/** Volumes belong to no namespace; a claim names the one that it is bound to. */
function gatherVolumes(state: ClusterState, namespace: string): Snapshot['volumes'] {
  const all = state.volumes.evidence('', () => []);
  if (!all.available) return all;
  const bound = state.claims.evidence(namespace, () => {
    const claims = valuesOf(state.claims, namespace);
    const volumes = claims.flatMap(({ volume }) => {
      const stored = volume === undefined ? undefined : state.volumes.store.get('', volume);
      return stored === undefined ? [] : [stored.value];
    });
    return boundClaims(claims, volumes);
  });
  return all.gap === undefined ? bound : withGap(bound, all.gap);
}

/** Reports that are there, and the last results of those that were deleted and await their rescan. */
function scans<Scan extends ImageScan>(
  watched: Watched<Scan & { namespace: string }>,
  deleted: RescanMemory<Scan>,
  namespace: string,
  now: number,
): Source<Scan> {
  return watched.evidence<Scan>(namespace, () => [
    ...valuesOf(watched, namespace),
    ...deleted.standing(namespace, now),
  ]);
}

/** A runtime source from which nothing was heard yet proves nothing. */
export const noRuntimeYet = {
  available: false,
  reason: 'NoEvidence',
  message: 'No Falco event has reached Plumbline yet.',
} as const;
