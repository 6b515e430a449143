import { matchesGlob } from '../../domain/glob.ts';
import type { ScannerSettings } from '../../domain/scan-report.ts';
import type { Json } from '../fields.ts';
import { objectField, stringField, stringMapField } from '../fields.ts';
import { present } from '../present.ts';
import { readIgnoreFile } from './ignore-file.ts';

/**
 * The ConfigMaps that say what Trivy Operator looks for and what it leaves out, in its own namespace. Every installation has
 * them all, and whoever sees a part does not know what the others hide. The fourth, `trivy-operator-policies-config`, holds
 * checks of configurations (Rego), and hides neither vulnerabilities nor secrets.
 */
export const settingsConfigMaps = [
  'trivy-operator',
  'trivy-operator-trivy-config',
  'trivy-operator-config',
] as const;

type Settings = Readonly<Record<string, string>>;

/**
 * What the scanner's settings hide in one namespace.
 * @param configMaps objects as the API server gives them, of the namespace that the scanner runs in; others than
 * `settingsConfigMaps` are passed over
 * @returns undefined when none of them is there: nothing is known then
 * @throws ShapeError
 */
export function readScannerSettings(
  configMaps: readonly Json[],
  scannerNamespace: string,
  namespace: string,
): ScannerSettings | undefined {
  const settings = merge(configMaps);
  if (settings === undefined) return undefined;
  const both = [...severityFilter(settings), ...ignoreFile(settings), ...ignorePolicies(settings, namespace)];
  const fixable = [...both, ...packageFilter(settings)];
  return {
    scannerNamespace,
    hidesVulnerabilities: [...fixable, ...ignoreUnfixed(settings)],
    hidesFixable: fixable,
    hidesSecrets: both,
    narrows: [...lesserSeverities(settings), ...skippedFiles(settings)],
    skips: skips(settings),
    vulnerabilityScannerEnabled: !isOff(settings['OPERATOR_VULNERABILITY_SCANNER_ENABLED']),
    sbomGenerationEnabled: !isOff(settings['OPERATOR_SBOM_GENERATION_ENABLED']),
    secretScannerEnabled: !isOff(settings['OPERATOR_EXPOSED_SECRET_SCANNER_ENABLED']),
    ...accepted(settings, namespace),
    ...present({ leavesOut: leavesOut(settings, namespace) }),
  };
}

/** Those that are not among them. @throws ShapeError */
export function missingSettings(configMaps: readonly Json[]): readonly string[] {
  const given = new Set(configMaps.map(nameOf));
  return settingsConfigMaps.filter((name) => !given.has(name));
}

/** @throws ShapeError */
export const nameOf = (configMap: Json): string => {
  const metadata = objectField(configMap, 'metadata', '') ?? {};
  return stringField(metadata, 'name', 'metadata') ?? '';
};

/** @throws ShapeError */
export const isSettingsConfigMap = (configMap: Json): boolean =>
  (settingsConfigMaps as readonly string[]).includes(nameOf(configMap));

/** The keys of the three have different prefixes, so that they can stand in one map. */
function merge(configMaps: readonly Json[]): Settings | undefined {
  const found = configMaps.filter(isSettingsConfigMap);
  if (found.length === 0) return undefined;
  return Object.assign({}, ...found.map((each) => stringMapField(each, 'data', '') ?? {})) as Settings;
}

/** As Go's strconv.ParseBool, which the scanner uses. */
const isOff = (value: string | undefined) => /^(?:0|f|F|false|FALSE|False)$/.test(value?.trim() ?? '');
const isOn = (value: string | undefined) => /^(?:1|t|T|true|TRUE|True)$/.test(value?.trim() ?? '');

const severityFilter = (settings: Settings): string[] => leftOut(settings, ['CRITICAL', 'HIGH']);

/** They make no container fail, and only medium and unknown ones warn. */
const lesserSeverities = (settings: Settings): string[] => leftOut(settings, ['MEDIUM', 'LOW', 'UNKNOWN']);

function leftOut(settings: Settings, severities: readonly string[]): string[] {
  const value = settings['trivy.severity'];
  // Unset and empty both mean all severities.
  if (value === undefined || value.trim() === '') return [];
  const shown = value.split(',').map((each) => each.trim().toUpperCase());
  const missing = severities.filter((each) => !shown.includes(each));
  return missing.length === 0 ? [] : [`trivy.severity leaves out ${missing.join(' and ')}.`];
}

/** `os` or `library` alone; the key has had two names. */
const packageFilter = (settings: Settings): string[] =>
  ['trivy.vulnType', 'trivy.pkgTypes'].flatMap((key) => {
    const types = list(settings[key]);
    return types.length === 1 ? [`${key} looks for packages of type ${types[0]} alone.`] : [];
  });

const skippedFiles = (settings: Settings): string[] =>
  ['trivy.skipFiles', 'trivy.skipDirs']
    .filter((key) => list(settings[key]).length > 0)
    .map((key) => `${key} leaves out a part of each image.`);

/** Each is a setting under which the scanner makes no report of what it passes over. */
function skips(settings: Settings): string[] {
  const set = (key: string) => (settings[key] ?? '').trim() !== '';
  return [
    ...(isOn(settings['OPERATOR_ALTERNATE_REPORT_STORAGE_ENABLED'])
      ? ['OPERATOR_ALTERNATE_REPORT_STORAGE_ENABLED keeps reports in files, where nobody else sees them.']
      : []),
    ...(isOn(settings['scanJob.skipInitContainers']) ? ['scanJob.skipInitContainers skips those.'] : []),
    ...(set('scanJob.excludeImages') ? ['scanJob.excludeImages skips images.'] : []),
    ...(set('skipResourceByLabels') ? ['skipResourceByLabels skips workloads.'] : []),
    ...(set('OPERATOR_TARGET_WORKLOADS')
      ? ['OPERATOR_TARGET_WORKLOADS names the kinds that are scanned.']
      : []),
  ];
}

const ignoreFile = (settings: Settings): string[] =>
  (settings['trivy.ignoreFile'] ?? '').trim() === '' ? [] : ['trivy.ignoreFile names findings to leave out.'];

/** Trivy Operator asks only whether the key is there: the text "false" sets it too. */
const ignoreUnfixed = (settings: Settings): string[] =>
  settings['trivy.ignoreUnfixed'] === undefined
    ? []
    : ['trivy.ignoreUnfixed leaves out what has no fix yet.'];

const policyKey = 'trivy.ignorePolicy';

/** `trivy.ignorePolicy`, `trivy.ignorePolicy.<namespace>` and `….<namespace>.<workload>`. */
const ignorePolicyKeys = (settings: Settings, namespace: string): string[] =>
  Object.keys(settings)
    .filter((key) => key.startsWith(policyKey) && policyConcerns(key, namespace))
    .filter((key) => (settings[key] ?? '').trim() !== '')
    .sort();

const ignorePolicies = (settings: Settings, namespace: string): string[] =>
  ignorePolicyKeys(settings, namespace).map((key) => `${key} leaves findings out by a policy.`);

function accepted(settings: Settings, namespace: string) {
  const { acceptances, unlisted } = readIgnoreFile(settings['trivy.ignoreFile'] ?? '');
  const policies = ignorePolicyKeys(settings, namespace);
  return {
    ...(acceptances.length === 0 ? {} : { acceptances }),
    ...(unlisted === 0 ? {} : { unlistedAcceptances: unlisted }),
    ...(policies.length === 0 ? {} : { ignorePolicies: policies }),
  };
}

/**
 * Trivy Operator turns each dot behind the prefix into a wildcard, so that a policy for `system` also holds in
 * `kube-system`. A policy for one workload hides findings in that workload's namespace.
 */
function policyConcerns(key: string, namespace: string): boolean {
  if (key === policyKey) return true;
  const scope = key.slice(policyKey.length);
  const [, first = ''] = scope.split('.');
  return matchesGlob(first, namespace) || matchesGlob(scope.replaceAll('.', '*'), `.${namespace}`);
}

function leavesOut(settings: Settings, namespace: string): string | undefined {
  const excluded = list(settings['OPERATOR_EXCLUDE_NAMESPACES']);
  if (excluded.some((pattern) => matchesGlob(pattern, namespace))) {
    return 'OPERATOR_EXCLUDE_NAMESPACES leaves this namespace out.';
  }
  const targets = list(settings['OPERATOR_TARGET_NAMESPACES']);
  return targets.length === 0 || targets.some((pattern) => matchesGlob(pattern, namespace))
    ? undefined
    : 'OPERATOR_TARGET_NAMESPACES does not name this namespace.';
}

const list = (value: string | undefined): string[] =>
  (value ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
