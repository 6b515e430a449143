import { isParseFailure, parseImageReference } from '../../domain/image-reference.ts';
import type { ImageScan } from '../../domain/scan-report.ts';
import type { UnknownReason } from '../../domain/verdict.ts';
import { unknownReasons } from '../../domain/verdict.ts';
import type { FoundScans } from './find-scans.ts';
import type { RunningContainer } from './running-images.ts';

/** Why a container has no current report. */
export interface Gap {
  readonly reason: UnknownReason;
  readonly message: string;
  /** The report that does not count. */
  readonly ref?: string;
}

/** How old, how far in the future and how long deleted a report may be; milliseconds. */
export interface Limits {
  readonly now: number;
  readonly maxAge: number;
  readonly maxSkew: number;
  readonly grace: number;
}

/** Such as the empty text of a template that a mutator is to fill. */
export function unreadable({ image, digest }: RunningContainer): Gap | undefined {
  const reference = parseImageReference(image);
  if (digest !== undefined || !isParseFailure(reference)) return undefined;
  return { reason: 'EvaluationError', message: `Its image reference ${reference.problem}.` };
}

/** A deleted report's last result stands until its rescan, and not for ever. */
export const stillStands = ({ deletedAt }: ImageScan, { now, grace }: Limits): boolean =>
  deletedAt === undefined || now - deletedAt <= grace;

/** Why a report of the right image does not count. */
export function problemOf(scan: ImageScan, { now, maxAge, maxSkew, grace }: Limits): Gap | undefined {
  const { name, updatedAt, expiresAt = Infinity } = scan;
  if (updatedAt === undefined) {
    return { reason: 'StaleEvidence', message: 'Its report does not say when it was made.', ref: name };
  }
  if (updatedAt - now > maxSkew) {
    const message = `Clock skew: its report is dated ${iso(updatedAt)}, which is in the future.`;
    return { reason: 'EvaluationError', message, ref: name };
  }
  if (now - updatedAt > maxAge) {
    const message = `Its report is of ${iso(updatedAt)}, older than vulnerabilities.reportMaxAge.`;
    return { reason: 'StaleEvidence', message, ref: name };
  }
  if (now - expiresAt <= grace) return undefined;
  const message = `Its report's time to live ended at ${iso(expiresAt)}, and the scanner has not renewed it.`;
  return { reason: 'StaleEvidence', message, ref: name };
}

/** Of several reasons the one that tells most: a report of the image that does not count, else what else there is. */
export function explain(
  found: FoundScans<ImageScan>,
  standing: readonly ImageScan[],
  have: number,
  scanners: number,
  limits: Limits,
): Gap {
  const newest = standing.toSorted(newestFirst).flatMap((scan) => problemOf(scan, limits) ?? [])[0];
  if (newest !== undefined) return newest;
  if (have > 0) {
    const message = `Only ${have} of ${scanners} scanners (vulnerabilities.minScanners) has a current report of it.`;
    return { reason: 'NoEvidence', message };
  }
  const other = found.ofAnother.filter((scan) => stillStands(scan, limits)).toSorted(newestFirst)[0];
  if (other !== undefined) {
    const message = `Its report is of another image, ${describeImage(other)}.`;
    return { reason: 'StaleEvidence', message, ref: other.name };
  }
  if (found.ofImage.length > 0) {
    const message = 'Its report was deleted and not renewed within vulnerabilities.rescanGrace.';
    return { reason: 'NoEvidence', message, ...(found.ofImage[0] && { ref: found.ofImage[0].name }) };
  }
  return { reason: 'NoEvidence', message: 'There is no report of it.' };
}

const newestFirst = (a: ImageScan, b: ImageScan): number =>
  (b.updatedAt ?? 0) - (a.updatedAt ?? 0) || (a.name < b.name ? -1 : 1);

function describeImage({ image }: ImageScan): string {
  const tag = image.tag === undefined ? '' : `:${image.tag}`;
  const digest = image.digest === undefined ? '' : `@${image.digest}`;
  return `${image.registry === '' ? '' : `${image.registry}/`}${image.repository}${tag}${digest}`;
}

const iso = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z');

/** Of several reasons, the one that stands first in the vocabulary: no report weighs more than an old one. */
export const worstReason = (gaps: readonly Gap[]): UnknownReason =>
  unknownReasons.find((reason) => gaps.some((gap) => gap.reason === reason)) ?? 'NoEvidence';
