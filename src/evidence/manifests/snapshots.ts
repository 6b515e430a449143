import { concerns, meshRootsOf } from '../../domain/mesh.ts';
import { defaultParameters } from '../../domain/parameters.ts';
import { isProprietary } from '../../domain/proprietary.ts';
import type { ClusterSnapshot } from '../../domain/cluster-snapshot.ts';
import type { RuntimeFinding } from '../../domain/runtime.ts';
import type { Snapshot } from '../../domain/snapshot.ts';
import { read, unread } from '../../domain/snapshot.ts';
import type { Workload } from '../../domain/workload.ts';
import { appsIn, objectsIn } from '../gitops/apps-in.ts';
import type { SourceKey } from '../gitops/source-ref.ts';
import { policiesFrom } from '../network/policy-kinds.ts';
import { givenSettings } from '../trivy/given-settings.ts';
import type { TrivyReports } from '../trivy/read-document.ts';
import type { BindingClaim } from '../volumes/bound-claims.ts';
import { boundClaims } from '../volumes/bound-claims.ts';
import { assembleWorkloads } from '../workloads/assemble.ts';
import type { Collected, CustomManifest, NamespaceManifests } from './collect.ts';
import { noManifests } from './collect.ts';
import { bindingsIn, rightsIn } from './given-bindings.ts';

/** What was given beside the manifests; absent is not the same as empty. */
export interface ScanEvidence {
  readonly trivy?: readonly TrivyReports[];
  readonly runtime?: ReadonlyMap<string, readonly RuntimeFinding[]>;
  /** Kubernetes 1.`minor` that the manifests are meant for. */
  readonly minor: number;
  /** API groups that any of the profiles calls one vendor's; by default those of the built-in one. */
  readonly proprietaryApiGroups?: readonly string[];
  /** Where the profiles say that the scanner runs; by default where the built-in one does. */
  readonly scannerNamespaces?: readonly string[];
}

/** Of the cluster itself manifests show nothing. @param minor Kubernetes 1.`minor` that they are meant for */
export const clusterSnapshotOf = (minor: number): ClusterSnapshot => ({
  cluster: { minor, unreadPolicyApis: [], live: false },
  sensors: onlyLive('Whether a runtime sensor watches the nodes'),
  falcoRules: onlyLive('Which rules Falco evaluates'),
  deliveries: onlyLive('Whether events of Falco arrive'),
});

/** One snapshot for each namespace that the input speaks of, by name. */
export function snapshotsOf(collected: Collected, evidence: ScanEvidence): Snapshot[] {
  const reports = [...collected.trivy, ...(evidence.trivy ?? [])];
  const vulnerabilities = byNamespace(reports.flatMap((each) => each.vulnerabilities));
  const secrets = byNamespace(reports.flatMap((each) => each.secrets));
  const sboms = byNamespace(reports.flatMap((each) => each.sboms));
  const reserved = reservedClaims(collected.volumes);
  const policies = policiesIn(collected);
  const settings = reports.flatMap((each) => each.settings);
  const {
    proprietaryApiGroups = defaultParameters['platform.proprietaryApiGroups'],
    scannerNamespaces = [defaultParameters['vulnerabilities.scannerNamespace']],
  } = evidence;
  const custom = collected.custom.filter(({ group }) => isProprietary(group, proprietaryApiGroups));
  const names = new Set([
    ...collected.namespaces.keys(),
    ...(evidence.runtime?.keys() ?? []),
    // One that names no namespace may be of the cluster: for its sake there is no report of `default`.
    ...custom.flatMap(({ namespace }) => namespace ?? []),
  ]);
  return [...names].sort().map((name) => {
    const own = collected.namespaces.get(name) ?? noManifests();
    const workloads = assembleWorkloads(own);
    const scans = { of: vulnerabilities(name), secrets: secrets(name), sboms: sboms(name) };
    const given = evidence.trivy !== undefined || Object.values(scans).some((list) => list.length > 0);
    return {
      namespace: {
        name,
        ...(own.labels === undefined ? {} : { labels: own.labels }),
        ...(own.tracing === undefined ? {} : { tracing: own.tracing }),
        ...(own.mesh === undefined ? {} : { mesh: own.mesh }),
      },
      cluster: { minor: evidence.minor, unreadPolicyApis: collected.unreadPolicyApis, live: false },
      workloads: read(workloads, own.gap ?? own.workloadsGap),
      networkPolicies: policies(name, own),
      volumes: read(
        boundClaims([...own.claims, ...reserved(name, own.claims)], collected.volumes),
        own.gap ?? collected.volumesGap,
      ),
      configMaps: read(own.configMaps, own.gap),
      vulnerabilityScans: given ? read(scans.of) : noReports,
      secretScans: given ? read(scans.secrets) : noReports,
      sboms: given ? read(scans.sboms) : noReports,
      scannerSettings: givenSettings(settings, scannerNamespaces, name),
      runtime:
        evidence.runtime === undefined
          ? unread('NoEvidence', 'No Falco events were given; --falco-events names a file of them.')
          : read(evidence.runtime.get(name) ?? []),
      services: read(own.surroundings.services, own.gap),
      serviceAccounts: read(own.surroundings.serviceAccounts, own.gap),
      roleBindings: bindingsIn(collected, name),
      rights: rightsIn(collected, name),
      limitRanges: read(own.surroundings.limitRanges, own.gap),
      autoscalers: read(own.surroundings.autoscalers, own.gap),
      disruptionBudgets: read(own.surroundings.disruptionBudgets, own.gap),
      claims: read(own.claims, own.gap),
      logNodes: unread(
        'NoEvidence',
        'Manifests do not show which nodes have a log collector; only a cluster does.',
      ),
      sensorNodes: onlyLive('Whether a runtime sensor watches the nodes'),
      flowNodes: onlyLive('Whether a source of network flows sees the nodes'),
      admission: onlyLive('What is enforced at admission'),
      policyAudits: onlyLive('What policies found'),
      gitOps: gitOpsIn(collected, name, workloads),
      exploited: read(collected.exploited),
      mesh: meshIn(collected, name, workloads),
      ingresses: read(own.surroundings.ingresses, own.gap),
      proprietaryObjects: read(proprietaryIn(custom, name), own.gap),
    };
  });
}

/** Those of a namespace, with the ones for the whole cluster. */
function policiesIn({ policies, policiesGap }: Collected) {
  const sorted = Map.groupBy(policies, ({ namespace }) => namespace);
  return (namespace: string, own: NamespaceManifests): Snapshot['networkPolicies'] => {
    const others = policiesFrom([...(sorted.get(undefined) ?? []), ...(sorted.get(namespace) ?? [])]);
    return read([...own.networkPolicies, ...others.policies], own.gap ?? policiesGap ?? others.gap);
  };
}

/** They are mostly kept elsewhere than what they deploy: that none is there says nothing. */
function gitOpsIn(
  { gitOps, gitOpsSources, gitOpsGap }: Collected,
  namespace: string,
  workloads: readonly Workload[],
): Snapshot['gitOps'] {
  const own = objectsIn(gitOps, namespace, workloads);
  if (own.length === 0 && gitOpsGap === undefined)
    return unread(
      'NoEvidence',
      'No Argo CD Application and no Flux object that deploys into the namespace is among the manifests.',
    );
  const find = (key: SourceKey) =>
    gitOpsSources.find(
      (each) => each.kind === key.kind && each.namespace === key.namespace && each.name === key.name,
    );
  return read(appsIn(own, namespace, workloads, find), gitOpsGap);
}

function meshIn(
  { mesh, meshGap }: Collected,
  namespace: string,
  workloads: readonly Workload[],
): Snapshot['mesh'] {
  const roots = meshRootsOf(workloads);
  return read(
    mesh.filter((policy) => concerns(policy, namespace, roots)),
    meshGap,
  );
}

const proprietaryIn = (custom: readonly CustomManifest[], name: string) =>
  custom
    .filter(({ namespace = 'default' }) => namespace === name)
    .map(({ namespace: _where, ...object }) => object);

const noReports = unread('NoEvidence', 'No scan reports were given; --trivy-reports names a folder of them.');

const onlyLive = (what: string) => unread('NoEvidence', `${what} can be seen in a cluster alone.`);

/**
 * The claims that volumes are kept for and that have no manifest: those of a StatefulSet's claim templates never do.
 * @returns those of a namespace, beside the ones given
 */
function reservedClaims(volumes: Collected['volumes']) {
  const sorted = Map.groupBy(
    volumes.flatMap(({ claim }) => claim ?? []),
    ({ namespace }) => namespace,
  );
  return (namespace: string, written: readonly BindingClaim[]): BindingClaim[] => {
    const names = new Set(written.map(({ name }) => name));
    return (sorted.get(namespace) ?? []).filter(({ name }) => !names.has(name));
  };
}

/** The scans of a namespace. One that names none speaks of an image, wherever it runs. */
function byNamespace<T extends { readonly namespace?: string }>(all: readonly T[]): (name: string) => T[] {
  const sorted = Map.groupBy(all, ({ namespace }) => namespace);
  return (name) => [...(sorted.get(name) ?? []), ...(sorted.get(undefined) ?? [])];
}
