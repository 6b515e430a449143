import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { notApplicable, soonest, unknown } from '../domain/verdict.ts';
import {
  countSubjects,
  coverContainers,
  judgeSbomGaps,
  sbomFinding,
  sbomNotes,
  sbomRule,
  someContainers,
} from './shared/cover-sboms.ts';
import { count, sortFindings } from './shared/findings.ts';
import type { BaseGroup, Generation } from './shared/generations.ts';
import { groupByBase } from './shared/generations.ts';
import type { Lag } from './shared/base-lag.ts';
import { lagsOf } from './shared/base-lag.ts';
import { hiddenFindings, judgeFiles } from './shared/hidden-findings.ts';
import { coverRunning, isVerdict, judgeGaps, untilFirstChange } from './shared/scan-verdict.ts';

function evaluate(input: EvaluationInput): Verdict {
  const all = coverContainers(input);
  if (isVerdict(all)) return all;
  const images = new Set(all.map(({ running: { image, digest } }) => digest ?? image));
  if (images.size < 2) return notApplicable('OneImage', 'The namespace runs fewer than two images.');
  const { sboms } = input.snapshot;
  if (!sboms.available) return unknown(sboms.reason, sboms.message);
  const open = judgeSbomGaps(all, input);
  if (open !== undefined) return open;
  const { groups, unplaced } = groupByBase(all);
  if (unplaced.length > 0) {
    const message = `${someContainers(countSubjects(unplaced), all, 'runs an image', 'run images')} of which neither base nor operating system is known.`;
    const findings = unplaced.map((each) =>
      sbomFinding(each, 'Neither its base nor its operating system is known.'),
    );
    return unknown('NoEvidence', message, sortFindings(findings));
  }
  const mixed = groups.filter(({ generations }) => generations.length > 1);
  return mixed.length === 0 ? passing(groups) : judgeMixed(input, groups, mixed);
}

const passing = (groups: readonly BaseGroup[]): Verdict => ({
  status: 'Pass',
  message: `Each base runs in one generation (${count(groups.length, 'base')}).`,
  findings: [],
});

/** Versions bear no dates. How far one generation lags behind another shows in the fixes that it lacks. */
function judgeMixed(
  input: EvaluationInput,
  groups: readonly BaseGroup[],
  mixed: readonly BaseGroup[],
): Verdict {
  const scans = coverRunning(input, input.snapshot.vulnerabilityScans);
  if (isVerdict(scans)) return scans;
  const ours = new Set(
    mixed.flatMap(({ generations }) =>
      generations.flatMap(({ members }) => members.map(({ running }) => running)),
    ),
  );
  const concerned = scans.filter(({ running }) => ours.has(running));
  const gaps = judgeGaps(concerned, 'vulnerability report', []);
  if (gaps !== undefined) return untilFirstChange(gaps, concerned);
  const { bySettings, inFiles } = hiddenFindings(input, concerned, {
    hides: 'hidesFixable',
    says: `${describe(mixed)} How far apart is not known, since the scanner's settings hide findings:`,
  });
  if (inFiles.length > 0) return untilFirstChange(judgeFiles(inFiles), concerned);
  if (bySettings !== undefined)
    return untilFirstChange(unknown(bySettings.reason, bySettings.message), concerned);
  const { lags, next } = lagsOf(mixed, concerned, input);
  const verdict = lags.length === 0 ? within(groups, mixed) : lagging(mixed, lags);
  const timed = untilFirstChange(verdict, concerned);
  const until = soonest(timed.validUntil, next);
  return until === undefined ? timed : { ...timed, validUntil: until };
}

const describe = (mixed: readonly BaseGroup[]): string =>
  `${count(mixed.length, 'base')} ${mixed.length === 1 ? 'runs' : 'run'} in several generations.`;

const within = (groups: readonly BaseGroup[], mixed: readonly BaseGroup[]): Verdict => ({
  status: 'Pass',
  message: `${mixed.length} of ${count(groups.length, 'base')} ${mixed.length === 1 ? 'runs' : 'run'} in several generations, none behind another by more than images.baseLag.`,
  findings: [],
});

function lagging(mixed: readonly BaseGroup[], lags: readonly Lag[]): Verdict {
  const findings = lags.flatMap(({ base, generation, message }) => findingsOf(base, generation, message));
  const behind = new Set(lags.map(({ generation }) => generation)).size;
  return {
    status: 'Warn',
    reason: 'BaseLags',
    message: `${describe(mixed)} ${count(behind, 'generation')} ${behind === 1 ? 'is' : 'are'} behind another by more than images.baseLag.`,
    findings: sortFindings(findings),
  };
}

const findingsOf = (base: string, { members }: Generation, message: string): readonly Finding[] =>
  members.map((member) => sbomFinding(member, `Its ${base} ${message}`, member.found[0]?.report));

const control: BaseControl = {
  id: 'RD-5.H.2.3',
  title: 'Base updates have rippled to all images',
  requirement: '§5: ensure that updates of the base image ripple to all images that are built on it',
  severity: 'low',
  scope: 'namespace',
  rationale:
    'A base that is mended helps nobody who is not rebuilt on it. Old and new generations side by side show which builds nobody has triggered.',
  rule:
    'Images are grouped by the base that they state (annotation plumbline.dev/base-image, or the label org.opencontainers.image.base.name in the SBOM), with its digest or tag for the generation; else by the line of the operating system in the SBOM, with the release and the versions of C library, OpenSSL and base files for the generation. ' +
    'Pass: one generation in each group, or none that lags. Warn (BaseLags): of several generations one lacks a fix in these packages that another has, public for longer than images.baseLag. ' +
    'Unknown (NoEvidence): neither base nor operating system of an image is known. NotApplicable (OneImage): the namespace runs fewer than two images. ' +
    `${sbomRule} Where a group has several generations, Unknown also where a container of it has no current vulnerability report (as RD-2.4.1), or the scanner hides what has a fix, or may.`,
  notes: [
    'No version says when it was made. So the distance of two generations is measured by their vulnerability reports: a fix that one has and the other lacks, and the day on which the vulnerability became public. Generations that differ in no such fix pass.',
    'An image without an operating system has no base that could lag.',
    ...sbomNotes,
  ],
  remediation: 'Let a new base image trigger the builds of all images that stand on it, and roll them out.',
  evidence: ['workloads', 'sbomreports', 'vulnerabilityreports'],
  alsoReads: ['scannersettings'],
  parameters: [
    'images.baseLag',
    'vulnerabilities.reportMaxAge',
    'vulnerabilities.rescanGrace',
    'vulnerabilities.scannerNamespace',
    'platform.maxClockSkew',
  ],
  verdicts: ['Pass', 'Warn', 'Unknown', 'NotApplicable'],
  references: { nist80053: ['CM-2', 'SI-2(2)'], nist800190: ['4.1.2', '4.2.2'] },
  evaluate,
};
export default control;
