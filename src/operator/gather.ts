import type { ClusterFacts, Gap, Snapshot, Source } from '../domain/snapshot.ts';
import type { RuntimeFinding } from '../domain/runtime.ts';
import type { ImageScan, ScannerSettings, SecretScan } from '../domain/scan-report.ts';
import type { RescanMemory } from '../evidence/trivy/rescan-memory.ts';
import { boundClaims } from '../evidence/volumes/bound-claims.ts';
import { assembleWorkloads } from '../evidence/workloads/assemble.ts';
import type { ClusterState } from './cluster-state.ts';
import type { Watched } from './watched.ts';
import { valuesOf } from './watched.ts';

/** What the snapshot of a namespace is made of, beside the watched objects. */
export interface GatherContext {
  readonly state: ClusterState;
  readonly facts: () => ClusterFacts;
  readonly deletedVulnerabilityScans: RescanMemory<ImageScan>;
  readonly deletedSecretScans: RescanMemory<SecretScan>;
  readonly runtime: (namespace: string) => Source<RuntimeFinding>;
  readonly scannerSettings: (scannerNamespace: string, namespace: string) => ScannerSettings | undefined;
}

/** Reads one namespace from memory. No await lies within, so that all of it is one state. */
export function gatherSnapshot(
  context: GatherContext,
  namespace: string,
  scannerNamespace: string,
  now: number,
): Snapshot {
  const { state } = context;
  const settings = context.scannerSettings(scannerNamespace, namespace);
  return {
    namespace: { name: namespace, labels: state.namespaces.store.get('', namespace)?.value.labels ?? {} },
    cluster: context.facts(),
    workloads: gatherWorkloads(state, namespace),
    networkPolicies: state.networkPolicies.evidence(namespace, () =>
      valuesOf(state.networkPolicies, namespace),
    ),
    volumes: gatherVolumes(state, namespace),
    vulnerabilityScans: scans(state.vulnerabilityReports, context.deletedVulnerabilityScans, namespace, now),
    secretScans: scans(state.exposedSecretReports, context.deletedSecretScans, namespace, now),
    runtime: context.runtime(namespace),
    ...(settings === undefined ? {} : { scannerSettings: settings }),
  };
}

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

/** Volumes belong to no namespace; a claim names the one that it is bound to. */
function gatherVolumes(state: ClusterState, namespace: string): Snapshot['volumes'] {
  if (!state.volumes.available) return state.volumes.evidence('', () => []);
  return state.claims.evidence(namespace, () => {
    const claims = valuesOf(state.claims, namespace);
    const volumes = claims.flatMap(({ volume }) => {
      const stored = volume === undefined ? undefined : state.volumes.store.get('', volume);
      return stored === undefined ? [] : [stored.value];
    });
    return boundClaims(claims, volumes);
  });
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
