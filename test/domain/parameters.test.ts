import { expect } from 'chai';
import type { ParameterPath } from '../../src/domain/parameters.ts';
import { defaultParameters, parameterTable } from '../../src/domain/parameters.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** What is promised to people: a default that changes here changes verdicts in every cluster. */
const promised: Record<ParameterPath, unknown> = {
  'platform.maxClockSkew': 300_000,
  'images.readPullSecrets': false,
  'vulnerabilities.sources': ['trivy'],
  'logs.uncoveredGrace': hour / 2,
  'logs.externalNodeAgent': false,
  'logs.namespaces': ['fluentd', 'fluentd-system', 'opensearch-system', 'logging'],
  'gitops.ciServiceAccounts': ['ci', 'deploy', 'gitlab', 'github', 'jenkins', 'tekton'],
  'platform.productionNamespaces': 'plumbline.dev/environment=production',
  'platform.proprietaryApiGroups': [
    ...['*.amazonaws.com', '*.k8s.aws', '*.azure.com', '*.cnrm.cloud.google.com', '*.gke.io'],
    ...['cloud.google.com', '*.oraclecloud.com', '*.alibabacloud.com'],
  ],
  'podSecurity.userNamespaces': 'relax',
  'podSecurity.clusterDefault': { enforce: 'privileged' },
  'podSecurity.admissionExemptions': undefined,
  'podSecurity.maxPinnedVersionLag': 3,
  'podSecurity.warnOnLocalhostSeccomp': false,
  'podSecurity.forbidAllSysctls': false,
  'images.allowedRegistries': [],
  'images.osEolWarning': 90 * day,
  'policies.failSeverity': 'high',
  'policies.auditMaxAge': 30 * 60_000,
  'policies.configAuditMaxAge': undefined,
  'exceptions.maxLifetime.critical': 30 * day,
  'exceptions.maxLifetime.low': 365 * day,
  'exceptions.expiryWarning': 14 * day,
  'images.packageBudget': 150,
  'images.deniedPackages': ['gcc', 'g++', 'make', 'clang', 'netcat', 'ncat', 'nmap', 'tcpdump', 'sudo'],
  'images.discouragedPackages': [
    ...['apt', 'dpkg', 'apk-tools', 'yum', 'dnf', 'microdnf', 'rpm', 'zypper', 'pip', 'npm', 'gem', 'bash'],
    ...['busybox', 'dash', 'zsh', 'git', 'curl', 'wget', 'socat', 'telnet', 'openssh-client'],
  ],
  'images.setuidPackages': [
    ...['sudo', 'su', 'util-linux', 'shadow', 'passwd', 'iputils-ping', 'openssh-client', 'polkit', 'fuse'],
    ...['cron', 'at', 'dbus', 'pam', 'busybox-suid'],
  ],
  'images.baseLag': 30 * day,
  'vulnerabilities.minScanners': 1,
  'vulnerabilities.reportMaxAge': 7 * day,
  'vulnerabilities.rescanGrace': hour,
  'vulnerabilities.scannerNamespace': 'trivy-system',
  'vulnerabilities.criticalFixDue': 7 * day,
  'vulnerabilities.highFixDue': 30 * day,
  'vulnerabilities.mediumFixDue': 90 * day,
  'vulnerabilities.unfixedAcceptWithin': 90 * day,
  'vulnerabilities.knownExploited': undefined,
  'images.allowedOsFamilies': [],
  'vulnerabilities.judgeByScore': false,
  'vulnerabilities.criticalScore': 9,
  'vulnerabilities.highScore': 7,
  'runtime.alertWindow': day,
  'runtime.sensors': ['falco'],
  'runtime.scrapeFalcoMetrics': false,
  'runtime.blindSensorAfter': hour / 4,
  'runtime.uncoveredGrace': hour / 2,
  'runtime.crashLoopWindow': day,
  'runtime.minReadyPercent': 50,
  'runtime.deliveryProofWindow': day,
  'runtime.acceptedDisabledRules': [],
  'runtime.alertPriority': 'Warning',
  'runtime.noticeThreshold': 20,
  'workloads.maxLiteralEnv': 20,
  'workloads.repeatedLiteralWorkloads': 3,
  'secrets.failScore': 4,
  'secrets.warnScore': 2,
  'secrets.namePattern':
    'passw(or)?d|passwd|pwd|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key|credential|client[_-]?secret|conn(ection)?[_-]?str(ing)?|dsn|bearer|jwt|signing|encryption[_-]?key|webhook[_-]?url',
  'secrets.harmlessSuffixes': [
    '_FILE',
    '_PATH',
    '_NAME',
    '_URL',
    '_ID',
    '_ENABLED',
    '_TTL',
    '_HEADER',
    '_ISSUER',
    'PUBLIC_KEY',
  ],
  'secrets.placeholders': ['changeme', 'xxx', '<…>', 'example', 'dummy'],
  'secrets.minEntropy': 3.5,
  'secrets.minEntropyLength': 16,
  'secrets.configMapMaxBytes': 1_048_576,
  'secrets.configMapMaxLines': 2_000,
  'secrets.fromEnvironment': 'Warn',
  'workloads.requireMemoryLimits': false,
  'workloads.minReplicas': 2,
  'workloads.sidecars': [
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
  'workloads.explicitFields': [
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
  ],
  'workloads.downloadCommands': [
    String.raw`(curl|wget)\b(?:(?!\||&&).)*(\||&&).*\b(sh|bash)`,
    String.raw`\b(apt|apt-get|apk|yum|dnf|microdnf|zypper)\b.*\b(install|add|update|upgrade)\b`,
    String.raw`\bpip[0-9.]*\s+install\b`,
    String.raw`\bnpm\s+(i|install|ci)\b`,
    String.raw`\bgem\s+install\b`,
    String.raw`\bgo\s+(install|get)\b`,
    String.raw`\bgit\s+clone\b`,
  ],
  'workloads.remoteAdminPorts': [22, 2222, 23, 3389, 5900],
  'images.primaryRegistries': [],
  'images.mirrors': {},
  'images.floatingTags': ['stable', 'main', 'master', 'dev', 'prod', 'edge', 'nightly'],
  'images.allowedBases': [],
  'images.thirdPartyBases': [],
  'logs.collectors': [
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
  'logs.paths': ['/var/log', '/logs', '/log', '/opt/*/logs', '*.log'],
  'logs.requireStdoutProof': false,
  'gitops.interactiveManagers': ['kubectl-create', 'kubectl-run', 'kubectl-edit', 'dashboard', 'lens', 'k9s'],
  'gitops.reconciledWithin': hour,
  'gitops.notReadyFailAfter': hour,
  'gitops.suspendedFailAfter': 7 * day,
  'gitops.outOfSyncFailAfter': day,
  'monitoring.instrumentedPercent': 80,
  'monitoring.requireFlowSource': false,
};

describe('the parameters', () => {
  for (const [path, value] of Object.entries(promised)) {
    it(`${path} is ${JSON.stringify(value)} unless a profile says otherwise`, () => {
      expect(defaultParameters[path as ParameterPath]).to.deep.equal(value);
    });
  }

  it('are these and no others', () => {
    expect(Object.keys(defaultParameters)).to.have.members(Object.keys(promised));
  });

  for (const [path, { description, ...bounds }] of Object.entries(parameterTable)) {
    it(`${path} says what it means in a sentence, and its default keeps its bounds`, () => {
      expect(description).to.match(/^[A-Z].*\.$/s);
      const {
        default: value,
        minimum = -Infinity,
        maximum = Infinity,
      } = bounds as {
        default: unknown;
        minimum?: number;
        maximum?: number;
      };
      if (typeof value === 'number') expect(value).to.be.within(minimum, maximum);
    });
  }
});
