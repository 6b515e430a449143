import { isParameterPath } from './parameters.ts';

/**
 * Parameters that belong to controls which this version does not build. A profile may set them, and is told that they change
 * nothing yet. What moves to `parameterTable` is deleted here; a test holds the two apart.
 */
export interface ReservedParameter {
  readonly type: ReservedType | ReservedObject;
  /** As a profile would write it; undefined where it is not set by default. */
  readonly default: unknown;
  readonly description: string;
}

/** `endpoint` is {url, credentialsFile}, `severity` critical to low. */
export type ReservedType =
  'boolean' | 'integer' | 'duration' | 'string' | 'strings' | 'severity' | 'endpoint';

/** Fields by name: texts, and what is true or false. */
export type ReservedObject = Readonly<Record<string, 'string' | 'boolean'>>;

const reserved = (
  type: ReservedParameter['type'],
  value: unknown,
  description: string,
): ReservedParameter => ({ type, default: value, description });

const none = undefined;

export const reservedTable: Readonly<Record<string, ReservedParameter>> = {
  'platform.conformance': reserved(
    { product: 'string', version: 'string', certifiedUntil: 'string' },
    none,
    'The CNCF conformance statement for the cluster.',
  ),
  'platform.supportedMinors': reserved(
    'integer',
    3,
    'How many of the newest known Kubernetes minors count as supported.',
  ),
  'platform.maxKubeletSkew': reserved(
    'integer',
    3,
    'How many minors a kubelet may be older than the API server.',
  ),
  'platform.eolWarning': reserved('duration', '60d', 'Warn so long before the Kubernetes minor ends.'),
  'platform.supportTableMaxAge': reserved(
    'duration',
    '180d',
    'Shipped tables of support and its end that are older are stale evidence.',
  ),
  'network.nodeKeyGrace': reserved(
    'duration',
    '30m',
    'How long a new node may take to publish its encryption key.',
  ),
  'network.trustedUnderlay': reserved(
    { attestedBy: 'string', until: 'string' },
    none,
    'The statement that the network below is trusted.',
  ),
  'images.registryReader': reserved('boolean', false, 'Read image configuration from the registries.'),
  'images.harbor': reserved('endpoint', none, 'The Harbor to ask.'),
  'vulnerabilities.newestReportMaxAge': reserved(
    'duration',
    '48h',
    'How old the newest report in the cluster may be, as proof that the scanner works.',
  ),
  'vulnerabilities.scannerMaxAge': reserved('duration', '180d', "How old the scanner's version may be."),
  'vulnerabilities.databaseWarnAfter': reserved(
    'duration',
    '7d',
    'The age of the newest published CVE seen before a warning.',
  ),
  'vulnerabilities.databaseFailAfter': reserved('duration', '30d', 'The same, before it fails.'),
  'vulnerabilities.gateSeverity': reserved(
    'severity',
    'high',
    'The registry must block pulls from this severity or a lower one.',
  ),
  'policies.complianceScanMaxAge': reserved('duration', '7d', 'Older cluster compliance scans are stale.'),
  'logs.collectorConfigMaps': reserved(
    'strings',
    [],
    'Collector ConfigMaps that may be read, as namespace/name.',
  ),
  'logs.destination': reserved(
    { url: 'string', separateAdministrativeDomain: 'boolean', attestedBy: 'string', until: 'string' },
    none,
    'Where logs go, and who says that it is administered apart.',
  ),
  'logs.pipelineDownAfter': reserved('duration', '30m', 'A collector target that is down for longer fails.'),
  'logs.openSearch': reserved('endpoint', none, 'The OpenSearch to ask, read-only.'),
  'logs.yellowAfter': reserved('duration', '1h', 'Log storage that is yellow for longer warns.'),
  'logs.requiredRetentionDays': reserved('integer', 30, 'The retention that is needed.'),
  'logs.retentionDays': reserved('integer', none, 'The retention that is attested.'),
  'logs.dashboardUrl': reserved('string', none, 'Where people look at logs, attested.'),
  'logs.arrivalWindow': reserved('duration', '24h', 'Log lines must have arrived within it.'),
  'nodes.rebootWarnAfter': reserved('duration', '7d', 'A reboot that is pending for longer warns.'),
  'nodes.rebootFailAfter': reserved('duration', '30d', 'A reboot that is pending for longer fails.'),
  'nodes.eolWarning': reserved('duration', '90d', 'Warn so long before the node OS or runtime ends.'),
  'nodes.assessmentMaxAge': reserved('duration', '30d', 'Older node assessments are stale.'),
  'monitoring.prometheus': reserved('endpoint', none, 'The Prometheus to ask.'),
  'monitoring.criticalFiringFor': reserved('duration', '1h', 'A critical alert that fires for longer warns.'),
  'exceptions.maxLifetime.high': reserved(
    'duration',
    '90d',
    'The longest life of an exception to a high control.',
  ),
  'exceptions.maxLifetime.medium': reserved(
    'duration',
    '180d',
    'The longest life of an exception to a medium control.',
  ),
};

export const isReservedPath = (path: string): boolean =>
  Object.hasOwn(reservedTable, path) && !isParameterPath(path);
