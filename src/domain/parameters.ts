import { configMapLimits } from './literal.ts';
import type { Priority } from './runtime.ts';
import { priorities } from './runtime.ts';
import type { Severity } from './verdict.ts';
import { leastHighScore } from './vulnerability.ts';

/**
 * Every parameter of the controls, once: its name under `spec.parameters` of a ComplianceProfile, its type, its default,
 * and what it means. The values' type, the validation and the documentation all come from this table.
 */
export interface ParameterKinds {
  readonly duration: number;
  /** Undefined does without. */
  readonly optionalDuration: number | undefined;
  readonly severity: Severity;
  readonly integer: number;
  /** A label selector that `parseSelector` reads. */
  readonly selector: string;
  readonly boolean: boolean;
  readonly string: string;
  /** `name` or `namespace/name`; undefined does without. */
  readonly configMapName: string | undefined;
  readonly strings: readonly string[];
  /** Entries that `parseRegistryEntry` reads. */
  readonly registries: readonly string[];
  readonly userNamespaces: 'relax' | 'strict';
  readonly priority: Priority;
  readonly podSecurityLevels: PodSecurityLevels;
  readonly admissionExemptions: AdmissionExemptions | undefined;
  /** Written as a string: the schemas of Kubernetes have no floating point to rely on. */
  readonly decimal: number;
  /** What `parseNamePattern` reads. */
  readonly namePattern: string;
  readonly environmentVerdict: 'Warn' | 'Fail';
  readonly integers: readonly number[];
  /** Regular expressions, matched anywhere in the text. */
  readonly patterns: readonly string[];
  /** Registry as written in images, to the registry that the runtime asks in its place. */
  readonly mirrors: Readonly<Record<string, string>>;
  readonly templateFields: readonly TemplateField[];
  readonly scanners: readonly ScannerName[];
}

/** Whose vulnerability reports there are. */
export const scannerNames = ['trivy', 'kubescape', 'harbor'] as const;
export type ScannerName = (typeof scannerNames)[number];

/** Fields of a pod template that may have to be set explicitly. */
export const templateFields = [
  'automountServiceAccountToken',
  'serviceAccountName',
  'enableServiceLinks',
  'securityContext.runAsNonRoot',
  'securityContext.runAsUser',
  'securityContext.allowPrivilegeEscalation',
  'securityContext.readOnlyRootFilesystem',
  'securityContext.seccompProfile',
  'securityContext.capabilities',
  'imagePullPolicy',
  'resources',
  'probes',
  'strategy',
  'terminationGracePeriodSeconds',
] as const;
export type TemplateField = (typeof templateFields)[number];

/** Cluster-wide Pod Security defaults, from the API server's AdmissionConfiguration. */
export interface PodSecurityLevels {
  readonly enforce: string;
  readonly audit?: string;
  readonly warn?: string;
}

export interface AdmissionExemptions {
  readonly namespaces: readonly string[];
  readonly usernames: readonly string[];
  readonly runtimeClasses: readonly string[];
}

type ParameterType = keyof ParameterKinds;

export interface ParameterDescription<K extends ParameterType = ParameterType> {
  readonly type: K;
  /** In the parsed form: durations are milliseconds. */
  readonly default: ParameterKinds[K];
  readonly description: string;
  /** For integers and durations. */
  readonly minimum?: number;
  readonly maximum?: number;
}

const parameter = <K extends ParameterType>(
  type: K,
  value: ParameterKinds[K],
  description: string,
  bounds: { minimum?: number; maximum?: number } = {},
): ParameterDescription<K> => ({ type, default: value, description, ...bounds });

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export const parameterTable = {
  'platform.maxClockSkew': parameter(
    'duration',
    5 * minute,
    'Stamps further in the future than this make the evidence unusable.',
  ),
  'platform.productionNamespaces': parameter(
    'selector',
    'plumbline.dev/environment=production',
    'Which namespaces are production: a label selector, as `kubectl get -l` takes it.',
  ),
  'platform.proprietaryApiGroups': parameter(
    'strings',
    [
      '*.amazonaws.com',
      '*.k8s.aws',
      '*.azure.com',
      '*.cnrm.cloud.google.com',
      '*.gke.io',
      'cloud.google.com',
      '*.oraclecloud.com',
      '*.alibabacloud.com',
    ],
    'API groups of one vendor; `*` stands for anything.',
  ),
  'podSecurity.userNamespaces': parameter(
    'userNamespaces',
    'relax',
    'Whether `hostUsers: false` excuses root inside the container, on servers of 1.35 and later; below, it never does.',
  ),
  'podSecurity.clusterDefault': parameter(
    'podSecurityLevels',
    { enforce: 'privileged' },
    'The Pod Security levels that hold where a namespace has no label, from the AdmissionConfiguration.',
  ),
  'podSecurity.admissionExemptions': parameter(
    'admissionExemptions',
    undefined,
    'The exemptions in the AdmissionConfiguration, which no API shows.',
  ),
  'podSecurity.maxPinnedVersionLag': parameter(
    'integer',
    3,
    'How many minor versions a pinned `enforce-version` may lag behind the server.',
    { minimum: 0, maximum: 100 },
  ),
  'podSecurity.warnOnLocalhostSeccomp': parameter('boolean', false, 'Warn about seccomp type Localhost.'),
  'podSecurity.forbidAllSysctls': parameter('boolean', false, 'Fail any sysctl, the safe ones too.'),
  'images.allowedRegistries': parameter(
    'registries',
    [],
    'The registries that images may come from, as host[:port][/path[:tag|@digest]]. While it is empty, nothing can be said.',
  ),
  'images.osEolWarning': parameter(
    'duration',
    90 * day,
    "Warn so long before the support of an image's operating system ends.",
  ),
  'images.packageBudget': parameter(
    'integer',
    150,
    'More packages of the operating system in one image warn.',
    { minimum: 1, maximum: 100_000 },
  ),
  'images.deniedPackages': parameter(
    'strings',
    ['gcc', 'g++', 'make', 'clang', 'netcat', 'ncat', 'nmap', 'tcpdump', 'sudo'],
    'Packages that no image may have, by their names without a version. What other distributions call them is known of common tools.',
  ),
  'images.discouragedPackages': parameter(
    'strings',
    [
      ...['apt', 'dpkg', 'apk-tools', 'yum', 'dnf', 'microdnf', 'rpm', 'zypper', 'pip', 'npm', 'gem'],
      ...['bash', 'busybox', 'dash', 'zsh', 'git', 'curl', 'wget', 'socat', 'telnet', 'openssh-client'],
    ],
    'Packages that an image is better without, written as in `images.deniedPackages`.',
  ),
  'images.setuidPackages': parameter(
    'strings',
    [
      ...['sudo', 'su', 'util-linux', 'shadow', 'passwd', 'iputils-ping', 'openssh-client', 'polkit', 'fuse'],
      ...['cron', 'at', 'dbus', 'pam', 'busybox-suid'],
    ],
    'Packages that ship setuid or setgid files, written as in `images.deniedPackages`.',
  ),
  'images.baseLag': parameter(
    'duration',
    30 * day,
    'How far one generation of a base may lag behind another that runs beside it.',
  ),
  'vulnerabilities.sources': parameter(
    'scanners',
    ['trivy'],
    'Whose vulnerability reports count; this version reads those of trivy alone.',
  ),
  'vulnerabilities.minScanners': parameter(
    'integer',
    1,
    'How many different scanners must have a current report.',
    { minimum: 1, maximum: 10 },
  ),
  'vulnerabilities.reportMaxAge': parameter(
    'duration',
    7 * day,
    "Vulnerability and exposed-secret reports older than this are stale. Keep it above the scanner's report TTL.",
    { minimum: minute },
  ),
  'vulnerabilities.rescanGrace': parameter(
    'duration',
    hour,
    "How long a deleted report's last result stands until the rescan.",
    { maximum: day },
  ),
  'vulnerabilities.scannerNamespace': parameter(
    'string',
    'trivy-system',
    "Where Trivy Operator's ConfigMaps are, which tell what it hides.",
  ),
  'vulnerabilities.criticalFixDue': parameter(
    'duration',
    7 * day,
    'A critical vulnerability with a fix fails when it has been public for longer.',
  ),
  'vulnerabilities.highFixDue': parameter(
    'duration',
    30 * day,
    'A high vulnerability with a fix fails when it has been public for longer.',
  ),
  'vulnerabilities.mediumFixDue': parameter(
    'duration',
    90 * day,
    'A medium vulnerability with a fix warns when it has been public for longer.',
  ),
  'vulnerabilities.unfixedAcceptWithin': parameter(
    'duration',
    90 * day,
    'A critical vulnerability without a fix fails in a production namespace when it has been public for longer.',
  ),
  'vulnerabilities.knownExploited': parameter(
    'configMapName',
    undefined,
    'The ConfigMap that names the vulnerabilities that fail at any age, such as those that CISA knows to be exploited: `name`, in `vulnerabilities.scannerNamespace`, or `namespace/name`.',
  ),
  'vulnerabilities.judgeByScore': parameter(
    'boolean',
    false,
    "Grade vulnerabilities by their CVSS score, and by the report's severity only where they have none.",
  ),
  'vulnerabilities.criticalScore': parameter('decimal', 9, 'Critical from this score.', {
    minimum: leastHighScore,
    maximum: 10,
  }),
  'vulnerabilities.highScore': parameter('decimal', 7, 'High from this score.', {
    minimum: leastHighScore,
    maximum: 10,
  }),
  'policies.failSeverity': parameter(
    'severity',
    'high',
    'A result `fail` of a policy report fails from this severity on, and warns below.',
  ),
  'policies.auditMaxAge': parameter(
    'duration',
    30 * minute,
    "An audit of Gatekeeper's constraints that is older is stale.",
    { minimum: minute },
  ),
  'policies.configAuditMaxAge': parameter(
    'optionalDuration',
    undefined,
    "A ConfigAuditReport that is older is stale. Without it one is current while it belongs to its owner's present revision.",
    { minimum: minute },
  ),
  'exceptions.maxLifetime.critical': parameter(
    'duration',
    30 * day,
    'The longest life of an exception to something critical.',
  ),
  'exceptions.maxLifetime.low': parameter(
    'duration',
    365 * day,
    'The longest life of an exception to something of low severity, and so of any.',
  ),
  'exceptions.expiryWarning': parameter('duration', 14 * day, 'Tell so long before an exception ends.'),
  'runtime.alertWindow': parameter('duration', day, 'The window in which runtime events count.', {
    minimum: hour,
    maximum: 7 * day,
  }),
  'runtime.alertPriority': parameter(
    'priority',
    'Warning',
    'One event of this priority or worse in the window fails.',
  ),
  'runtime.noticeThreshold': parameter('integer', 20, 'So many Notice events in the window fail.', {
    minimum: 1,
    maximum: 1_000_000,
  }),
  'runtime.sensors': parameter(
    'strings',
    ['falco'],
    'Which runtime sensors count: falco, tetragon, tracee, kubescape, neuvector. Of Falco alone signs of life are read.',
  ),
  'runtime.scrapeFalcoMetrics': parameter(
    'boolean',
    false,
    "Read the metrics of Falco and Falcosidekick from their pods, once a minute. A page of Falco's counts as a sign of life for RD-2.5.1, though not as proof that events arrive, and what they say that they lost is known to be lost.",
  ),
  'runtime.blindSensorAfter': parameter(
    'duration',
    15 * minute,
    'A sensor without a sign of life for longer is blind.',
    { minimum: 5 * minute, maximum: day },
  ),
  'runtime.uncoveredGrace': parameter(
    'duration',
    30 * minute,
    'How long a node may be without a ready sensor.',
  ),
  'runtime.acceptedDisabledRules': parameter(
    'strings',
    [],
    'Stable rules of Falco that may be switched off, by name.',
  ),
  'runtime.deliveryProofWindow': parameter(
    'duration',
    day,
    'How recent the proof must be that events are delivered.',
    { minimum: 2 * hour, maximum: 7 * day },
  ),
  'runtime.crashLoopWindow': parameter(
    'duration',
    day,
    'The window in which crash loops of sensors, and events that they lost, count.',
    { minimum: hour, maximum: 7 * day },
  ),
  'runtime.minReadyPercent': parameter('integer', 50, 'Fewer ready pods of sensors fail, in percent.', {
    minimum: 1,
    maximum: 100,
  }),
  'workloads.maxLiteralEnv': parameter(
    'integer',
    20,
    'More literal environment values in one container warn.',
    { minimum: 0, maximum: 10_000 },
  ),
  'workloads.repeatedLiteralWorkloads': parameter(
    'integer',
    3,
    'So many workloads with the same literal host or URL in their environment warn.',
    { minimum: 2, maximum: 1_000 },
  ),
  'secrets.failScore': parameter('integer', 4, 'A value that scores this much fails.', {
    minimum: 1,
    maximum: 100,
  }),
  'secrets.warnScore': parameter('integer', 2, 'A value that scores this much warns.', {
    minimum: 1,
    maximum: 100,
  }),
  'secrets.namePattern': parameter(
    'namePattern',
    'passw(or)?d|passwd|pwd|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key|credential|client[_-]?secret|conn(ection)?[_-]?str(ing)?|dsn|bearer|jwt|signing|encryption[_-]?key|webhook[_-]?url',
    'Names that suggest a secret, compared with the words of a name in any spelling: letters, digits, `_`, `-`, groups, alternatives, sets and `?`.',
  ),
  'secrets.harmlessSuffixes': parameter(
    'strings',
    ['_FILE', '_PATH', '_NAME', '_URL', '_ID', '_ENABLED', '_TTL', '_HEADER', '_ISSUER', 'PUBLIC_KEY'],
    'Endings of names that speak against a secret.',
  ),
  'secrets.placeholders': parameter(
    'strings',
    ['changeme', 'xxx', '<…>', 'example', 'dummy'],
    'Values that are no secret, in any spelling; `<…>` is everything in angle brackets, `xxx` any number of them.',
  ),
  'secrets.minEntropy': parameter('decimal', 3.5, 'Bits per character that suggest a secret.', {
    minimum: 0,
    maximum: 8,
  }),
  'secrets.minEntropyLength': parameter('integer', 16, 'Shorter values are not measured.', {
    minimum: 1,
    maximum: 1_000,
  }),
  'secrets.configMapMaxBytes': parameter('integer', 1_048_576, 'Bytes that are read of one ConfigMap.', {
    minimum: 1_024,
    maximum: configMapLimits.bytes,
  }),
  'secrets.configMapMaxLines': parameter('integer', 2_000, 'Lines that are read of one ConfigMap.', {
    minimum: 1,
    maximum: configMapLimits.lines,
  }),
  'secrets.fromEnvironment': parameter(
    'environmentVerdict',
    'Warn',
    'The verdict for Secrets that come through environment variables.',
  ),
  'workloads.requireMemoryLimits': parameter(
    'boolean',
    false,
    'A missing memory limit fails instead of warning.',
  ),
  'workloads.minReplicas': parameter('integer', 2, 'How many replicas a Deployment or StatefulSet needs.', {
    minimum: 1,
    maximum: 100,
  }),
  'workloads.sidecars': parameter(
    'strings',
    [
      'istio-proxy',
      'istio-init',
      'linkerd-proxy',
      'linkerd-init',
      'envoy',
      'vault-agent',
      'vault-agent-init',
      'fluent-bit',
      'fluentd',
      'datadog-agent',
      'datadog/agent',
      'twistlock-defender',
      'twistlock/defender',
      'prisma-defender',
      'aqua-enforcer',
      'aquasec/enforcer',
      'jaeger-agent',
      'otc-container',
      'cloud-sql-proxy',
    ],
    'Names of containers, and last parts of image repositories, that are sidecars or agents.',
  ),
  'workloads.explicitFields': parameter(
    'templateFields',
    templateFields,
    'Fields of a pod template that must be set explicitly.',
  ),
  'workloads.downloadCommands': parameter(
    'patterns',
    [
      // The first pipe behind the first word decides; `.*` in its place would try each with each.
      '(curl|wget)\\b(?:(?!\\||&&).)*(\\||&&).*\\b(sh|bash)',
      '\\b(apt|apt-get|apk|yum|dnf|microdnf|zypper)\\b.*\\b(install|add|update|upgrade)\\b',
      '\\bpip[0-9.]*\\s+install\\b',
      '\\bnpm\\s+(i|install|ci)\\b',
      '\\bgem\\s+install\\b',
      '\\bgo\\s+(install|get)\\b',
      '\\bgit\\s+clone\\b',
    ],
    'Command lines that download code or packages: regular expressions, matched anywhere in a command. Tenants write the commands, so nest no repetitions.',
  ),
  'workloads.remoteAdminPorts': parameter(
    'integers',
    [22, 2222, 23, 3389, 5900],
    'Ports of remote administration.',
    { minimum: 1, maximum: 65_535 },
  ),
  'images.primaryRegistries': parameter(
    'registries',
    [],
    "The organisation's own registries, written as in `images.allowedRegistries`.",
  ),
  'images.readPullSecrets': parameter(
    'boolean',
    false,
    'Read the registry hosts (never the credentials) of pull secrets. This version reads no Secret: where it is set, RD-3.9.2 is Unknown.',
  ),
  'images.mirrors': parameter(
    'mirrors',
    {},
    'Registry as written in images, to the registry that the container runtime pulls from in its place.',
  ),
  'images.floatingTags': parameter(
    'strings',
    ['stable', 'main', 'master', 'dev', 'prod', 'edge', 'nightly'],
    'Tags that move; `latest` always fails.',
  ),
  'images.allowedBases': parameter(
    'registries',
    [],
    'Approved base images, written as in `images.allowedRegistries`. While it is empty, nothing can be said of a known base.',
  ),
  'images.allowedOsFamilies': parameter(
    'strings',
    [],
    'Families of operating systems, by the names that Trivy gives them (debian, redhat, alpine), that soften a base that is not approved to a warning.',
  ),
  'images.thirdPartyBases': parameter(
    'registries',
    [],
    'Approved bases of third-party images, beside `images.allowedBases`.',
  ),
  'logs.collectors': parameter(
    'strings',
    [
      'fluentd',
      'fluentd-elasticsearch',
      'fluent-bit',
      'vector',
      'promtail',
      'alloy',
      'filebeat',
      'opentelemetry-collector',
      'opentelemetry-collector-contrib',
      'otel-collector',
      'datadog-agent',
      'datadog/agent',
    ],
    'Names of containers, and last parts of image repositories, that are log collectors.',
  ),
  'logs.uncoveredGrace': parameter(
    'duration',
    30 * minute,
    'How long a node may be without a ready log collector.',
  ),
  'logs.externalNodeAgent': parameter(
    'boolean',
    false,
    'Logs are collected by an agent outside Kubernetes, which nobody sees from here.',
  ),
  'logs.namespaces': parameter(
    'strings',
    ['fluentd', 'fluentd-system', 'opensearch-system', 'logging'],
    'Namespaces of the log pipeline, beside those in which log collectors run.',
  ),
  'logs.paths': parameter(
    'strings',
    ['/var/log', '/logs', '/log', '/opt/*/logs', '*.log'],
    'Mount paths that mean log files: a directory with all below it, where * stands for one name, or a pattern of file names.',
  ),
  'logs.requireStdoutProof': parameter('boolean', false, 'Ask for log bytes on stdout as proof.'),
  'gitops.ciServiceAccounts': parameter(
    'strings',
    ['ci', 'deploy', 'gitlab', 'github', 'jenkins', 'tekton'],
    'Words in the names of the ServiceAccounts of pipelines.',
  ),
  'gitops.interactiveManagers': parameter(
    'strings',
    ['kubectl-create', 'kubectl-run', 'kubectl-edit', 'dashboard', 'lens', 'k9s'],
    'Field managers that mean a change by hand, in any spelling.',
  ),
  'gitops.reconciledWithin': parameter(
    'duration',
    hour,
    'A GitOps controller that last looked longer ago, beyond its own interval, says nothing of today.',
    { minimum: minute },
  ),
  'gitops.notReadyFailAfter': parameter(
    'duration',
    hour,
    'What a GitOps controller could not deploy for longer fails.',
  ),
  'gitops.suspendedFailAfter': parameter('duration', 7 * day, 'What is suspended for longer fails.'),
  'gitops.outOfSyncFailAfter': parameter(
    'duration',
    day,
    'What is OutOfSync without automated sync for longer fails.',
  ),
  'monitoring.instrumentedPercent': parameter(
    'integer',
    80,
    'Share of the workloads that must have tracing.',
    { minimum: 1, maximum: 100 },
  ),
  'monitoring.requireFlowSource': parameter(
    'boolean',
    false,
    'A namespace of which neither traces nor the network show the flows fails instead of warning.',
  ),
} as const;

export type ParameterPath = keyof typeof parameterTable;

/** Parsed values by dotted path; durations in milliseconds. */
export type Parameters = {
  readonly [P in ParameterPath]: ParameterKinds[(typeof parameterTable)[P]['type']];
};

export const defaultParameters: Parameters = Object.freeze(
  Object.fromEntries(Object.entries(parameterTable).map(([path, { default: value }]) => [path, value])),
) as Parameters;

export const isParameterPath = (path: string): path is ParameterPath => Object.hasOwn(parameterTable, path);

export const isPriority = (text: string): text is Priority =>
  (priorities as readonly string[]).includes(text);
