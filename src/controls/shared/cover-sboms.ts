import type { EvaluationInput } from '../../domain/control.ts';
import type { NamedPackage, Sbom, Composition } from '../../domain/sbom.ts';
import type { Finding, Verdict } from '../../domain/verdict.ts';
import { notApplicable, unknown } from '../../domain/verdict.ts';
import type { FoundScans } from './find-scans.ts';
import { indexScans } from './find-scans.ts';
import { sortFindings } from './findings.ts';
import { knownSettings } from './hidden-findings.ts';
import type { RunningContainer } from './running-images.ts';
import { runningContainers } from './running-images.ts';
import { subjectOf } from './scan-coverage.ts';
import type { Gap } from './scan-gap.ts';
import { unreadable, worstReason } from './scan-gap.ts';
import { absenceHints, isVerdict } from './scan-verdict.ts';

/** What is known of the make-up of one image that runs. */
export interface SbomCoverage {
  readonly running: RunningContainer;
  /** Of every SBOM of the image; of two scanners each may see what the other does not. */
  readonly found: readonly { readonly report: string; readonly composition: Composition }[];
  /** Why not all is known. */
  readonly gap?: Gap;
}

/** Several controls ask the same in one evaluation. */
const remembered = new WeakMap<EvaluationInput, readonly SbomCoverage[] | Verdict>();

/** The same where something else than an SBOM may speak for a container: one that cannot be read is a gap like any other. */
export function coverContainers(input: EvaluationInput): readonly SbomCoverage[] | Verdict {
  const before = remembered.get(input);
  if (before !== undefined) return before;
  const result = coverAll(input);
  remembered.set(input, result);
  return result;
}

/** Every running container with its SBOMs; or the verdict, where there is nothing to look at. */
export function coverSboms(input: EvaluationInput): readonly SbomCoverage[] | Verdict {
  const all = coverContainers(input);
  const { sboms } = input.snapshot;
  return sboms.available || isVerdict(all) ? all : unknown(sboms.reason, sboms.message);
}

function coverAll({ snapshot }: EvaluationInput): readonly SbomCoverage[] | Verdict {
  const { namespace, workloads, cluster, sboms } = snapshot;
  if (!workloads.available) return unknown(workloads.reason, workloads.message);
  const running = runningContainers(workloads.items);
  if (running.length === 0)
    return notApplicable('NoWorkloads', `Nothing runs in namespace ${namespace.name}.`);
  if (!sboms.available) {
    const { reason, message } = sboms;
    return running.map((each) => ({ running: each, found: [], gap: { reason, message } }));
  }
  const index = indexScans(sboms.items, cluster.live);
  return running.map((each) => cover(each, index(each)));
}

function cover(running: RunningContainer, found: FoundScans<Sbom>): SbomCoverage {
  const problem = unreadable(running);
  if (problem !== undefined) return { running, found: [], gap: problem };
  const known = found.ofImage.flatMap(({ name, composition }) =>
    composition === undefined ? [] : [{ report: name, composition }],
  );
  if (known.length === 0) return { running, found: [], gap: explain(found) };
  const partial = known.find(({ composition }) => composition.unlisted > 0);
  if (partial === undefined) return { running, found: known };
  const message = `Its SBOM counts ${partial.composition.unlisted} more than it lists.`;
  return { running, found: known, gap: { reason: 'PartialEvidence', message, ref: partial.report } };
}

const beingRead = 'Its SBOM is still being read.';

function explain({ ofAnother }: FoundScans<Sbom>): Gap {
  const unread = ofAnother.find(({ composition }) => composition === undefined);
  if (unread?.problem !== undefined)
    return { reason: 'EvaluationError', message: unread.problem, ref: unread.name };
  if (unread !== undefined) return { reason: 'NoEvidence', message: beingRead, ref: unread.name };
  const [other] = ofAnother;
  if (other !== undefined)
    return { reason: 'StaleEvidence', message: 'Its SBOM is of another image.', ref: other.name };
  return { reason: 'NoEvidence', message: 'There is no SBOM of it.' };
}

export interface Held extends NamedPackage {
  readonly report: string;
}

/** The packages of an image that answer to one of the entries. */
export const packagesOf = ({ found }: SbomCoverage, entries: readonly string[]): readonly Held[] =>
  found.flatMap(({ report, composition }) =>
    composition.named.filter(({ entry }) => entries.includes(entry)).map((each) => ({ ...each, report })),
  );

/** The same coverage with a gap where an entry was not looked for when the SBOM was read: a profile has just named it. */
export function soughtFor(coverage: SbomCoverage, entries: readonly string[]): SbomCoverage {
  if (coverage.gap !== undefined) return coverage;
  const stale = coverage.found.find(({ composition: { sought } }) =>
    entries.some((entry) => sought?.has(entry) === false),
  );
  if (stale === undefined) return coverage;
  return { ...coverage, gap: { reason: 'NoEvidence', message: beingRead, ref: stale.report } };
}

/** Unknown where not all is known of a container; undefined where all is known of each. */
export function judgeSbomGaps(all: readonly SbomCoverage[], input: EvaluationInput): Verdict | undefined {
  const open = all.filter(({ gap }) => gap !== undefined);
  if (open.length === 0) return undefined;
  const message = [describeSbomGaps(all), ...absenceHints(knownSettings(input).settings, 'sbom')].join(' ');
  const reason = worstReason(open.flatMap(({ gap }) => gap ?? []));
  const findings = open.map((each) => sbomFinding(each, each.gap?.message ?? '', each.gap?.ref));
  return unknown(reason, message, sortFindings(findings));
}

/** `2 of 5 containers have no SBOM that tells all.` */
export function describeSbomGaps(all: readonly SbomCoverage[]): string {
  const open = countSubjects(all.filter(({ gap }) => gap !== undefined));
  return `${someContainers(open, all, 'has', 'have')} no SBOM that tells all.`;
}

/** `2 of 5 containers have`. */
export function someContainers(n: number, all: readonly SbomCoverage[], one: string, many: string): string {
  const total = countSubjects(all);
  return `${n} of ${total} container${total === 1 ? '' : 's'} ${n === 1 ? one : many}`;
}

/** In a rollout one container runs two images; it is still one. */
export const countSubjects = (all: readonly SbomCoverage[]): number =>
  new Set(all.map(({ running }) => JSON.stringify(subjectOf(running)))).size;

export const sbomFinding = ({ running }: SbomCoverage, message: string, ref?: string): Finding => ({
  subject: subjectOf(running),
  ...(running.example === undefined ? {} : { example: running.example }),
  observed: running.image,
  message,
  ...(ref === undefined ? {} : { ref }),
});

/** Names in a message beyond which the others are counted. */
const shown = 6;

/** `bash, curl and git`. */
export function listNames(packages: readonly NamedPackage[]): string {
  const names = [...new Set(packages.map(({ name }) => name))].sort();
  const listed = names.length > shown ? [...names.slice(0, shown), `${names.length - shown} more`] : names;
  return listed.length < 2 ? listed.join('') : `${listed.slice(0, -1).join(', ')} and ${listed.at(-1) ?? ''}`;
}

/** The part of `rule` that all controls on SBOMs share. */
export const sbomRule =
  'Unknown (NoEvidence): a container has no SBOM, or it is still being read. Unknown (StaleEvidence): its SBOM is of another image. Unknown (PartialEvidence): the SBOM counts more than it lists. Unknown (EvaluationError): the SBOM or the image reference cannot be read. NotApplicable (NoWorkloads): nothing runs.';

export const sbomNotes = [
  'An SBOM lists what package managers have installed. Files that were copied into the image by hand are not seen.',
  'SBOMs are large, so each is fetched by itself, at a bounded rate, and one image once: after a start it takes a while until all are read.',
] as const;
