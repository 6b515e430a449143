import fc from 'fast-check';
import type { ClusterSnapshot } from '../../src/domain/cluster-snapshot.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import { defaultParameters } from '../../src/domain/parameters.ts';
import type { Container, PodSpec } from '../../src/domain/pod-spec.ts';
import { priorities } from '../../src/domain/runtime.ts';
import type { Composition, Sbom } from '../../src/domain/sbom.ts';
import type { ScannerSettings, VulnerabilityScan } from '../../src/domain/scan-report.ts';
import type { Gap, Snapshot, Source } from '../../src/domain/snapshot.ts';
import { read } from '../../src/domain/snapshot.ts';
import type { FlowSource } from '../../src/domain/flows.ts';
import type { GitOpsApp, GitOpsSettings } from '../../src/domain/gitops.ts';
import type { DeployerClaim, ManagedChange, Provenance } from '../../src/domain/provenance.ts';
import type { OperatingSystem, Vulnerability } from '../../src/domain/vulnerability.ts';
import { unknownReasons } from '../../src/domain/verdict.ts';
import type { ProprietaryObject } from '../../src/domain/proprietary.ts';
import type { SensorNode, SensorPod } from '../../src/domain/sensors.ts';
import type { LogReader } from '../../src/domain/log-readers.ts';
import type { Right } from '../../src/domain/rights.ts';
import type { MeshPolicy } from '../../src/domain/mesh.ts';
import type { MeshSettings } from '../../src/domain/mesh-settings.ts';
import type { ServiceAccount } from '../../src/domain/surroundings.ts';
import type { PlainText } from '../../src/domain/literal.ts';
import { projectConfigMap } from '../../src/evidence/secrets/project-config-map.ts';
import { projectPlainText } from '../../src/evidence/secrets/project-container.ts';
import type { PolicyAudit } from '../../src/domain/policy-audit.ts';
import { admission, auditsOf, itemsOf, kyvernoRule, ofPods } from './admission-objects.ts';
import { meshes, policiesOf } from './mesh-objects.ts';
import { policy } from './policies.ts';
import type { ContainerState, Workload, WorkloadSettings } from '../../src/domain/workload.ts';
import {
  clusterSnapshot,
  composition,
  app,
  container,
  containerProcess,
  falcoRules,
  now,
  pod,
  podSpec,
  runtimeFinding,
  sbom,
  scan,
  scannerSettings,
  secretScan,
  sensorNode,
  sensorPod,
  snapshot,
  template,
  workload,
} from './builders.ts';

/** Namespaces of every kind that controls tell apart, most of them small and many of them nearly in order. */

/** What the Restricted Pod Security Standard wants of a container. */
const hardened: Container['security'] = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  seccomp: 'RuntimeDefault',
  capabilities: { add: [], drop: ['ALL'] },
};

/** Mostly nothing. */
const seldom = <T>(value: T): fc.Arbitrary<T | undefined> =>
  fc.constantFrom(...Array.from({ length: 7 }, () => undefined), value);

const image = fc.constantFrom(
  ...Array.from({ length: 6 }, () => 'registry.example/app:1.0.0'),
  'registry.example/other:2',
  'busybox',
  '',
  'not/A/reference',
);

const plainTexts = fc.constantFrom<PlainText | undefined>(
  ...Array.from({ length: 6 }, () => undefined),
  projectPlainText({ env: [{ name: 'DB_PASSWORD', value: 'k9Jx02mQpLw8vZr4TnYb6sDf' }] }, ''),
  projectPlainText({ args: ['--password', 'hunter2'] }, ''),
  projectPlainText(
    {
      env: [
        { name: 'BACKEND', value: 'http://api.shop.svc:8080' },
        { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'token', key: 'value' } } },
      ],
    },
    '',
  ),
);

const anyContainer: fc.Arbitrary<Container> = fc
  .record({
    security: fc.constantFrom<Container['security']>(
      ...Array.from({ length: 9 }, () => hardened),
      {},
      { ...hardened, runAsUser: 0 },
      { ...hardened, privileged: true },
      { ...hardened, capabilities: { add: ['NET_ADMIN'], drop: [] } },
      { ...hardened, procMount: 'Unmasked', seLinux: { user: 'system_u' } },
      { ...hardened, appArmor: 'Unconfined', windows: { hostProcess: true } },
    ),
    kind: fc.constantFrom<Container['kind']>('container', 'container', 'initContainer', 'ephemeralContainer'),
    image,
    hostPort: seldom(8080),
    port: fc.constantFrom(undefined, 80, 22),
    host: seldom('10.0.0.1'),
    plainText: plainTexts,
    resources: fc.constantFrom<Container['resources']>(
      ...Array.from({ length: 4 }, () => ({ requests: ['cpu', 'memory'], limits: ['memory'] })),
      { requests: [], limits: [] },
      { requests: ['cpu', 'memory'], limits: [], defaulted: ['cpu'] },
    ),
    process: fc.constantFrom<Container['process']>(
      ...Array.from({ length: 6 }, () => containerProcess({ handlers: ['readinessProbe'] })),
      containerProcess({ env: ['OTEL_SERVICE_NAME'] }),
      containerProcess({ commands: [{ path: 'command', text: 'git clone x' }] }),
      containerProcess({ commands: [{ path: 'command', text: 'curl x' }] }),
      containerProcess({ commands: [{ path: 'command', text: 'sshd' }] }),
      containerProcess({ logSettings: [{ name: 'LOG_FILE', to: 'file' }] }),
      containerProcess({ env: ['A', 'A'] }),
      containerProcess({
        references: [{ path: 'envFrom[0].secretRef', kind: 'Secret', name: 's', optional: false }],
      }),
    ),
  })
  .map(({ hostPort, port, host, plainText, ...rest }) =>
    container({
      ...rest,
      ...(plainText === undefined ? {} : { plainText }),
      ports:
        hostPort === undefined && port === undefined
          ? []
          : [
              {
                index: 0,
                protocol: 'TCP',
                containerPort: port ?? 80,
                ...(hostPort === undefined ? {} : { hostPort }),
              },
            ],
      hostOverrides: host === undefined ? [] : [{ path: 'livenessProbe.httpGet.host', host }],
    }),
  );

const anyMeshSettings = fc.constantFrom<MeshSettings | undefined>(
  ...Array.from({ length: 6 }, () => undefined),
  { injectedPolicy: 'all-authenticated' },
  { injectedPolicy: 'all-unauthenticated', istioNamespace: 'mesh' },
  { linkerdInject: 'enabled', inboundPolicy: 'deny' },
  { bypasses: ['traffic.sidecar.istio.io/excludeInboundPorts: 80'] },
);

const anySpec: fc.Arbitrary<PodSpec> = fc
  .record({
    containers: fc.array(anyContainer, { minLength: 1, maxLength: 2 }),
    rest: fc.constantFrom<Partial<PodSpec>>(
      ...Array.from({ length: 12 }, () => ({})),
      { hostNetwork: true },
      { security: { sysctls: ['kernel.msgmax'] } },
      { volumes: [{ index: 0, name: 'nfs', sources: ['nfs'] }] },
      { hostUsers: false },
      { os: 'windows' },
      { volumes: [{ index: 0, name: 'etc', sources: ['hostPath'], hostPath: '/etc' }] },
      { volumes: [{ index: 0, name: 'data', sources: ['persistentVolumeClaim'] }] },
      { volumes: [{ index: 0, name: 'kube-api-access', sources: ['projected'] }] },
    ),
    settings: fc.constantFrom<Partial<PodSpec['settings']>>(
      {},
      { serviceAccountName: 'web', automountServiceAccountToken: false },
      { serviceAccountName: 'web', baseImage: 'registry.example/base:1', setuidFreeUntil: '2026-06-30' },
      { tracing: ['sidecar.opentelemetry.io/inject'], baseImage: 'other.example/base:1' },
    ),
    sidecar: fc.constantFrom(
      ...Array.from({ length: 9 }, () => undefined),
      ...['envoy', 'istio-proxy', 'linkerd-proxy'],
    ),
    mesh: anyMeshSettings,
  })
  .map(({ containers, rest, settings: said, sidecar, mesh }) =>
    podSpec({
      containers: containers.map((each, index) => ({
        ...each,
        index,
        name: index === 1 && sidecar !== undefined ? sidecar : `c${index}`,
      })),
      settings: { references: [], tracing: [], ...said, ...(mesh === undefined ? {} : { mesh }) },
      ...rest,
    }),
  );

const anyState = fc.constantFrom<ContainerState | undefined>(
  undefined,
  { started: true, uid: 1000 },
  { started: true, uid: 1000 },
  { started: true, uid: 0 },
  { started: true },
  { started: false, refused: 'NamedUser' },
  { started: false, refused: 'MissingReference' },
);

const anyImageId = fc.constantFrom(
  undefined,
  `registry.example/app@sha256:${'a1'.repeat(32)}`,
  `registry.example/app@sha256:${'a1'.repeat(32)}`,
  `docker-pullable://registry.example/app@sha256:${'a1'.repeat(32)}`,
  `evil.example/app@sha256:${'a1'.repeat(32)}`,
  `sha256:${'a1'.repeat(32)}`,
);

/** The same for each container. */
const forAll = <T>({ containers }: PodSpec, value: T | undefined): Record<string, T> =>
  Object.fromEntries(value === undefined ? [] : containers.map(({ name }) => [name, value]));

const labels = fc.constantFrom({}, { app: 'web' }, { app: 'db' });
const claims = fc.constantFrom<readonly string[]>([], [], ['data']);

const provenanceOf = (managers: string[], claims: DeployerClaim[] = [], changes: ManagedChange[] = []) => ({
  ...{ deployer: { managers, claims }, changes },
});
const argo = ['argocd-controller'];
const anyProvenance = fc.constantFrom<Provenance | undefined>(
  ...Array.from({ length: 4 }, () => provenanceOf(argo)),
  undefined,
  provenanceOf(['kubectl-create']),
  provenanceOf(['Helm'], [{ kind: 'Helm', name: 'app' }]),
  provenanceOf(argo, [{ kind: 'Application', name: 'gone' }]),
  provenanceOf([...argo, 'k9s'], [], [{ manager: 'k9s', at: now - 60_000 }]),
);

const anyFlows = fc.constantFrom<readonly FlowSource[]>(
  [],
  [],
  [{ name: 'Hubble' }],
  [{ name: 'Hubble', until: now + 60_000 }],
);
const everything = Array.from({ length: 4 }, (_, index) =>
  ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Rollout'].map(
    (kind) => `${kind}/app-${index}`,
  ),
).flat();
const anyApp: fc.Arbitrary<GitOpsApp> = fc
  .record({
    name: fc.constantFrom('a', 'b'),
    workloads: fc.constantFrom(everything, everything, ['Deployment/app-0'], []),
    trait: fc.constantFrom<Partial<GitOpsApp>>(
      ...Array.from({ length: 6 }, () => ({})),
      { state: 'differs', observed: 'OutOfSync, Healthy', troubledSince: now - 2 * 86_400_000 },
      { state: 'failed', observed: 'Synced, Degraded' },
      { state: 'unknown', observed: 'Unknown, Unknown' },
      { reconciledAt: now - 7_200_000 },
      ...(['off', 'never', 'unproven'] as const).map((signature) => ({
        origins: [{ path: 'spec.source', by: 'AppProject argocd/default', signature }],
      })),
    ),
    settings: fc.constantFrom<Partial<GitOpsSettings>>({}, {}, {}, { selfHeal: false }, { automated: false }),
  })
  .map(({ name, workloads, trait, settings }) => app({ name, workloads, ...trait }, settings));

const anyWorkload = (index: number): fc.Arbitrary<Workload> =>
  fc
    .record({
      kind: fc.constantFrom('Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Rollout'),
      written: fc.option(anySpec, { freq: 6 }),
      mutated: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, anySpec),
      pods: fc.nat({ max: 2 }),
      labels,
      claims,
      completed: fc.constantFrom(false, false, false, true),
      blocked: seldom('pods "app" is forbidden'),
      state: anyState,
      imageId: anyImageId,
      ambient: fc.constantFrom(false, false, false, true),
      settings: fc.constantFrom<WorkloadSettings>(
        {},
        { strategy: { type: 'RollingUpdate' }, ttlSecondsAfterFinished: 60 },
        { strategy: { type: 'RollingUpdate' } },
        { strategy: { type: 'Recreate' } },
      ),
      replicas: fc.constantFrom(1, 2, 2),
      provenance: anyProvenance,
    })
    .map(
      ({ written, mutated, pods, labels, claims, blocked, state, imageId, provenance, ambient, ...rest }) => {
        const name = `app-${index}`;
        const live = mutated ?? written;
        return workload({
          ...rest,
          name,
          ...(written === null ? {} : { template: template({ labels, claims, spec: written }) }),
          pods:
            live === null
              ? []
              : Array.from({ length: pods }, (_, copy) =>
                  pod({
                    name: `${name}-${copy}`,
                    node: `node-${copy}`,
                    labels,
                    claims,
                    spec: live,
                    ...(ambient ? { ambient } : {}),
                    containers: forAll(live, state),
                    running: forAll(live, imageId === undefined ? undefined : { image: 'app', imageId }),
                  }),
                ),
          ...(blocked === undefined ? {} : { blocked }),
          ...(provenance === undefined ? {} : { provenance }),
        });
      },
    );

const anyPolicy = (index: number) =>
  fc
    .record({
      podSelector: fc.constantFrom({}, { matchLabels: { app: 'web' } }),
      policyTypes: fc.constantFrom(['Ingress'], ['Egress'], ['Ingress', 'Egress']),
      ingress: fc.constantFrom([], [{}]),
      egress: fc.constantFrom([], [{}]),
    })
    .map((spec) => policy(`policy-${index}`, spec));

interface DrawnScan {
  readonly container?: string;
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly updatedAt: number;
  readonly counts: VulnerabilityScan['counts'];
  /** Of a scan for vulnerabilities alone. */
  readonly found: Partial<
    Pick<VulnerabilityScan, 'os' | 'vulnerabilities' | 'unlisted' | 'unfixedMayBeHidden'>
  >;
}

const anyVulnerability: fc.Arbitrary<Vulnerability> = fc
  .record({
    id: fc.constantFrom('CVE-2025-1', 'CVE-2025-2'),
    package: fc.constantFrom('openssl', 'zlib'),
    installedVersion: fc.constantFrom('1', '2'),
    fixed: fc.boolean(),
    severity: fc.constantFrom<Vulnerability['severity']>('critical', 'critical', 'high', 'medium', 'unknown'),
    age: fc.constantFrom<number | null>(0, 8, 31, 91, -1, null),
    packageClass: fc.constantFrom<Vulnerability['packageClass']>('os', 'os', 'language', undefined),
  })
  .map(({ fixed, age, packageClass, ...rest }) => ({
    ...rest,
    ...(fixed ? { fixedVersion: '3' } : {}),
    ...(age === null ? {} : { publishedAt: now - age * 86_400_000 }),
    ...(packageClass === undefined ? {} : { packageClass }),
  }));

/** Mostly nothing. */
const anyFound: fc.Arbitrary<DrawnScan['found']> = fc
  .record({
    vulnerabilities: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      fc.uniqueArray(anyVulnerability, { maxLength: 3, selector: (each) => `${each.id} ${each.package}` }),
    ),
    os: fc.constantFrom<OperatingSystem>(
      ...Array.from({ length: 6 }, () => ({ family: 'debian', release: '12.9', endOfLife: false })),
      { endOfLife: false },
      { family: 'debian', release: '9', endOfLife: true },
      { family: 'fedora', release: '41', endOfLife: false },
      { family: 'alpine', release: '3.19', endOfLife: false },
    ),
    unlisted: seldom(1),
    unfixedMayBeHidden: seldom(true as const),
  })
  .map(({ unlisted = 0, unfixedMayBeHidden, ...rest }) => ({
    ...rest,
    unlisted,
    ...(unfixedMayBeHidden === undefined ? {} : { unfixedMayBeHidden }),
  }));

const anyScan: fc.Arbitrary<DrawnScan> = fc
  .record({
    container: fc.option(fc.constantFrom('c0', 'c1'), { freq: 3, nil: undefined }),
    updatedAt: fc.constantFrom(now - 3_600_000, now - 30 * 86_400_000, now + 3_600_000),
    critical: fc.constantFrom(0, 0, 1),
    low: fc.constantFrom(0, 0, 1),
    found: anyFound,
  })
  .map(({ critical, low, container: of, updatedAt, found }) => ({
    updatedAt,
    found,
    ...(of === undefined ? {} : { container: of, owner: { kind: 'Deployment', name: 'app-0' } }),
    counts: { critical, high: 0, medium: 0, low, unknown: 0 },
  }));

/** A current scan of every container, mostly without findings: what a scanner leaves that has done its work. */
const scansOf = (workloads: readonly Workload[], found: DrawnScan['found']): DrawnScan[] =>
  workloads.flatMap(({ kind, name, template: written, pods }) => {
    const specs = [written?.spec, ...pods.map(({ spec }) => spec)];
    const names = new Set(specs.flatMap((spec) => spec?.containers.map((each) => each.name) ?? []));
    return [...names].map((of) => ({
      container: of,
      owner: { kind, name },
      updatedAt: now - 3_600_000,
      counts: { critical: 0, high: 0, medium: 0, low: 0, unknown: 0 },
      found,
    }));
  });

const compositions = fc.constantFrom<Composition | undefined>(
  ...Array.from({ length: 4 }, () => composition()),
  undefined,
  composition({ osPackages: 400 }),
  composition({ unlisted: 3 }),
  composition({ sought: new Set() }),
  composition({ os: undefined as never, osPackages: 0, markers: [] }),
  composition({ markers: [{ name: 'openssl', version: '3.0.1' }] }),
  composition({ named: [{ entry: 'bash', name: 'bash' }] }),
  composition({
    named: [
      { entry: 'sudo', name: 'sudo' },
      { entry: 'passwd', name: 'passwd' },
    ],
  }),
  composition({ named: [{ entry: 'gcc', name: 'gcc-12' }], otherPackages: 90 }),
);

const anySbomOf = (
  scans: readonly DrawnScan[],
  drawn: readonly (Composition | undefined)[],
): readonly Sbom[] =>
  scans.map(({ owner, container: of }, index) => {
    const made = drawn[index % Math.max(1, drawn.length)];
    const place = {
      name: `b-${index}`,
      ...(owner && { owner }),
      ...(of === undefined ? {} : { container: of }),
    };
    return made === undefined
      ? { ...place, image: { registry: '', repository: '' } }
      : sbom({ ...place, composition: made });
  });

const settings = scannerSettings();

const hiding: ScannerSettings = {
  ...settings,
  hidesVulnerabilities: ['trivy.ignoreUnfixed is set.'],
  hidesFixable: ['trivy.severity is CRITICAL.'],
  hidesSecrets: ['trivy.severity is CRITICAL.'],
};
const elsewhere = { scannerNamespace: 'security' };

const anySettings = fc.constantFrom<readonly ScannerSettings[]>(
  [],
  [settings],
  [settings, { ...hiding, ...elsewhere }],
  [hiding, { ...settings, ...elsewhere }],
  [{ ...settings, acceptances: [{ id: 'CVE-2025-1', until: now + 10 * 86_400_000 }] }],
  [{ ...settings, acceptances: [{ id: 'CVE-2025-1' }] }],
  [hiding],
  [{ ...settings, secretScannerEnabled: false, sbomGenerationEnabled: false }],
);

const map = (name: string, data: Record<string, string>) => projectConfigMap({ metadata: { name }, data });
const plainMap = map('settings', { LOG_LEVEL: 'info' });
const secretMap = map('secrets', { API_TOKEN: 'k9Jx02mQpLw8vZr4TnYb6sDf' });

const reader = (name: string, hostPath: string, ready: boolean, since?: number): LogReader => ({
  ...{ labels: {}, ready, ...(since === undefined ? {} : { since }) },
  spec: podSpec({
    volumes: [{ index: 0, name: 'logs', sources: ['hostPath'], hostPath }],
    containers: [container({ name, volumeMounts: [{ name: 'logs', mountPath: '/logs', readOnly: true }] })],
  }),
});

const anyReaders = fc.constantFrom<readonly LogReader[]>(
  ...Array.from({ length: 3 }, () => [reader('fluentd', '/var/log', true)]),
  [],
  [reader('fluentd', '/var/log', false, now - 60_000)],
  [reader('fluentd', '/var/log', false, now - 3_600_000)],
  [reader('shipper', '/var/log/pods', true)],
);

const anySensor: fc.Arbitrary<SensorPod> = fc.constantFrom(
  ...Array.from({ length: 4 }, () => sensorPod()),
  sensorPod({ sensor: 'tetragon' }),
  sensorPod({ ready: false, since: now - 60_000 }),
  sensorPod({ ready: false, since: now - 7_200_000 }),
  sensorPod({ crashing: true }),
  sensorPod({ crashedAt: now - 3_600_000 }),
  sensorPod({ lost: { since: now - 7_200_000, until: now - 3_600_000, by: 'sensor' } }),
  sensorPod({ metrics: 'read' }),
  sensorPod({ metrics: { of: 'falco', since: now - 3_600_000, why: 'the connection is refused' } }),
);

const anySensorNode: fc.Arbitrary<Partial<SensorNode>> = fc
  .record({
    pods: fc.array(anySensor, { maxLength: 2 }),
    trait: fc.constantFrom<Partial<SensorNode>>(
      ...Array.from({ length: 4 }, () => ({})),
      { unbrokenSince: now - 3_600_000 },
      { unbrokenSince: now - 3_600_000, broken: true },
      { signs: 'silent', lastSign: now - 3_600_000 },
      { signs: 'never' },
      { signs: 'never', withPages: { signs: 'heard' } },
      { signs: 'silent', lastSign: now - 3_600_000, withPages: { signs: 'heard' } },
      { uncoverable: 'virtual' },
      { since: now - 60_000 },
      { lost: { since: now - 7_200_000, until: now - 3_600_000, by: 'operator' } },
      { metrics: 'read' },
      { metrics: { of: 'falcosidekick', since: now - 3_600_000 } },
    ),
  })
  .map(({ pods, trait }) => ({ pods, ...trait }));

const anyFalcoRules = fc.constantFrom(
  [falcoRules()],
  [falcoRules({ switches: [{ on: false, rule: 'Terminal *' }] })],
  [falcoRules({ loads: [] })],
  [falcoRules({ refs: [], outputs: ['stdout_output'] })],
  [],
);

/** A live cluster, with every source read in full. */
export const anyClusterSnapshot: fc.Arbitrary<ClusterSnapshot> = fc
  .tuple(
    fc.array(anySensor, { maxLength: 4 }),
    anyFalcoRules,
    fc.constantFrom([], [now - 3_600_000], [now - 72 * 3_600_000]),
  )
  .map(([pods, rules, deliveries]) =>
    clusterSnapshot({
      sensors: read(pods.map((each, index) => ({ ...each, name: `falco-${index}` }))),
      falcoRules: read(rules),
      deliveries: read(deliveries),
    }),
  );

const right = (more: Partial<Right>): Right => ({
  ...{ kind: 'RoleBinding', name: 'binding', namespace: 'shop', role: 'Role web', accounts: ['web'] },
  ...{ everyone: false, powers: { all: [], named: [] }, ...more },
});
const anyRights = fc.constantFrom<readonly Right[]>(
  [],
  [right({})],
  [right({ powers: { all: ['readSecrets', 'write'], named: [] } })],
  [right({ accounts: ['ci'], powers: { all: ['write'], named: ['escalate'] } })],
  [right({}), right({ name: 'logs', namespace: 'logging', powers: { all: ['changePipeline'], named: [] } })],
);
const everywhere = (more: Partial<Right>): Right => {
  const { namespace: _none, ...rest } = right({ kind: 'ClusterRoleBinding', name: 'all', ...more });
  return rest;
};
const anyClusterRights = fc.constantFrom<readonly Right[]>(
  ...Array.from({ length: 4 }, () => []),
  [everywhere({ everyone: true, accounts: [], role: 'ClusterRole system:basic-user' })],
  [everywhere({ accounts: ['*', 'ci'], powers: { all: ['everything', 'write'], named: [] } })],
);

const listOf = <T>(item: (index: number) => fc.Arbitrary<T>, maxLength: number): fc.Arbitrary<T[]> =>
  fc
    .nat({ max: maxLength })
    .chain((length) => fc.tuple(...Array.from({ length }, (_, index) => item(index))));

const { clusterPolicy, constraint, exception, kyvernoWebhook } = admission;
const gate = {
  ...{ name: 'scan', match: ofPods },
  verifyImages: [{ attestations: [{ type: 'https://cosign.sigstore.dev/attestation/vuln/v1' }] }],
};
const enforced = { validationFailureAction: 'Enforce' };
const admissionItems = itemsOf([
  kyvernoWebhook(),
  clusterPolicy({ ...enforced, rules: [kyvernoRule()] }),
  clusterPolicy({ rules: [kyvernoRule()] }, 'audited'),
  clusterPolicy({ ...enforced, rules: [gate] }, 'gate'),
  exception({ exceptions: [{ policyName: 'labels' }] }),
]);
const audited = (age: number, violations: readonly object[], name: string) =>
  constraint(
    {},
    { status: { auditTimestamp: new Date(now - age).toISOString(), totalViolations: 1, violations } },
    name,
  );
const shopViolation = { kind: 'Deployment', name: 'app-0', namespace: 'shop', message: 'No.' };
const policyAudits: PolicyAudit[] = [
  ...auditsOf([
    audited(60_000, [{ ...shopViolation, namespace: 'other' }], 'good'),
    audited(60_000, [shopViolation], 'broken'),
    audited(90 * 60_000, [{ ...shopViolation, namespace: 'other' }], 'stale'),
    admission.report([{ policy: 'labels', rule: 'check', result: 'fail', message: 'No.' }]),
    admission.report([]),
  ]),
  { is: 'configaudit', name: 'audit', owner: { kind: 'StatefulSet', name: 'app-0' }, failed: 1 },
  ...([now - 60_000, now - 7_200_000, 'ever', 'unknown'] as const).map((specSince, index): PolicyAudit => ({
    ...{
      is: 'configaudit',
      name: `dated-${index}`,
      owner: { kind: 'StatefulSet', name: `app-${index % 3}` },
    },
    ...{ failed: 0, updatedAt: now - 3_600_000, specSince },
  })),
];

const { authorization, forApp, peer, server } = meshes;
const meshPolicies: MeshPolicy[] = policiesOf([
  peer('STRICT'),
  peer('DISABLE', forApp(), 'shop', 'web'),
  peer('UNSET', { ...forApp('db'), portLevelMtls: { 80: { mode: 'PERMISSIVE' } } }, 'shop', 'db'),
  peer('STRICT', {}, 'istio-system', 'a'),
  peer('PERMISSIVE', {}, 'mesh'),
  server(80),
  server(22, { accessPolicy: 'audit', podSelector: {} }, 'all'),
  authorization({ kind: 'Server', name: 'web' }, []),
]);

/** Every source read in full. */
export const anySnapshot: fc.Arbitrary<Snapshot> = fc
  .record({
    labels: fc.constantFrom(
      undefined,
      {},
      { 'pod-security.kubernetes.io/enforce': 'restricted' },
      { 'pod-security.kubernetes.io/enforce': 'baseline' },
      { 'plumbline.dev/environment': 'production' },
      { 'istio-injection': 'enabled' },
      { 'istio.io/dataplane-mode': 'ambient' },
    ),
    services: fc.subarray([
      { name: 'svc', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 22 }] },
      { name: 'plain', selector: { app: 'db' }, ports: [{ port: 80, targetPort: 8080 }] },
    ]),
    serviceAccounts: fc.subarray<ServiceAccount>([
      { name: 'default', automountToken: false, labels: {} },
      { name: 'ci', labels: {} },
      { name: 'deploy', labels: {}, tokenSecrets: ['deploy-token-abcde'] },
    ]),
    roleBindings: fc.subarray([
      { name: 'binding', accounts: ['web'] },
      { name: 'other', accounts: ['ci'] },
    ]),
    rights: fc.tuple(anyRights, anyClusterRights).map((parts) => parts.flat()),
    readers: fc.tuple(anyReaders, anyReaders),
    logNamespaces: fc.constantFrom<Snapshot['logNamespaces']>(
      undefined,
      [],
      [{ name: 'logging', readers: [] }],
      [{ name: 'logs', readers: [reader('fluentd', '/var/log', true)] }],
    ),
    flows: fc.tuple(anyFlows, anyFlows),
    sensors: fc.tuple(anySensorNode, anySensorNode),
    sensorsPresent: fc.constantFrom<Snapshot['sensorsPresent']>(undefined, [], ['falco'], ['falco']),
    limitRanges: fc.subarray([
      { name: 'limits', requests: ['cpu', 'memory'] },
      { name: 'memory', requests: ['memory'] },
    ]),
    autoscalers: fc.subarray([
      { name: 'scaler', target: { kind: 'Deployment', name: 'app-0' }, minReplicas: 1 },
      { name: 'wide', target: { kind: 'StatefulSet', name: 'app-1' }, minReplicas: 3 },
    ]),
    disruptionBudgets: fc.subarray([
      { name: 'budget', selector: {}, maxUnavailable: 1 },
      { name: 'strict', selector: { matchLabels: { app: 'web' } }, maxUnavailable: 0 },
    ]),
    claims: fc.subarray([
      { name: 'data', accessModes: ['ReadWriteOnce'] },
      { name: 'shared', accessModes: ['ReadWriteMany'] },
    ]),
    admission: fc.subarray(admissionItems),
    policyAudits: fc.subarray(policyAudits),
    mesh: fc.subarray(meshPolicies),
    exploited: fc.subarray([
      { namespace: 'trivy-system', name: 'kev', ids: ['CVE-2025-1'] },
      { namespace: 'other', name: 'kev', ids: [] },
    ]),
    ingresses: fc.constantFrom(
      [],
      [],
      [{ name: 'web', keyDomains: ['networking.gke.io'] }],
      [
        { name: 'plain', keyDomains: [] },
        { name: 'web', keyDomains: ['networking.gke.io'] },
      ],
    ),
    proprietaryObjects: fc.constantFrom<readonly ProprietaryObject[]>(
      [],
      [],
      [{ group: 's3.services.k8s.aws', kind: 'Bucket', name: 'pictures' }],
      [
        { group: 's3.services.k8s.aws', kind: 'Bucket', name: 'pictures' },
        { group: 'storage.example.com', kind: 'Bucket', name: 'pictures' },
      ],
    ),
    gitOps: fc.uniqueArray(anyApp, { maxLength: 2, selector: ({ name }) => name }),
    minor: fc.constantFrom(34, 37),
    live: fc.boolean(),
    unreadPolicyApis: fc.constantFrom([], [], [], ['cilium.io']),
    workloads: listOf(anyWorkload, 4),
    policies: listOf(anyPolicy, 3),
    volumes: fc.constantFrom<Snapshot['volumes'] extends Source<infer T> ? readonly T[] : never>(
      [],
      [{ claim: 'data', volume: 'pv-1' }],
      [
        { claim: 'data', volume: 'pv-1', hostPath: '/data' },
        { claim: 'shared', volume: 'pv-2', hostPath: '/shared' },
      ],
    ),
    scanned: fc.constantFrom(true, true, false),
    found: anyFound,
    scans: fc.array(anyScan, { maxLength: 2 }),
    secrets: fc.array(anyScan, { maxLength: 2 }),
    runtime: fc.array(
      fc.constantFrom(...priorities).map((priority) => runtimeFinding({ priority, rule: priority })),
      { maxLength: 3 },
    ),
    configMaps: fc.constantFrom([], [plainMap], [plainMap, secretMap]),
    scannerSettings: anySettings,
    compositions: fc.array(compositions, { minLength: 1, maxLength: 4 }),
  })
  .map((drawn) =>
    snapshot({
      namespace: { name: 'shop', ...(drawn.labels === undefined ? {} : { labels: drawn.labels }) },
      cluster: { minor: drawn.minor, live: drawn.live, unreadPolicyApis: drawn.unreadPolicyApis },
      workloads: read(drawn.workloads),
      networkPolicies: read(drawn.policies),
      volumes: read(drawn.volumes),
      vulnerabilityScans: read(
        [...(drawn.scanned ? scansOf(drawn.workloads, drawn.found) : []), ...drawn.scans].map(
          ({ found, ...each }, index) => scan({ ...each, ...found, name: `v-${index}` }),
        ),
      ),
      secretScans: read(
        [...(drawn.scanned ? scansOf(drawn.workloads, {}) : []), ...drawn.secrets].map(
          ({ found: _found, ...each }, index) =>
            secretScan({
              ...each,
              name: `s-${index}`,
              secrets:
                each.counts.critical > 0
                  ? [{ target: '/app/key.pem', ruleId: 'private-key', severity: 'CRITICAL' }]
                  : [],
            }),
        ),
      ),
      sboms: read(drawn.scanned ? anySbomOf(scansOf(drawn.workloads, {}), drawn.compositions) : []),
      runtime: read(drawn.runtime),
      scannerSettings: read(drawn.scannerSettings),
      configMaps: read(drawn.configMaps),
      services: read(drawn.services),
      serviceAccounts: read(drawn.serviceAccounts),
      roleBindings: read(drawn.roleBindings),
      rights: read(drawn.rights),
      logNodes: read(
        drawn.readers.map((readers, index) => ({
          ...{ name: `node-${index}`, readers },
          ...(index === 0 ? {} : { since: now - 60_000 }),
        })),
      ),
      ...(drawn.logNamespaces === undefined ? {} : { logNamespaces: drawn.logNamespaces }),
      flowNodes: read(drawn.flows.map((sources, index) => ({ name: `node-${index}`, sources }))),
      sensorNodes: read(drawn.sensors.map((each, index) => sensorNode({ name: `node-${index}`, ...each }))),
      ...(drawn.sensorsPresent === undefined ? {} : { sensorsPresent: drawn.sensorsPresent }),
      limitRanges: read(drawn.limitRanges),
      autoscalers: read(drawn.autoscalers),
      disruptionBudgets: read(drawn.disruptionBudgets),
      claims: read(drawn.claims),
      admission: read(drawn.admission),
      policyAudits: read(drawn.policyAudits),
      gitOps: read(drawn.gitOps),
      mesh: read(drawn.mesh),
      exploited: read(drawn.exploited),
      ingresses: read(drawn.ingresses),
      proprietaryObjects: read(drawn.proprietaryObjects),
    }),
  );

export const anyParameters: fc.Arbitrary<Parameters> = fc
  .record({
    registries: fc.constantFrom<readonly string[]>(
      [],
      ['registry.example'],
      ['registry.example', 'docker.io'],
    ),
    userNamespaces: fc.constantFrom<'relax' | 'strict'>('relax', 'strict'),
    minScanners: fc.constantFrom(1, 1, 2),
    judgeByScore: fc.boolean(),
    strict: fc.boolean(),
    own: fc.constantFrom<readonly string[]>([], ['registry.example']),
    bases: fc.constantFrom<readonly string[]>([], ['registry.example/base']),
    attested: fc.boolean(),
    knownExploited: fc.constantFrom(undefined, undefined, 'kev', 'other/kev'),
    families: fc.constantFrom<readonly string[]>([], ['debian']),
    sources: fc.constantFrom<Parameters['vulnerabilities.sources']>(
      ['trivy'],
      ['trivy', 'harbor'],
      ['harbor'],
    ),
  })
  .map(
    ({ registries, userNamespaces, minScanners, judgeByScore, strict, own, bases, attested, ...others }) => ({
      ...defaultParameters,
      'vulnerabilities.knownExploited': others.knownExploited,
      'images.allowedOsFamilies': others.families,
      'vulnerabilities.sources': others.sources,
      'images.readPullSecrets': attested,
      'logs.externalNodeAgent': attested,
      'runtime.scrapeFalcoMetrics': judgeByScore,
      'workloads.requireMemoryLimits': strict,
      'images.primaryRegistries': own,
      'images.allowedBases': bases,
      'images.allowedRegistries': registries,
      'podSecurity.userNamespaces': userNamespaces,
      'vulnerabilities.minScanners': minScanners,
      'vulnerabilities.judgeByScore': judgeByScore,
    }),
  );

/** The sources of a snapshot, by the names of their fields. */
export const sourceFields = [
  'workloads',
  'networkPolicies',
  'volumes',
  'vulnerabilityScans',
  'secretScans',
  'sboms',
  'scannerSettings',
  'runtime',
  'configMaps',
  'services',
  'serviceAccounts',
  'roleBindings',
  'rights',
  'limitRanges',
  'autoscalers',
  'disruptionBudgets',
  'claims',
  'logNodes',
  'sensorNodes',
  'flowNodes',
  'admission',
  'policyAudits',
  'gitOps',
  'mesh',
  'exploited',
  'ingresses',
  'proprietaryObjects',
] as const satisfies readonly (keyof Snapshot)[];
export type SourceField = (typeof sourceFields)[number];

export const anyGap: fc.Arbitrary<Gap> = fc.record({
  reason: fc.constantFrom(...unknownReasons),
  message: fc.constant('It could not be read.'),
});

/** The same with the source changed; the types of its items are those that it had. */
export const withSource = (
  whole: Snapshot,
  field: SourceField,
  change: (source: Source<never>) => Source<never>,
): Snapshot => ({ ...whole, [field]: change(whole[field] as Source<never>) });

/** Every list of a snapshot's sources in another order. */
export function shuffledSources(whole: Snapshot, seed: readonly number[]): Snapshot {
  let drawn = 0;
  const rank = () => seed[drawn++ % Math.max(1, seed.length)] ?? 0;
  return sourceFields.reduce(
    (changed, field) =>
      withSource(changed, field, (source) => {
        if (!source.available) return source;
        const ranked = source.items.map((item) => ({ item, rank: rank() }));
        return { ...source, items: ranked.sort((a, b) => a.rank - b.rank).map(({ item }) => item) };
      }),
    whole,
  );
}
