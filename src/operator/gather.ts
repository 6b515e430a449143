import type { Parameters } from '../domain/parameters.ts';
import type { ClusterFacts, Gap, Snapshot, Source } from '../domain/snapshot.ts';
import type { RuntimeFinding } from '../domain/runtime.ts';
import type { ImageScan, ScannerSettings, SecretScan, VulnerabilityScan } from '../domain/scan-report.ts';
import type { RescanMemory } from '../evidence/trivy/rescan-memory.ts';
import { bindingsOf } from '../evidence/surroundings/project-role-binding.ts';
import { boundClaims } from '../evidence/volumes/bound-claims.ts';
import { present } from '../evidence/present.ts';
import { specsSince } from '../evidence/workloads/spec-since.ts';
import { bindingsFor } from './binding-index.ts';
import type { AdmissionKeeper } from './admission-keeper.ts';
import type { ClusterState } from './cluster-state.ts';
import type { ExploitedKeeper } from './exploited-keeper.ts';
import { gatherFlows } from './gather-flows.ts';
import { gatherLogs } from './gather-logs.ts';
import { gatherGitOps } from './gather-gitops.ts';
import { gatherAccountLabels, gatherPolicies } from './gather-policies.ts';
import type { MeshKeeper } from './mesh-keeper.ts';
import { gatherSensors } from './gather-sensors.ts';
import { gatherRights } from './gather-rights.ts';
import { gatherWorkloads } from './gather-workloads.ts';
import type { ProprietaryKeeper } from './proprietary-keeper.ts';
import { Remembered } from './remembered.ts';
import type { SignKeeper } from './sign-keeper.ts';
import type { SbomKeeper } from './sbom-keeper.ts';
import type { Watched } from './watched.ts';
import { valuesOf } from './watched.ts';

/** What the snapshot of a namespace is made of, beside the watched objects. */
export interface GatherContext {
  readonly state: ClusterState;
  readonly admission: Pick<AdmissionKeeper, 'admission' | 'audits'>;
  readonly mesh: Pick<MeshKeeper, 'evidence'>;
  readonly exploited: Pick<ExploitedKeeper, 'evidence'>;
  readonly proprietary: Pick<ProprietaryKeeper, 'objects'>;
  readonly facts: () => ClusterFacts;
  readonly deletedVulnerabilityScans: RescanMemory<VulnerabilityScan>;
  readonly deletedSecretScans: RescanMemory<SecretScan>;
  readonly sboms: Pick<SbomKeeper, 'evidence'>;
  readonly runtime: (namespace: string) => Source<RuntimeFinding>;
  readonly signs: Pick<SignKeeper, 'tell'>;
  readonly scannerSettings: (scannerNamespace: string, namespace: string) => Source<ScannerSettings>;
}

/**
 * Reads one namespace from memory. No await lies within, so that all of it is one state. Each part is the same object as
 * the last time, if it says the same: by that it is seen what need not be judged again.
 * @param memory of this namespace
 */
export function gatherSnapshot(
  context: GatherContext,
  namespace: string,
  parameters: Parameters,
  now: number,
  memory = new Remembered(),
): Snapshot {
  const { state } = context;
  const vendors = parameters['platform.proprietaryApiGroups'];
  const workloads = gatherWorkloads(state, namespace, memory);
  return {
    namespace: settled(memory, 'namespace', gatherNamespace(state, namespace)),
    cluster: context.facts(),
    workloads,
    sboms: settled(memory, 'sboms', context.sboms.evidence(namespace, workloads)),
    gitOps: settled(memory, 'gitops', gatherGitOps(state, namespace, workloads)),
    exploited: settled(memory, exploitedName(parameters), context.exploited.evidence(parameters)),
    mesh: settled(memory, 'mesh', context.mesh.evidence(namespace, workloads)),
    networkPolicies: gatherPolicies(state, namespace, memory),
    ...present({ serviceAccountLabels: gatherAccountLabels(state, namespace, memory) }),
    volumes: gatherVolumes(state, namespace, memory),
    configMaps: gather(memory, state.configMaps, namespace),
    runtime: settled(memory, 'runtime', context.runtime(namespace)),
    ...gatherSurroundings(state, namespace, memory),
    ...eachSettled(memory, gatherLogs(state, namespace, parameters['logs.namespaces'])),
    ...gatherSensorsBy(context, namespace, parameters, now, memory),
    flowNodes: settled(memory, 'flows', gatherFlows(state, namespace)),
    admission: settled(memory, 'admission', context.admission.admission(namespace)),
    policyAudits: settled(memory, 'policy audits', gatherAudits(context, namespace, workloads)),
    proprietaryObjects: settled(
      memory,
      `objects of ${vendors.join()}`,
      context.proprietary.objects(namespace, vendors),
    ),
    ...gatherScans(context, namespace, parameters['vulnerabilities.scannerNamespace'], now, memory),
  };
}

/** Profiles may name different lists. */
const exploitedName = (parameters: Parameters): string =>
  `exploited in ${parameters['vulnerabilities.scannerNamespace']}: ${parameters['vulnerabilities.knownExploited'] ?? ''}`;

/** All of one resource. */
const gather = <T>(memory: Remembered, watched: Watched<T>, namespace: string): Source<T> =>
  memory.get(watched.name, watched.stamp(namespace), () =>
    watched.evidence(namespace, () => valuesOf(watched, namespace)),
  );

/** What is made anew each time, and mostly equal. */
const settled = <T>(memory: Remembered, name: string, value: T): T => memory.get(name, [{}], () => value);

/** Each field by its name. */
const eachSettled = <T extends object>(memory: Remembered, fields: T): T =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, settled(memory, name, value as unknown)]),
  ) as T;

/** Another profile may call other sensors blind, and ask for other signs. */
function gatherSensorsBy(
  { state, signs }: GatherContext,
  namespace: string,
  parameters: Parameters,
  now: number,
  memory: Remembered,
): Pick<Snapshot, 'sensorNodes' | 'sensorsPresent'> {
  const blindAfter = parameters['runtime.blindSensorAfter'];
  const metrics = parameters['runtime.scrapeFalcoMetrics'];
  const found = gatherSensors(state, namespace, (node) => signs.tell(node, blindAfter, now, metrics));
  return {
    ...found,
    sensorNodes: settled(memory, `sensors by ${blindAfter} ${metrics}`, found.sensorNodes),
    ...(found.sensorsPresent === undefined
      ? {}
      : { sensorsPresent: settled(memory, 'sensors present', found.sensorsPresent) }),
  };
}

/** Labels that can no longer be read are not known; without them nothing can be said of what they demand. */
function gatherNamespace({ namespaces }: ClusterState, name: string): Snapshot['namespace'] {
  const { labels = {}, tracing = [], mesh } = namespaces.store.get('', name)?.value ?? {};
  return namespaces.available ? present({ name, labels, tracing, mesh }) : { name };
}

/** Whether anything is read that a scanner wrote. Where there is no scanner, nobody asks for its settings. */
export const hasScans = ({
  vulnerabilityReports,
  exposedSecretReports,
  sbomReports,
}: ClusterState): boolean =>
  vulnerabilityReports.available || exposedSecretReports.available || sbomReports.available;

function gatherScans(
  { state, deletedVulnerabilityScans, deletedSecretScans, scannerSettings }: GatherContext,
  namespace: string,
  scannerNamespace: string,
  now: number,
  memory: Remembered,
): Pick<Snapshot, 'vulnerabilityScans' | 'secretScans' | 'scannerSettings'> {
  const scansOf = <Scan extends ImageScan>(
    watched: Watched<Scan & { namespace: string }>,
    deleted: RescanMemory<Scan>,
  ): Source<Scan> => {
    const standing = deleted.standing(namespace, now);
    return memory.get(watched.name, [...watched.stamp(namespace), ...standing], () =>
      watched.evidence<Scan>(namespace, () => [...valuesOf(watched, namespace), ...standing]),
    );
  };
  return {
    vulnerabilityScans: scansOf(state.vulnerabilityReports, deletedVulnerabilityScans),
    secretScans: scansOf(state.exposedSecretReports, deletedSecretScans),
    scannerSettings: settled(
      memory,
      `settings in ${scannerNamespace}`,
      hasScans(state) ? scannerSettings(scannerNamespace, namespace) : noScanner,
    ),
  };
}

/** Nobody has asked for the settings of what is not there. */
export const noScanner = {
  available: false,
  reason: 'NoEvidence',
  message: 'No report of Trivy Operator can be read, and what it hides is not asked.',
} as const;

const withGap = <T>(source: Source<T>, gap: Gap | undefined): Source<T> =>
  source.available && gap !== undefined ? { gap, ...source } : source;

const gapFrom = ({ reason, message }: Gap): Gap => ({ reason, message });

/** Where Trivy Operator is not installed, there are no audits of its own that are missing. */
function gatherAudits(
  { state, admission }: GatherContext,
  namespace: string,
  workloads: Snapshot['workloads'],
): Snapshot['policyAudits'] {
  const { configAuditReports: reports, controllerRevisions } = state;
  const found = admission.audits(namespace, [reports]);
  if (!found.available || reports.absent) return found;
  const own = reports.evidence(namespace, () => valuesOf(reports, namespace));
  if (!own.available) return withGap(found, gapFrom(own));
  const revisions = controllerRevisions.evidence(namespace, () => valuesOf(controllerRevisions, namespace));
  const since = specsSince(
    workloads.available ? workloads.items : [],
    revisions.available ? revisions.items : [],
  );
  const audits = own.items.map((audit) =>
    present({ is: 'configaudit' as const, ...audit, specSince: since(audit.owner) }),
  );
  const all = withGap({ ...found, items: [...found.items, ...audits] }, own.gap);
  // Where no audit is of what has revisions, nobody asks for them.
  if (audits.every(({ specSince }) => specSince === undefined)) return all;
  return withGap(all, revisions.available ? revisions.gap : gapFrom(revisions));
}

type Surroundings =
  | 'services'
  | 'ingresses'
  | 'serviceAccounts'
  | 'roleBindings'
  | 'rights'
  | 'limitRanges'
  | 'autoscalers'
  | 'disruptionBudgets'
  | 'claims';

function gatherSurroundings(
  state: ClusterState,
  namespace: string,
  memory: Remembered,
): Pick<Snapshot, Surroundings> {
  const read = <T>(watched: Watched<T>): Source<T> => gather(memory, watched, namespace);
  return {
    services: read(state.services),
    ingresses: read(state.ingresses),
    serviceAccounts: read(state.serviceAccounts),
    roleBindings: settled(memory, 'role bindings', gatherBindings(state, namespace)),
    rights: settled(memory, 'rights', gatherRights(state, namespace)),
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
  return withGap(own, cluster.gap);
}

/** Volumes belong to no namespace; a claim names the one that it is bound to. */
function gatherVolumes(state: ClusterState, namespace: string, memory: Remembered): Snapshot['volumes'] {
  const claims = valuesOf(state.claims, namespace);
  const volumes = claims.flatMap(({ volume }) => {
    const stored = volume === undefined ? undefined : state.volumes.store.get('', volume);
    return stored === undefined ? [] : [stored.value];
  });
  const all = state.volumes.evidence('', () => []);
  const [, ...stamp] = state.volumes.stamp('');
  return memory.get('volumes', [...state.claims.stamp(namespace), ...stamp, ...volumes], () => {
    if (!all.available) return all;
    return withGap(
      state.claims.evidence(namespace, () => boundClaims(claims, volumes)),
      all.gap,
    );
  });
}

/** A runtime source from which nothing was heard yet proves nothing. */
export const noRuntimeYet = {
  available: false,
  reason: 'NoEvidence',
  message: 'No Falco event has reached Plumbline yet.',
} as const;
