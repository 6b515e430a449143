import type { ComplianceReportStatus } from '../../src/api/compliance-report.ts';
import type { ComplianceProfileSpec, ComplianceProfileStatus } from '../../src/api/compliance-profile.ts';
import type { ComplianceSummaryStatus } from '../../src/api/compliance-summary.ts';
import type { Condition, ControlResult } from '../../src/api/control-result.ts';
import { apiVersion, complianceProfiles, complianceReports } from '../../src/api/resources.ts';
import { complianceSummaries, runtimeReports } from '../../src/api/resources.ts';
import type { RuntimeReportStatus } from '../../src/api/runtime-report.ts';
import type { RuntimeFinding } from '../../src/domain/runtime.ts';
import type { Finding } from '../../src/domain/verdict.ts';
import { withReserved } from './reserved-sample.ts';

/** One object of each kind with every field that its schema has; a test holds that none is forgotten. */

const time = '2026-03-01T10:00:00Z';
const later = '2026-03-01T11:00:00.123456789Z';

// In the domain's own types, so that the compiler holds them and the schema's together.
const finding: Finding = {
  subject: { kind: 'Deployment', name: 'web', container: 'app' },
  example: 'web-7d9f8-abcde',
  path: 'spec.containers[0].securityContext.privileged',
  observed: 'true',
  message: 'The container is privileged.',
  severity: 'critical',
  ref: 'KSV-0017',
};
const runtimeFinding: RuntimeFinding = {
  rule: 'Terminal shell in container',
  priority: 'Notice',
  source: 'syscall',
  subject: { kind: 'Deployment', name: 'web', container: 'app' },
  example: 'web-7d9f8-abcde',
  count: 3,
  firstSeen: time,
  lastSeen: later,
  hours: [{ hour: time, alerts: 2 }],
  sample: 'A shell was spawned in a container',
};

const condition: Condition = {
  type: 'Ready',
  status: 'True',
  observedGeneration: 1,
  lastTransitionTime: time,
  reason: 'Evaluated',
  message: 'It was evaluated.',
};

export const controlResult: ControlResult = {
  id: 'RD-2.2.7',
  title: 'Containers are not privileged',
  severity: 'critical',
  status: 'Fail',
  reason: 'PrivilegedContainer',
  message: 'One container is privileged.',
  inherited: false,
  findingsTotal: 4,
  findings: [finding],
  lastTransitionTime: time,
};

export const reportStatus: ComplianceReportStatus = {
  state: 'NonCompliant',
  score: 42,
  summary: {
    pass: 20,
    warn: 2,
    fail: 7,
    unknown: 5,
    manual: 1,
    notApplicable: 3,
    excepted: 4,
    total: 42,
    failBySeverity: { critical: 1, high: 6, medium: 0, low: 0 },
  },
  conditions: [condition],
  controls: [controlResult],
  evidence: [{ source: 'falco', available: false, reason: 'NoEvidence', message: 'No sensor was heard.' }],
  workloads: { total: 9, failing: 1 },
  transitions: [{ time, control: 'RD-2.2.7', from: 'Pass', to: 'Fail' }],
  observedGeneration: 1,
};

export const summaryStatus: ComplianceSummaryStatus = {
  state: 'Unknown',
  score: 77,
  namespaces: { total: 11, compliant: 5, nonCompliant: 3, unknown: 2, notAssessed: 1 },
  controls: [controlResult],
  transitions: [{ time, control: 'RD-3.5.1', from: 'Pass', to: 'Fail' }],
  evidence: [
    {
      source: 'falco',
      available: false,
      reason: 'StaleEvidence',
      message: 'No sign.',
      newestTimestamp: later,
    },
  ],
  runtime: { unattributed: 8, dropped: 6 },
  conditions: [condition],
  lastHeartbeat: time,
  observedGeneration: 1,
};

export const profileSpec: ComplianceProfileSpec = {
  extends: 'base',
  namespaceSelector: {
    matchLabels: { team: 'blue' },
    matchExpressions: [{ key: 'env', operator: 'In', values: ['prod'] }],
  },
  namespaces: { exclude: ['sandbox'] },
  controls: [
    { id: 'RD-2.6.1', disabled: true, rationale: 'The proxy decides which registries are reached.' },
    { id: 'RD-2.2.7', severity: 'low', rationale: 'The nodes are single-tenant.' },
  ],
  parameters: withReserved({
    platform: {
      maxClockSkew: '5m',
      productionNamespaces: 'environment in (production)',
      proprietaryApiGroups: ['*.k8s.aws'],
    },
    podSecurity: {
      userNamespaces: 'strict',
      clusterDefault: { enforce: 'baseline', audit: 'restricted', warn: 'restricted' },
      admissionExemptions: { namespaces: ['legacy'], usernames: ['deployer'], runtimeClasses: ['kata'] },
      maxPinnedVersionLag: 2,
      warnOnLocalhostSeccomp: true,
      forbidAllSysctls: false,
    },
    images: {
      osEolWarning: '60d',
      allowedRegistries: ['registry.example.com/blue'],
      primaryRegistries: ['registry.example.com'],
      readPullSecrets: true,
      mirrors: { 'docker.io': 'mirror.example.com' },
      floatingTags: ['stable'],
      packageBudget: 200,
      deniedPackages: ['gcc'],
      discouragedPackages: ['curl'],
      setuidPackages: ['sudo'],
      baseLag: '45d',
      allowedBases: ['registry.example.com/base'],
      thirdPartyBases: ['docker.io/library/debian'],
      allowedOsFamilies: ['debian'],
    },
    workloads: {
      requireMemoryLimits: true,
      minReplicas: 3,
      sidecars: ['istio-proxy'],
      explicitFields: ['resources'],
      downloadCommands: ['git clone'],
      remoteAdminPorts: [22],
      maxLiteralEnv: 30,
      repeatedLiteralWorkloads: 5,
    },
    logs: {
      collectors: ['fluentd'],
      uncoveredGrace: '10m',
      externalNodeAgent: true,
      namespaces: ['logging'],
      paths: ['/var/log'],
      requireStdoutProof: true,
    },
    gitops: {
      ciServiceAccounts: ['ci'],
      interactiveManagers: ['kubectl-edit'],
      reconciledWithin: '2h',
      notReadyFailAfter: '30m',
      suspendedFailAfter: '1d',
      outOfSyncFailAfter: '12h',
    },
    monitoring: { instrumentedPercent: 50, requireFlowSource: true },
    vulnerabilities: {
      minScanners: 1,
      sources: ['trivy'],
      reportMaxAge: '720h0m0s',
      rescanGrace: '1h30m',
      scannerNamespace: 'trivy-system',
      knownExploited: 'security/kev',
      criticalFixDue: '3d',
      highFixDue: '14d',
      mediumFixDue: '60d',
      unfixedAcceptWithin: '30d',
      judgeByScore: true,
      criticalScore: '9.5',
      highScore: '8',
    },
    policies: { failSeverity: 'medium', auditMaxAge: '15m', configAuditMaxAge: '7d' },
    exceptions: { maxLifetime: { critical: '14d', low: '180d' }, expiryWarning: '7d' },
    runtime: {
      alertWindow: '1d',
      alertPriority: 'Critical',
      noticeThreshold: 10,
      sensors: ['falco', 'tetragon'],
      scrapeFalcoMetrics: true,
      blindSensorAfter: '10m',
      uncoveredGrace: '1h',
      crashLoopWindow: '12h',
      minReadyPercent: 80,
      acceptedDisabledRules: ['Terminal shell in container'],
      deliveryProofWindow: '6h',
    },
    secrets: {
      failScore: 4,
      warnScore: 3,
      namePattern: 'passw(or)?d|pin',
      harmlessSuffixes: ['_FILE'],
      placeholders: ['todo'],
      minEntropy: '3.8',
      minEntropyLength: 20,
      configMapMaxBytes: 65_536,
      configMapMaxLines: 500,
      fromEnvironment: 'Fail',
    },
  }),
};

export const profileStatus: ComplianceProfileStatus = {
  conditions: [condition],
  observedGeneration: 1,
  selectedNamespaces: 12,
};

export const runtimeStatus: RuntimeReportStatus = {
  findings: [runtimeFinding],
  findingsTotal: 2,
  total: 300,
  dropped: 1,
  lastSeen: later,
  worst: 'Warning',
  replicas: [{ name: 'plumbline-7d9f8-abcde_0', sequence: 1_767_225_600_000_000, lastAdded: later }],
  recent: [{ since: later, events: 'q1N2tR8xK_w 0aB-cD3eF4g' }],
  conditions: [condition],
};

/** Without their status, which the API server takes at its own path. */
export const samples = [
  {
    names: complianceReports,
    object: manifest(complianceReports.kind, 'reference-design', { profile: 'reference-design' }),
    status: reportStatus,
  },
  {
    names: complianceSummaries,
    object: manifest(complianceSummaries.kind, 'sampled', { profile: 'sampled' }),
    status: summaryStatus,
  },
  {
    names: complianceProfiles,
    object: manifest(complianceProfiles.kind, 'sampled', profileSpec),
    status: profileStatus,
  },
  { names: runtimeReports, object: manifest(runtimeReports.kind, 'runtime'), status: runtimeStatus },
] as const;

function manifest(kind: string, name: string, spec?: object) {
  return { apiVersion, kind, metadata: { name }, ...(spec === undefined ? {} : { spec }) };
}
