import type { EvaluationInput } from '../../domain/control.ts';
import type { VulnerabilityScan } from '../../domain/scan-report.ts';
import type { AnyFinding } from '../../domain/untold.ts';
import { withUntold } from '../../domain/untold.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { pass, soonest, unknown } from '../../domain/verdict.ts';
import type { Vulnerability } from '../../domain/vulnerability.ts';
import type { Hides } from './hidden-findings.ts';
import { hiddenFindings, hidingSettings, knownSettings } from './hidden-findings.ts';
import type { Coverage } from './scan-coverage.ts';
import { gapFinding } from './scan-coverage.ts';
import type { Gap } from './scan-gap.ts';
import { worstReason } from './scan-gap.ts';
import {
  absenceHints,
  countContainers,
  coverRunning,
  describeGaps,
  isVerdict,
  firstChange,
} from './scan-verdict.ts';
import { sortFindings } from './findings.ts';
import type { Course, Grade } from './vulnerability-course.ts';
import { nextChange } from './vulnerability-course.ts';
import type { Entry, Graded } from './vulnerability-entries.ts';
import { gradeAll, mergeLists } from './vulnerability-entries.ts';

/** What sets one control on vulnerabilities apart from another. */
export interface VulnerabilityRule {
  /** Empty for a vulnerability that it does not speak of. */
  readonly courseOf: (vulnerability: Vulnerability) => Course<Vulnerability>;
  /** What it looks for, and the scanner's settings may hide. */
  readonly hides: Hides;
  /** Why something beside the reports that it needs is not known. */
  readonly unread?: Gap;
  /** Why a current report does not tell all that it asks; undefined when it does. */
  readonly gapOf: (scan: VulnerabilityScan) => Gap | undefined;
  /** Why a report may leave out what it asks, so that another one must tell it. */
  readonly mayHide: (scan: VulnerabilityScan) => Gap | undefined;
  /** `12 vulnerabilities` and what they do: the verdict's message, as a clause. */
  readonly fails: (entries: readonly Entry[]) => string;
  readonly warns: (entries: readonly Entry[]) => { readonly reason: string; readonly message: string };
  readonly passes: string;
}

const noun = 'vulnerability report';

/** Vulnerabilities of the images that run, each once however many containers have it, by a rule. */
export function judgeVulnerabilities(input: EvaluationInput, rule: VulnerabilityRule): Verdict {
  const all = coverRunning(input, input.snapshot.vulnerabilityScans);
  if (isVerdict(all)) return all;
  const { graded, courses } = gradeAll(mergeLists(all), rule.courseOf, input.now);
  const { findings = [], decides, ...verdict } = decide(input, rule, all, graded);
  const until = soonest(firstChange(all), nextOfAll(courses, input.now, decides));
  return withUntold({ ...verdict, ...(until === undefined ? {} : { validUntil: until }) }, findings);
}

interface Decision extends Pick<Verdict, 'status' | 'reason' | 'message'> {
  readonly findings?: readonly AnyFinding[];
  /** The grades whose coming or going would change it. */
  readonly decides: readonly Grade[];
}

function decide(
  input: EvaluationInput,
  rule: VulnerabilityRule,
  all: readonly Coverage<VulnerabilityScan>[],
  { fail: failing, open, warn: warning }: Graded,
): Decision {
  if (failing.length > 0) {
    const gap = all.some((each) => each.gap !== undefined) ? ` ${describeGaps(all, noun)}` : '';
    return { status: 'Fail', message: rule.fails(failing) + gap, findings: failing, decides: ['fail'] };
  }
  const decides: readonly Grade[] = ['fail', 'open'];
  const { settings } = knownSettings(input);
  const { hides, mayHide, gapOf, unread } = rule;
  const hidden = hiddenFindings(input, all, { hides, gapOf: mayHide, says: hidingSettings(noun) });
  const missing = all.filter(({ gap }) => gap !== undefined);
  const partial = [...hidden.inFiles, ...partialOf(all, gapOf)];
  const untold = judgeOpen(missing, partial, open, absenceHints(settings, 'vulnerability'), all);
  if (untold !== undefined) return { ...untold, decides };
  if (unread !== undefined) return { ...unknown(unread.reason, unread.message), decides };
  const { bySettings } = hidden;
  if (bySettings !== undefined) return { ...unknown(bySettings.reason, bySettings.message), decides };
  const every: readonly Grade[] = ['fail', 'open', 'warn'];
  if (warning.length > 0)
    return { status: 'Warn', ...rule.warns(warning), findings: warning, decides: every };
  return { ...pass([rule.passes, ...(settings?.narrows ?? [])].join(' ')), decides: every };
}

/** Containers of which a current report does not tell all, with why. */
const partialOf = (
  all: readonly Coverage<VulnerabilityScan>[],
  gapOf: VulnerabilityRule['gapOf'],
): readonly Coverage<VulnerabilityScan>[] =>
  all.flatMap((each) => {
    const gap = each.current.map(gapOf).find((found) => found !== undefined);
    return gap === undefined ? [] : [{ running: each.running, current: [], gap }];
  });

/** Unknown where a container has no current report, or one that does not tell all. */
function judgeOpen(
  missing: readonly Coverage<VulnerabilityScan>[],
  partial: readonly Coverage<VulnerabilityScan>[],
  open: readonly Entry[],
  hints: readonly string[],
  all: readonly Coverage<VulnerabilityScan>[],
): Omit<Decision, 'decides'> | undefined {
  if (missing.length + partial.length + open.length === 0) return undefined;
  const gaps = [...missing, ...partial].flatMap(({ gap }) => gap ?? []);
  const reasons = open.map(
    ({ step }) => ({ reason: step.reason ?? 'EvaluationError', message: '' }) as const,
  );
  const parts = [
    ...(missing.length === 0 ? [] : [describeGaps(all, noun), ...hints]),
    ...(partial.length === 0 ? [] : [`The reports of ${countOf(partial)} do not tell everything.`]),
    ...(open.length === 0 ? [] : [`${vulnerabilities(open.length)} cannot be judged.`]),
  ];
  const findings = [...missing, ...partial].map(gapFinding);
  return {
    ...unknown(worstReason([...gaps, ...reasons]), parts.join(' ')),
    findings: [...sortFindings(findings), ...open],
  };
}

const countOf = (all: readonly Coverage<VulnerabilityScan>[]): string => containers(countContainers(all));

export const containers = (n: number): string => `${n} container${n === 1 ? '' : 's'}`;

export const vulnerabilities = (n: number): string => `${n} ${n === 1 ? 'vulnerability' : 'vulnerabilities'}`;

/** The first moment at which a vulnerability comes to a grade that decides, or leaves one. */
function nextOfAll(
  courses: readonly Course<Vulnerability>[],
  now: number,
  decides: readonly Grade[],
): number | undefined {
  let next: number | undefined;
  for (const course of courses) next = soonest(next, nextChange(course, now, decides));
  return next;
}
