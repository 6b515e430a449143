import type { EvaluationInput } from '../../domain/control.ts';
import type { VulnerabilityScan } from '../../domain/scan-report.ts';
import { soonest } from '../../domain/verdict.ts';
import type { Vulnerability } from '../../domain/vulnerability.ts';
import type { BaseGroup, Generation } from './generations.ts';
import type { RunningContainer } from './running-images.ts';
import type { Coverage } from './scan-coverage.ts';
import { iso } from './vulnerability-course.ts';

/** A generation that lacks a fix which another of its group has had for too long. */
export interface Lag {
  readonly base: string;
  readonly generation: Generation;
  /** After the base's name: `lacks the fix …`. */
  readonly message: string;
}

/** @returns those that lag, and the next moment at which one more begins to */
export function lagsOf(
  groups: readonly BaseGroup[],
  scans: readonly Coverage<VulnerabilityScan>[],
  { parameters, now }: EvaluationInput,
): { readonly lags: readonly Lag[]; readonly next?: number } {
  const byRunning = new Map(scans.map(({ running, current }) => [running, current]));
  const limit = parameters['images.baseLag'];
  const lags: Lag[] = [];
  let next: number | undefined;
  for (const { base, generations } of groups) {
    for (const generation of generations) {
      const others = generations.filter((other) => other !== generation);
      const missing = openIn(generation, byRunning).filter((each) =>
        others.some((other) => hasFix(other, each, byRunning)),
      );
      const dated = missing.toSorted(
        (a, b) => (a.publishedAt ?? 0) - (b.publishedAt ?? 0) || (a.id < b.id ? -1 : 1),
      );
      const [oldest] = dated;
      if (oldest?.publishedAt === undefined) continue;
      const late = oldest.publishedAt + limit + 1;
      if (late > now) next = soonest(next, late);
      else lags.push({ base, generation, message: describe(oldest, oldest.publishedAt) });
    }
  }
  return { lags, ...(next === undefined ? {} : { next }) };
}

type Scans = ReadonlyMap<RunningContainer, readonly VulnerabilityScan[]>;

const vulnerabilitiesOf = ({ members }: Generation, scans: Scans): readonly Vulnerability[] => [
  ...new Set(
    members.flatMap(({ running }) => scans.get(running)?.flatMap((scan) => scan.vulnerabilities) ?? []),
  ),
];

/** Fixable, dated, and in a package that belongs to the base. */
const openIn = (generation: Generation, scans: Scans): readonly Vulnerability[] =>
  vulnerabilitiesOf(generation, scans).filter(
    (each) =>
      each.fixedVersion !== undefined &&
      each.publishedAt !== undefined &&
      generation.markers.has(each.package),
  );

/** The other has the package, in another version, and its reports do not name the vulnerability. */
function hasFix(
  other: Generation,
  { id, package: name, installedVersion }: Vulnerability,
  scans: Scans,
): boolean {
  const version = other.markers.get(name);
  if (version === undefined || version === installedVersion) return false;
  return !vulnerabilitiesOf(other, scans).some((each) => each.id === id && each.package === name);
}

const describe = (
  { id, package: name, installedVersion, fixedVersion = '' }: Vulnerability,
  since: number,
): string =>
  `has ${name} ${installedVersion} and lacks the fix of ${id} in ${fixedVersion}, public since ${iso(since)}, which another image has.`;
