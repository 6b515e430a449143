import type { EvaluationInput } from '../../domain/control.ts';
import type { FileTraits, ImageScan, ScannerSettings } from '../../domain/scan-report.ts';
import type { Gap } from '../../domain/snapshot.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { unknown } from '../../domain/verdict.ts';
import { sortFindings } from './findings.ts';
import type { Coverage } from './scan-coverage.ts';
import { gapFinding } from './scan-coverage.ts';
import type { Gap as ScanGap } from './scan-gap.ts';
import { countContainers } from './scan-verdict.ts';

/** What the scanner is told to leave out, as far as it is known, and why it is not all known. */
export interface KnownSettings {
  readonly settings?: ScannerSettings;
  readonly gap?: Gap;
}

/** Of the scanner that the profile speaks of. */
export function knownSettings({ snapshot, parameters }: EvaluationInput): KnownSettings {
  const source = snapshot.scannerSettings;
  if (!source.available) return { gap: { reason: source.reason, message: source.message } };
  const where = parameters['vulnerabilities.scannerNamespace'];
  const settings = source.items.find(({ scannerNamespace }) => scannerNamespace === where);
  const gap = source.gap ?? (settings === undefined ? notThere(where) : undefined);
  return {
    ...(settings === undefined ? {} : { settings }),
    ...(gap === undefined ? {} : { gap }),
  };
}

const notThere = (where: string): Gap => ({
  reason: 'NoEvidence',
  message: `What the scanner hides is not known: there are no ConfigMaps of Trivy Operator of namespace ${where}, which vulnerabilities.scannerNamespace names.`,
});

/** `Every container has a current vulnerability report, but the scanner's settings hide findings:` */
export const hidingSettings = (noun: string): string =>
  `Every container has a current ${noun}, but the scanner's settings hide findings:`;

/** Findings that a control looks for. */
export type Hides = 'hidesVulnerabilities' | 'hidesFixable' | 'hidesSecrets';

/** What current reports may not show, although each container has one. */
export interface Hidden<Scan extends ImageScan> {
  /** That the scanner's settings hide findings, or are not known; undefined where they do not, or do not matter. */
  readonly bySettings?: Gap;
  /** Containers that files of the command line alone speak of, with why none of them tells all. */
  readonly inFiles: readonly Coverage<Scan>[];
}

interface Asked<Scan extends ImageScan> {
  readonly hides: Hides;
  /** Before the sentences on settings that hide. */
  readonly says: string;
  /** So many different scanners must tell all. */
  readonly scanners?: number;
  /** Why a report does not tell all, whatever the settings are. */
  readonly gapOf?: (scan: Scan) => ScanGap | undefined;
}

/**
 * One report that tells all is enough for a container. So no report that comes beside it takes the verdict away, and none
 * that goes gives it.
 */
export function hiddenFindings<Scan extends ImageScan>(
  input: EvaluationInput,
  all: readonly Coverage<Scan>[],
  { hides, says, scanners = 1, gapOf = gapOfFile }: Asked<Scan>,
): Hidden<Scan> {
  const problem = problemOf(knownSettings(input), hides, says);
  const isRestrained = (scan: Scan) => scan.file === undefined && gapOf(scan) === undefined;
  const tellsAll = (scan: Scan) =>
    gapOf(scan) === undefined && (scan.file !== undefined || problem === undefined);
  const open = all.filter(({ current }) => {
    const names = new Set(current.filter(tellsAll).map(({ scanner }) => scanner.toLowerCase()));
    return current.length > 0 && names.size < scanners;
  });
  const restrained = open.some(({ current }) => current.some(isRestrained));
  return {
    ...(problem !== undefined && restrained ? { bySettings: problem } : {}),
    inFiles: open.flatMap((each) => {
      const gap = each.current.map(gapOf).find((found) => found !== undefined);
      const isOfSettings = problem !== undefined && each.current.some(isRestrained);
      return gap === undefined || isOfSettings ? [] : [{ ...each, gap }];
    }),
  };
}

/** Unknown, where files of the command line alone speak of some containers. */
export function judgeFiles(inFiles: readonly Coverage<ImageScan>[]): Verdict {
  const n = countContainers(inFiles);
  const message = `The reports of ${n} container${n === 1 ? '' : 's'} may leave findings out.`;
  return unknown('HiddenFindings', message, sortFindings(inFiles.map(gapFinding)));
}

function problemOf({ settings, gap }: KnownSettings, hides: Hides, says: string): Gap | undefined {
  const sentences = settings?.[hides] ?? [];
  return sentences.length === 0 ? gap : { reason: 'HiddenFindings', message: [says, ...sentences].join(' ') };
}

/** Why a file of the command line may leave out critical or high findings. */
export const gapOfFile = (scan: ImageScan): ScanGap | undefined =>
  gapOfSeverities(scan, ['critical', 'high']);

/** The same of some severities alone. */
export function gapOfSeverities(
  { name, file }: ImageScan,
  severities: FileTraits['unseen'],
): ScanGap | undefined {
  if (file === undefined) return undefined;
  const unseen = file.unseen.filter((severity) => severities.includes(severity));
  if (unseen.length > 0) {
    const message = `Its file lists nothing that is ${unseen.join(' or ')}, and does not say whether --severity left that out.`;
    return { reason: 'HiddenFindings', message, ref: name };
  }
  if (file.suppressed === 0) return undefined;
  const message = `Its file says that findings were left out: ${file.suppressed}.`;
  return { reason: 'HiddenFindings', message, ref: name };
}

/** For the notes of the controls that ask this. */
export const fileNotes = [
  'A file of the Trivy command line does not say with which options it was made. It must show that critical and high findings were asked for, by listing one of each, of whatever kind (also misconfigurations, licences or secrets): a file without them looks the same where --severity left them out, and is Unknown (HiddenFindings), unless `plumbline scan` is told that it was made without (--trivy-unfiltered). One that lists what was left out (--show-suppressed) is Unknown in any case. An ignore file, a policy or --pkg-types leave no trace without that; what they hide is not known.',
  'For a container with several current reports, one that hides nothing is enough.',
] as const;
