import { defaultParameters } from '../../src/domain/parameters.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import type { ClusterSnapshot } from '../../src/domain/cluster-snapshot.ts';
import type { ClusterInput, EvaluationInput } from '../../src/domain/control.ts';
import type { ContainerProcess } from '../../src/domain/container-process.ts';
import type { Container, PodSpec } from '../../src/domain/pod-spec.ts';
import type { ClusterFacts, Snapshot } from '../../src/domain/snapshot.ts';
import { read } from '../../src/domain/snapshot.ts';
import type {
  ImageScan,
  ScannerSettings,
  SecretScan,
  VulnerabilityScan,
} from '../../src/domain/scan-report.ts';
import type { GitOpsApp, GitOpsSettings } from '../../src/domain/gitops.ts';
import type { RuntimeFinding } from '../../src/domain/runtime.ts';
import type { Composition, Sbom } from '../../src/domain/sbom.ts';
import type { FalcoRules } from '../../src/domain/falco-rules.ts';
import type { SensorNode, SensorPod } from '../../src/domain/sensors.ts';
import type { Vulnerability } from '../../src/domain/vulnerability.ts';
import type { Pod, PodTemplate, Workload } from '../../src/domain/workload.ts';

/** Small domain objects for tests: every field has a harmless value, and a test names only what it is about. */

export const now = Date.parse('2026-01-01T00:00:00Z');

/** A container that says nothing of what it starts. */
export function containerProcess(overrides: Partial<ContainerProcess> = {}): ContainerProcess {
  return { commands: [], env: [], logSettings: [], references: [], handlers: [], ...overrides };
}

export function container(overrides: Partial<Container> = {}): Container {
  return {
    kind: 'container',
    index: 0,
    name: 'app',
    image: 'registry.example/app:1.0.0',
    security: {},
    ports: [],
    hostOverrides: [],
    volumeMounts: [],
    resources: { requests: [], limits: [] },
    process: containerProcess(),
    ...overrides,
  };
}

/** One container unless told otherwise. */
export function podSpec(overrides: Partial<PodSpec> = {}): PodSpec {
  return {
    security: {},
    volumes: [],
    containers: [container()],
    appArmorAnnotations: {},
    settings: { references: [], tracing: [] },
    ...overrides,
  };
}

export function template(overrides: Partial<PodTemplate> = {}): PodTemplate {
  return { labels: {}, spec: podSpec(), claims: [], ...overrides };
}

/** A running pod without an owner; a bare `Pod` workload needs `workload({ kind: 'Pod', pods: [pod()] })`. */
export function pod(overrides: Partial<Pod> = {}): Pod {
  return {
    name: 'app-0',
    labels: {},
    spec: podSpec(),
    claims: [],
    mirror: false,
    running: {},
    containers: {},
    ...overrides,
  };
}

/** A Deployment `app` without template and pods. */
export function workload(overrides: Partial<Workload> = {}): Workload {
  return { kind: 'Deployment', name: 'app', completed: false, pods: [], controllers: [], ...overrides };
}

const imageScan: ImageScan = {
  name: 'report',
  image: { registry: 'registry.example', repository: 'app', tag: '1.0.0' },
  scanner: 'Trivy',
  updatedAt: now - 3_600_000,
  counts: { critical: 0, high: 0, medium: 0, low: 0, unknown: 0 },
};

/** A scan without findings of what `container()` runs, an hour old, that names neither owner nor container. */
export function scan(overrides: Partial<VulnerabilityScan> = {}): VulnerabilityScan {
  return {
    ...imageScan,
    os: { family: 'debian', release: '12.9', endOfLife: false },
    vulnerabilities: [],
    unlisted: 0,
    ...overrides,
  };
}

/** A critical vulnerability with a fix in a package of the operating system, public for a hundred days. */
export function vulnerability(overrides: Partial<Vulnerability> = {}): Vulnerability {
  return {
    id: 'CVE-2025-1000',
    package: 'openssl',
    installedVersion: '3.0.1',
    fixedVersion: '3.0.2',
    severity: 'critical',
    publishedAt: now - 100 * 86_400_000,
    packageClass: 'os',
    ...overrides,
  };
}

/** A scanner that hides nothing. */
export function scannerSettings(overrides: Partial<ScannerSettings> = {}): ScannerSettings {
  return {
    scannerNamespace: 'trivy-system',
    hidesVulnerabilities: [],
    hidesFixable: [],
    hidesSecrets: [],
    narrows: [],
    skips: [],
    vulnerabilityScannerEnabled: true,
    secretScannerEnabled: true,
    sbomGenerationEnabled: true,
    ...overrides,
  };
}

/** The same of a scan for secrets. */
export function secretScan(overrides: Partial<SecretScan> = {}): SecretScan {
  return { ...imageScan, secrets: [], ...overrides };
}

/** Debian with a hundred packages, none of which a parameter names. */
export function composition(overrides: Partial<Composition> = {}): Composition {
  return {
    osPackages: 100,
    languagePackages: 0,
    otherPackages: 0,
    unlisted: 0,
    named: [],
    os: { family: 'debian', release: '12.9' },
    markers: [{ name: 'libc6', version: '2.36-9+deb12u9' }],
    ...overrides,
  };
}

/** The SBOM of what `container()` runs, which names neither owner nor container. */
export function sbom(overrides: Partial<Sbom> = {}): Sbom {
  return { name: 'sbom', image: imageScan.image, composition: composition(), ...overrides };
}

/** One Warning about the Deployment `app`, an hour ago. */
export function runtimeFinding(overrides: Partial<RuntimeFinding> = {}): RuntimeFinding {
  return {
    rule: 'Terminal shell in container',
    priority: 'Warning',
    source: 'syscall',
    subject: { kind: 'Deployment', name: 'app', container: 'app' },
    example: 'app-0',
    count: 1,
    firstSeen: '2025-12-31T23:00:00.000000000Z',
    lastSeen: '2025-12-31T23:00:00.000000000Z',
    hours: [{ hour: '2025-12-31T23:00:00Z', alerts: 1 }],
    sample: 'A shell was spawned',
    ...overrides,
  };
}

/** Falco's configuration as its chart has it, with the official rules. */
export const falcoRules = (overrides: Partial<FalcoRules> = {}): FalcoRules => ({
  ...{ namespace: 'falco', name: 'falco', loads: ['/etc/falco/falco_rules.yaml', '/etc/falco/rules.d'] },
  ...{ outputs: ['http_output', 'stdout_output'], switches: [], files: [], refs: ['falco-rules:5'] },
  ...overrides,
});

/** Falco's pod on `node-1`, which is ready. */
export const sensorPod = (overrides: Partial<SensorPod> = {}): SensorPod => ({
  ...{ sensor: 'falco', namespace: 'falco', name: 'falco-1', node: 'node-1', ready: true },
  ...overrides,
});

/** A node whose Falco is ready, and is heard without a gap for two days. */
export const sensorNode = (overrides: Partial<SensorNode> = {}): SensorNode => ({
  ...{ name: 'node-1', pods: [sensorPod()], signs: 'heard', unbrokenSince: now - 2 * 86_400_000 },
  ...overrides,
});

/** An Application that is as it should be: it corrects what is changed, and was applied an hour ago. */
export function app(overrides: Partial<GitOpsApp> = {}, settings: Partial<GitOpsSettings> = {}): GitOpsApp {
  return {
    ...{ kind: 'Application', namespace: 'argocd', name: 'shop', workloads: ['Deployment/app'] },
    ...{
      state: 'agreed',
      observed: 'Synced, Healthy',
      reconciledAt: now - 60_000,
      syncedAt: now - 3_600_000,
    },
    origins: [{ path: 'spec.source', by: 'AppProject argocd/default', signature: 'verified' }],
    ...overrides,
    settings: { automated: true, selfHeal: true, prune: true, suspended: false, ...settings },
  };
}

export type SnapshotOverrides = Partial<Omit<Snapshot, 'cluster'>> & {
  readonly cluster?: Partial<ClusterFacts>;
};

/** `shop` in a live cluster, with every source read and empty, and a scanner that hides nothing. */
export function snapshot(overrides: SnapshotOverrides = {}): Snapshot {
  const { cluster, ...others } = overrides;
  return {
    namespace: { name: 'shop', labels: {} },
    workloads: read([]),
    networkPolicies: read([]),
    volumes: read([]),
    vulnerabilityScans: read([]),
    secretScans: read([]),
    sboms: read([]),
    scannerSettings: read([scannerSettings()]),
    runtime: read([]),
    configMaps: read([]),
    services: read([]),
    serviceAccounts: read([]),
    roleBindings: read([]),
    rights: read([]),
    limitRanges: read([]),
    autoscalers: read([]),
    disruptionBudgets: read([]),
    claims: read([]),
    logNodes: read([]),
    sensorNodes: read([]),
    flowNodes: read([]),
    admission: read([]),
    policyAudits: read([]),
    gitOps: read([]),
    mesh: read([]),
    exploited: read([]),
    ingresses: read([]),
    proprietaryObjects: read([]),
    ...others,
    cluster: { ...facts, ...cluster },
  };
}

const facts: ClusterFacts = { minor: 37, unreadPolicyApis: [], live: true };

/** A live cluster, with every source read and empty. */
export const clusterSnapshot = (overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot => ({
  cluster: facts,
  sensors: read([]),
  falcoRules: read([]),
  deliveries: read([]),
  ...overrides,
});

/** What `evaluateCluster` takes. */
export const clusterInput = (
  overrides: Partial<ClusterSnapshot> = {},
  parameters: Partial<Parameters> = {},
): ClusterInput => ({
  snapshot: clusterSnapshot(overrides),
  parameters: { ...defaultParameters, ...parameters },
  now,
});

/** What `evaluate` takes: the snapshot's overrides, then the parameters that differ from their defaults. */
export function input(
  overrides: SnapshotOverrides = {},
  parameters: Partial<Parameters> = {},
): EvaluationInput {
  return { snapshot: snapshot(overrides), parameters: { ...defaultParameters, ...parameters }, now };
}
