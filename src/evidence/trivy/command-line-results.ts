import type { FileTraits, ScannedImage, SecretScan, VulnerabilityScan } from '../../domain/scan-report.ts';
import type { Vulnerability } from '../../domain/vulnerability.ts';
import { cleanText } from '../../base/clean-text.ts';
import type { Json } from '../fields.ts';
import { numberField, objectField, objectsField, stringField } from '../fields.ts';
import { present } from '../present.ts';
import { countSeverities, severityName } from './counts.ts';
import { packageClassOf } from './package-class.ts';
import { keepWorst } from './project-report.ts';
import { keepJudged, makeVulnerability, readOperatingSystem } from './project-vulnerabilities.ts';

/** What `Results` of the command line show of one image. */
export interface ResultsOfImage {
  /** Absent when they do not show that vulnerabilities were looked for. */
  readonly vulnerabilities?: Omit<VulnerabilityScan, 'name' | 'scanner' | 'image'>;
  /** Absent when they list none: that is what a scan without the scanner for secrets looks like. */
  readonly secrets?: Omit<SecretScan, 'name' | 'scanner' | 'image'>;
}

/** @throws ShapeError */
export function readResults(results: readonly Json[], metadata: Json, image: ScannedImage): ResultsOfImage {
  const secrets = readSecrets(results);
  const file = readTraits(results);
  return present({
    vulnerabilities: lookedForVulnerabilities(results)
      ? { ...readVulnerabilities(results, metadata, image), file }
      : undefined,
    secrets:
      secrets.length === 0
        ? undefined
        : {
            file,
            counts: countSeverities(listOf(results, 'Secrets'), 'Severity', 'Results.Secrets'),
            secrets: keepWorst(secrets),
          },
  });
}

/** Lists of findings. One `--severity` holds for them all. */
const findingLists = ['Vulnerabilities', 'Secrets', 'Misconfigurations', 'Licenses'] as const;

/** With `--show-suppressed` the file lists what was left out too; without, nothing tells that anything was. */
function readTraits(results: readonly Json[]): FileTraits {
  const seen = new Set(
    findingLists.flatMap((key) =>
      listOf(results, key).map((each) => severityName(stringField(each, 'Severity', `Results.${key}`))),
    ),
  );
  return {
    unseen: (['critical', 'high'] as const).filter((severity) => !seen.has(severity)),
    suppressed: listOf(results, 'ExperimentalModifiedFindings').length,
  };
}

/**
 * With the package list on (the default for JSON since 0.56) a result stands there for its packages alone; without it,
 * a result of packages is the vulnerability scanner's.
 */
function lookedForVulnerabilities(results: readonly Json[]): boolean {
  return results.some((result) => {
    if (Array.isArray(result['Vulnerabilities'])) return true;
    const kind = stringField(result, 'Class', 'Results');
    return (kind === 'os-pkgs' || kind === 'lang-pkgs') && !Array.isArray(result['Packages']);
  });
}

const listOf = (results: readonly Json[], key: string): readonly Json[] =>
  results.flatMap((result) => objectsField(result, key, 'Results'));

const path = 'Results.Vulnerabilities';

function readVulnerabilities(results: readonly Json[], metadata: Json, image: ScannedImage) {
  const originOf = new Map<Json, Json>();
  for (const result of results) {
    for (const entry of objectsField(result, 'Vulnerabilities', 'Results')) originOf.set(entry, result);
  }
  const all = [...originOf.keys()];
  const anyUnfixed = all.some((entry) => (stringField(entry, 'FixedVersion', path) ?? '') === '');
  return {
    counts: countSeverities(all, 'Severity', path),
    ...present({ os: operatingSystem(metadata, results) }),
    vulnerabilities: keepJudged(image, all, (entry) => readVulnerability(entry, originOf.get(entry) ?? {})),
    unlisted: 0,
    // With --ignore-unfixed the file looks the same as where everything has a fix.
    ...(anyUnfixed ? {} : { unfixedMayBeHidden: true as const }),
  };
}

/** Where `Metadata.OS` is absent, none was found: there are results, so that somebody looked. */
function operatingSystem(metadata: Json, results: readonly Json[]) {
  const names = { family: 'Family', release: 'Name', endOfLife: 'EOSL' };
  const found = readOperatingSystem(metadata, 'OS', names, 'Metadata');
  return found ?? (results.length > 0 ? { endOfLife: false } : undefined);
}

function readVulnerability(from: Json, result: Json): Vulnerability {
  const text = (key: string) => stringField(from, key, path);
  const identifier = objectField(from, 'PkgIdentifier', path) ?? {};
  return makeVulnerability({
    id: text('VulnerabilityID'),
    package: text('PkgName'),
    installedVersion: text('InstalledVersion'),
    fixedVersion: text('FixedVersion'),
    severity: text('Severity'),
    score: readScore(from),
    published: text('PublishedDate'),
    packageClass: packageClassOf({
      class: stringField(result, 'Class', 'Results'),
      type: stringField(result, 'Type', 'Results'),
      purl: stringField(identifier, 'PURL', `${path}.PkgIdentifier`),
      target: stringField(result, 'Target', 'Results'),
    }),
  });
}

/** A vendor knows his package better than the NVD; of several vendors the highest, so that the order does not matter. */
function readScore(from: Json): number | undefined {
  const scores = objectField(from, 'CVSS', path) ?? {};
  const scoreOf = (vendor: string) =>
    numberField(objectField(scores, vendor, `${path}.CVSS`) ?? {}, 'V3Score', `${path}.CVSS.${vendor}`);
  const vendors = Object.keys(scores).filter((vendor) => vendor !== 'nvd');
  const found = vendors.flatMap((vendor) => scoreOf(vendor) ?? []);
  return found.length > 0 ? Math.max(...found) : scoreOf('nvd');
}

function readSecrets(results: readonly Json[]): SecretScan['secrets'] {
  return results.flatMap((result) => {
    const target = stringField(result, 'Target', 'Results') ?? '';
    return objectsField(result, 'Secrets', 'Results').map((secret) => ({
      target: cleanText(target, 256),
      ruleId: cleanText(stringField(secret, 'RuleID', 'Results.Secrets') ?? '', 256),
      severity: severityName(stringField(secret, 'Severity', 'Results.Secrets')),
    }));
  });
}
