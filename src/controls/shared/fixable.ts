import type { EvaluationInput } from '../../domain/control.ts';
import { osFamilies } from '../../domain/os-families.ts';
import type { VulnerabilityScan } from '../../domain/scan-report.ts';
import type { Gap } from './scan-gap.ts';
import { gapOfFile } from './hidden-findings.ts';
import { knownExploited } from './known-exploited.ts';
import type { VulnerabilityRule } from './judge-vulnerabilities.ts';
import { containers, vulnerabilities } from './judge-vulnerabilities.ts';
import type { Entry } from './vulnerability-entries.ts';
import { countBySeverity, countSubjects } from './vulnerability-entries.ts';
import { coursesOfFixable } from './vulnerability-course.ts';

/** All that the rule on overdue fixes may be told, and what says which reports count. */
export const fixableParameters = [
  'vulnerabilities.criticalFixDue',
  'vulnerabilities.highFixDue',
  'vulnerabilities.mediumFixDue',
  'vulnerabilities.knownExploited',
  'vulnerabilities.judgeByScore',
  'vulnerabilities.criticalScore',
  'vulnerabilities.highScore',
  'vulnerabilities.reportMaxAge',
  'vulnerabilities.rescanGrace',
  'vulnerabilities.scannerNamespace',
  'platform.maxClockSkew',
] as const;

/**
 * The rule on vulnerabilities that a newer package mends.
 * @param of such as "in packages of the operating system"
 */
export function fixableRule(input: EvaluationInput, of = ''): VulnerabilityRule {
  const what = (n: number) => `${vulnerabilities(n)}${of === '' ? '' : ` ${of}`} with a fix`;
  const { ids, gap } = knownExploited(input);
  return {
    ...(gap === undefined ? {} : { unread: gap }),
    courseOf: coursesOfFixable(input, ids),
    hides: 'hidesFixable',
    mayHide: gapOfFile,
    gapOf: (scan) => gapOfListing(scan) ?? gapOfFamily(scan),
    fails: (entries) =>
      `${what(entries.length)} ${entries.length === 1 ? 'is' : 'are'} ${whyFailing(entries, ids)} (${countBySeverity(entries)}), ` +
      `in ${containers(countSubjects(entries))}.`,
    warns: (entries) => ({
      reason: entries.some(hasAge) ? 'FixAvailable' : 'AgeUnknown',
      message: `${what(entries.length)} should be mended (${countBySeverity(entries)}), in ${containers(countSubjects(entries))}; none fails.`,
    }),
    passes: `No vulnerability${of === '' ? '' : ` ${of}`} is waiting for its fix.`,
  };
}

function whyFailing(entries: readonly Entry[], exploited: ReadonlySet<string>): string {
  const n = exploited.size === 0 ? 0 : entries.filter(({ ref }) => exploited.has(ref)).length;
  if (n === 0) return 'overdue';
  return n === entries.length ? 'known to be exploited' : `overdue, or known to be exploited (${n})`;
}

const hasAge = ({ vulnerability }: Entry): boolean =>
  vulnerability.publishedAt !== undefined && vulnerability.severity !== 'unknown';

/** A summary that counts more than the list has: what is left out may be what fails. */
export function gapOfListing({ name, unlisted }: VulnerabilityScan): Gap | undefined {
  if (unlisted === 0) return undefined;
  const message = `Its report counts ${unlisted} critical or high more than it lists.`;
  return { reason: 'PartialEvidence', message, ref: name };
}

/** An operating system of which the scanner has no data: that it finds nothing there shows nothing. */
export function gapOfFamily({ name, os }: VulnerabilityScan): Gap | undefined {
  const family = os?.family;
  if (family === undefined || osFamilies.get(family)?.scanned !== false) return undefined;
  const message = `The scanner knows no vulnerabilities of the packages of ${family}.`;
  return { reason: 'PartialEvidence', message, ref: name };
}
