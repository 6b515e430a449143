import { cleanText } from '../../base/clean-text.ts';
import { compareText } from '../../domain/compare-text.ts';
import type { ScannedImage, SeverityCounts } from '../../domain/scan-report.ts';
import type { OperatingSystem, Vulnerability } from '../../domain/vulnerability.ts';
import { leastHighScore } from '../../domain/vulnerability.ts';
import type { Json } from '../fields.ts';
import { booleanField, numberField, objectField, stringField } from '../fields.ts';
import { present } from '../present.ts';
import { compareSeverityNames, severityName } from './counts.ts';
import { readTime } from '../times.ts';
import { packageClassOf } from './package-class.ts';
import { SharedVulnerabilities } from './shared-vulnerabilities.ts';

const path = 'report.vulnerabilities';
const longestText = 128;
const shared = new SharedVulnerabilities();

/** An entry of `report.vulnerabilities` of Trivy Operator. @throws ShapeError */
export function readVulnerability(from: Json): Vulnerability {
  const text = (key: string) => stringField(from, key, path);
  return makeVulnerability({
    id: text('vulnerabilityID'),
    package: text('resource'),
    installedVersion: text('installedVersion'),
    fixedVersion: text('fixedVersion'),
    severity: text('severity'),
    score: numberField(from, 'score', path),
    published: text('publishedDate'),
    packageClass: packageClassOf({
      class: text('class'),
      type: text('packageType'),
      purl: text('packagePURL'),
      target: text('target'),
    }),
  });
}

export interface VulnerabilityTexts {
  readonly id: string | undefined;
  readonly package: string | undefined;
  readonly installedVersion: string | undefined;
  readonly fixedVersion: string | undefined;
  readonly severity: string | undefined;
  readonly score: number | undefined;
  readonly published: string | undefined;
  readonly packageClass: Vulnerability['packageClass'] | undefined;
}

export function makeVulnerability(texts: VulnerabilityTexts): Vulnerability {
  const fixedVersion = clean(texts.fixedVersion);
  return present({
    id: clean(texts.id),
    package: clean(texts.package),
    installedVersion: clean(texts.installedVersion),
    fixedVersion: fixedVersion === '' ? undefined : fixedVersion,
    severity: severityName(texts.severity),
    score: texts.score,
    publishedAt: readTime(texts.published),
    packageClass: texts.packageClass,
  });
}

const clean = (text: string | undefined): string => cleanText(text ?? '', longestText);

/**
 * What a control may judge of a report's vulnerabilities, each once, worst first. Left behind is what no profile can
 * make fail or warn: low ones, and those without a fix that are not critical. They are most of them.
 */
export function keepJudged(
  image: ScannedImage,
  all: readonly Json[],
  read: (from: Json) => Vulnerability,
): readonly Vulnerability[] {
  const kept = new Set<Vulnerability>();
  for (const entry of all) {
    const vulnerability = read(entry);
    if (isJudged(vulnerability)) kept.add(shared.share(vulnerability));
  }
  return shared.shareList(imageKey(image), [...kept].sort(worstFirst));
}

const isJudged = ({ fixedVersion, severity, score = 0 }: Vulnerability): boolean =>
  fixedVersion === undefined ? severity === 'critical' : severity !== 'low' || score >= leastHighScore;

const imageKey = ({ registry, repository, tag, digest }: ScannedImage): string =>
  digest ?? `${registry}/${repository}:${tag ?? ''}`;

const worstFirst = (a: Vulnerability, b: Vulnerability): number =>
  compareSeverityNames(a.severity, b.severity) ||
  compareText(a.id, b.id) ||
  compareText(a.package, b.package) ||
  compareText(a.installedVersion, b.installedVersion);

/** How many critical and high ones the report counts beyond those that it lists. */
export const unlistedOf = (said: SeverityCounts, listed: SeverityCounts): number =>
  Math.max(0, said.critical - listed.critical) + Math.max(0, said.high - listed.high);

/** What stands for no operating system. */
const nobody: readonly string[] = ['', 'none'];

/** `report.os`, which is always there and empty where the scanner found no operating system. */
export function readOperatingSystem(
  from: Json,
  key: string,
  names: { readonly family: string; readonly release: string; readonly endOfLife: string },
  at: string,
): OperatingSystem | undefined {
  const os = objectField(from, key, at);
  if (os === undefined) return undefined;
  const within = `${at}.${key}`;
  const family = clean(stringField(os, names.family, within)).toLowerCase();
  return present({
    family: nobody.includes(family) ? undefined : family,
    release: clean(stringField(os, names.release, within)) || undefined,
    endOfLife: booleanField(os, names.endOfLife, within) === true,
  });
}
