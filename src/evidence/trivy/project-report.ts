import { Interner } from '../../domain/interner.ts';
import { compareText } from '../../domain/compare-text.ts';
import { canonicalCheckId } from '../../domain/trivy-check.ts';
import type { ConfigAudit, SecretScan, VulnerabilityScan } from '../../domain/scan-report.ts';
import { cleanText } from '../../base/clean-text.ts';
import type { Json } from '../fields.ts';
import { booleanField, objectsField, stringField } from '../fields.ts';
import { present } from '../present.ts';
import {
  compareSeverityNames,
  countSeverities,
  noCounts,
  readCounts,
  severityName,
  totalOf,
} from './counts.ts';
import type { ReportHead } from './metadata.ts';
import { readArtifact, readHead, readScanner, readUpdate } from './metadata.ts';
import { keepJudged, readOperatingSystem, readVulnerability, unlistedOf } from './project-vulnerabilities.ts';

/** Which namespace a projected report belongs to. */
export interface InNamespace {
  readonly namespace: string;
}

/** Secrets kept of one report, worst first. Its counts stay true. */
const maxSecrets = 50;
const maxText = 256;

/**
 * A VulnerabilityReport (`aquasecurity.github.io/v1alpha1`) as far as a control reads it. Of the vulnerabilities, which
 * are most of its hundreds of kilobytes, those are kept that a control may judge, once for all reports that repeat them.
 * @returns undefined for a report that is history
 * @throws ShapeError
 */
export function projectVulnerabilityReport(object: Json): (VulnerabilityScan & InNamespace) | undefined {
  const head = readHead(object);
  if (head === undefined) return undefined;
  const all = objectsField(head.report, 'vulnerabilities', 'report');
  const listed = countSeverities(all, 'severity', 'report.vulnerabilities');
  const counts = readCounts(head.report, listed);
  const scan = identify(head);
  return {
    ...scan,
    counts,
    ...present({ os: readOperatingSystem(head.report, 'os', osNames, 'report') }),
    vulnerabilities: keepJudged(scan.image, all, readVulnerability),
    unlisted: unlistedOf(counts, listed),
  };
}

const osNames = { family: 'family', release: 'name', endOfLife: 'eosl' };

/**
 * An ExposedSecretReport. `match` is left behind: it is text from around the secret.
 * @returns undefined for a report that is history
 * @throws ShapeError
 */
export function projectExposedSecretReport(object: Json): (SecretScan & InNamespace) | undefined {
  const head = readHead(object);
  if (head === undefined) return undefined;
  const path = 'report.secrets';
  const listed = objectsField(head.report, 'secrets', 'report');
  const secrets = listed.map((each) => ({
    target: cleanText(stringField(each, 'target', path) ?? '', maxText),
    ruleId: cleanText(stringField(each, 'ruleID', path) ?? '', maxText),
    severity: severityName(stringField(each, 'severity', path)),
  }));
  const counts = readCounts(head.report, countSeverities(listed, 'severity', path));
  return { ...identify(head), counts, secrets: keepWorst(secrets) };
}

/**
 * A ConfigAuditReport: that it is there, of whom, since when, and which checks fail.
 * @returns undefined for a report that is history
 * @throws ShapeError
 */
export function projectConfigAuditReport(object: Json): (ConfigAudit & InNamespace) | undefined {
  const head = readHead(object);
  if (head === undefined) return undefined;
  // Passed checks may be listed too; the summary counts the failed ones alone.
  const counts = readCounts(head.report, noCounts);
  return {
    name: head.name,
    namespace: head.namespace,
    ...present({ owner: head.owner, updatedAt: readUpdate(head.report) ?? head.createdAt }),
    failed: totalOf(counts),
    failedChecks: checkLists.intern(failedChecks(head)),
  };
}

/** Ten thousand workloads of one kind fail the same checks. */
const checkLists = new Interner<readonly string[]>();

/** The scanner has changed how it spells them; a check of one's own may have no id. */
function failedChecks({ report }: ReportHead): readonly string[] {
  const path = 'report.checks';
  const failed = objectsField(report, 'checks', 'report').filter(
    (each) => booleanField(each, 'success', path) !== true,
  );
  const ids = failed.map((each) => cleanText(stringField(each, 'checkID', path) ?? '', maxText));
  return [...new Set(ids.filter((id) => id !== '').map(canonicalCheckId))].sort(compareText);
}

type SecretEntry = SecretScan['secrets'][number];

/** Worst first, then by place, so that the cut and the order are the same whatever the scanner's order was. */
export function keepWorst(secrets: readonly SecretEntry[]): readonly SecretEntry[] {
  return [...secrets]
    .sort(
      (a, b) =>
        compareSeverityNames(a.severity, b.severity) ||
        compareText(a.target, b.target) ||
        compareText(a.ruleId, b.ruleId),
    )
    .slice(0, maxSecrets);
}

/**
 * A report that does not say when it was made is undated. Its creation says nothing: an object that was restored
 * from a backup is new, and its findings are old.
 */
function identify(head: ReportHead) {
  return {
    name: head.name,
    namespace: head.namespace,
    ...present({ owner: head.owner, container: head.container }),
    image: readArtifact(head.report),
    scanner: readScanner(head.report),
    ...present({ updatedAt: readUpdate(head.report), expiresAt: expiryOf(head) }),
  };
}

/**
 * Trivy Operator counts from the creation, which an update of the report keeps. What a backup brought back is new and
 * expired: then from the update, which is older.
 */
function expiryOf({ timeToLive, report, createdAt = Infinity }: ReportHead): number | undefined {
  const made = readUpdate(report);
  return timeToLive === undefined || made === undefined ? undefined : Math.min(made, createdAt) + timeToLive;
}
