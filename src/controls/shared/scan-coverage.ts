import type { EvaluationInput } from '../../domain/control.ts';
import type { ImageScan } from '../../domain/scan-report.ts';
import type { Finding } from '../../domain/verdict.ts';
import { soonest } from '../../domain/verdict.ts';
import type { ScanIndex } from './find-scans.ts';
import type { RunningContainer } from './running-images.ts';
import type { Gap, Limits } from './scan-gap.ts';
import { explain, problemOf, stillStands, unreadable } from './scan-gap.ts';

/** What is known of one running container: current scans, or why there is none. */
export interface Coverage<Scan extends ImageScan> {
  readonly running: RunningContainer;
  /** Not empty exactly when there is no gap. */
  readonly current: readonly Scan[];
  readonly gap?: Gap;
  /** Milliseconds since the epoch at which time alone may change this. */
  readonly until?: number;
}

/** What the parameters allow, at the moment of the evaluation. */
export const limitsOf = ({ now, parameters }: EvaluationInput): Limits => ({
  now,
  maxAge: parameters['vulnerabilities.reportMaxAge'],
  maxSkew: parameters['platform.maxClockSkew'],
  grace: parameters['vulnerabilities.rescanGrace'],
});

/** @param scanners so many different ones must have a current report */
export function cover<Scan extends ImageScan>(
  running: RunningContainer,
  index: ScanIndex<Scan>,
  limits: Limits,
  scanners = 1,
): Coverage<Scan> {
  const problem = unreadable(running);
  if (problem !== undefined) return { running, current: [], gap: problem };
  const found = index(running);
  const standing = found.ofImage.filter((scan) => stillStands(scan, limits));
  const current = replaceDeleted(standing.filter((scan) => problemOf(scan, limits) === undefined));
  const until = [
    ...current.map((scan) => expiryOf(scan, limits)),
    ...standing.flatMap((scan) => usableFrom(scan, limits)),
    ...found.ofAnother.flatMap((scan) => forgottenAt(scan, limits)),
  ].reduce<number | undefined>(soonest, undefined);
  const names = new Set(current.map(({ scanner }) => scanner.toLowerCase()));
  const base = { running, ...(until === undefined ? {} : { until }) };
  if (names.size >= scanners) return { ...base, current };
  return { ...base, current: [], gap: explain(found, standing, names.size, scanners, limits) };
}

/** Time may still make it current: its stamp lies ahead. */
const usableFrom = ({ updatedAt }: ImageScan, { now, maxSkew }: Limits): number[] =>
  updatedAt !== undefined && updatedAt - maxSkew > now ? [updatedAt - maxSkew] : [];

const forgottenAt = (scan: ImageScan, limits: Limits): number[] =>
  scan.deletedAt !== undefined && stillStands(scan, limits) ? [scan.deletedAt + limits.grace + 1] : [];

/** Once the same scanner has a report that is not deleted, what was deleted says nothing any more. */
function replaceDeleted<Scan extends ImageScan>(current: readonly Scan[]): readonly Scan[] {
  const fresh = new Set(
    current.flatMap(({ deletedAt, scanner }) => (deletedAt === undefined ? scanner : [])),
  );
  return current.filter(({ deletedAt, scanner }) => deletedAt === undefined || !fresh.has(scanner));
}

/** The first moment at which it no longer counts. */
function expiryOf({ updatedAt = 0, expiresAt, deletedAt }: ImageScan, { maxAge, grace }: Limits): number {
  const ends = [expiresAt, deletedAt].map((time) => (time === undefined ? Infinity : time + grace));
  return Math.min(updatedAt + maxAge, ...ends) + 1;
}

export const gapFinding = ({ running, gap }: Coverage<ImageScan>): Finding => ({
  subject: subjectOf(running),
  ...(running.example === undefined ? {} : { example: running.example }),
  observed: running.image,
  message: gap?.message ?? '',
  ...(gap?.ref === undefined ? {} : { ref: gap.ref }),
});

export const subjectOf = ({ workload, container }: RunningContainer) => ({
  kind: workload.kind,
  name: workload.name,
  container,
});
