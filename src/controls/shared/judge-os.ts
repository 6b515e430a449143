import type { EvaluationInput } from '../../domain/control.ts';
import type { VulnerabilityScan } from '../../domain/scan-report.ts';
import type { Finding, Verdict } from '../../domain/verdict.ts';
import { soonest, unknown } from '../../domain/verdict.ts';
import { sortFindings } from './findings.ts';
import { knownSettings } from './hidden-findings.ts';
import type { Coverage } from './scan-coverage.ts';
import { gapFinding, subjectOf } from './scan-coverage.ts';
import type { Gap } from './scan-gap.ts';
import { worstReason } from './scan-gap.ts';
import {
  absenceHints,
  countContainers,
  coverRunning,
  describeGaps,
  isVerdict,
  untilFirstChange,
} from './scan-verdict.ts';
import type { Course, Grade, Step } from './vulnerability-course.ts';
import { nextChange, stepAt } from './vulnerability-course.ts';

const noun = 'vulnerability report';

/** What sets one control on the operating systems of images apart from another. */
export interface OsRule {
  readonly courseOf: (scan: VulnerabilityScan) => Course<VulnerabilityScan>;
  /** The verdict's message, a sentence. @param some such as "2 of 5 containers run an image" */
  readonly says: (grade: 'fail' | 'warn' | 'open', some: string) => string;
  /** Of a Warn. */
  readonly reason: string;
  readonly passes: (total: string) => string;
}

interface Judged {
  readonly coverage: Coverage<VulnerabilityScan>;
  /** Of the report that says the worst; absent where there is none. */
  readonly scan?: VulnerabilityScan;
  readonly step?: Step<VulnerabilityScan> | undefined;
  readonly courses: readonly Course<VulnerabilityScan>[];
}

const rank: readonly (Grade | undefined)[] = ['fail', 'open', 'warn', 'none', undefined];

/** The operating system of every image that runs, by a rule. */
export function judgeOperatingSystems(input: EvaluationInput, rule: OsRule): Verdict {
  const all = coverRunning(input, input.snapshot.vulnerabilityScans);
  if (isVerdict(all)) return all;
  const judged = all.map((coverage) => judge(coverage, rule, input.now));
  const { verdict, decides } = decide(input, rule, judged);
  const timed = untilFirstChange(verdict, all);
  const until = judged
    .flatMap(({ courses }) => courses)
    .map((course) => nextChange(course, input.now, decides))
    .reduce<number | undefined>(soonest, timed.validUntil);
  return until === undefined ? timed : { ...timed, validUntil: until };
}

/** Several reports may see one image, of two scanners or by two names. To lose one of them must not make it worse. */
function judge(coverage: Coverage<VulnerabilityScan>, rule: OsRule, now: number): Judged {
  const found = coverage.current.map((scan) => {
    const course = rule.courseOf(scan);
    return { scan, course, step: stepAt(course, now) };
  });
  const [worst] = found.toSorted((a, b) => rank.indexOf(a.step?.grade) - rank.indexOf(b.step?.grade));
  const courses = found.map(({ course }) => course);
  return worst === undefined
    ? { coverage, courses }
    : { coverage, courses, scan: worst.scan, step: worst.step };
}

function decide(
  input: EvaluationInput,
  rule: OsRule,
  judged: readonly Judged[],
): { readonly verdict: Verdict; readonly decides: readonly Grade[] } {
  const of = (grade: Grade) => judged.filter(({ step }) => step?.grade === grade);
  const all = judged.map(({ coverage }) => coverage);
  const some = (found: readonly Judged[]) =>
    someOf(
      found.map(({ coverage }) => coverage),
      all,
    );
  const missing = all.filter(({ gap }) => gap !== undefined);
  const failing = of('fail');
  if (failing.length > 0) {
    const gap = missing.length > 0 ? ` ${describeGaps(all, noun)}` : '';
    const message = rule.says('fail', some(failing)) + gap;
    return { verdict: { status: 'Fail', message, findings: findingsOf(failing) }, decides: ['fail'] };
  }
  const open = of('open');
  if (missing.length + open.length > 0) {
    const reasons = open.map(({ step }) => ({ reason: step?.reason ?? 'NoEvidence', message: '' }) as const);
    const gaps: readonly Gap[] = [...missing.flatMap(({ gap }) => gap ?? []), ...reasons];
    const hints = absenceHints(knownSettings(input).settings, 'vulnerability');
    const message = [
      ...(missing.length > 0 ? [describeGaps(all, noun), ...hints] : []),
      ...(open.length > 0 ? [rule.says('open', some(open))] : []),
    ].join(' ');
    const findings = sortFindings([...missing.map(gapFinding), ...findingsOf(open)]);
    return { verdict: unknown(worstReason(gaps), message, findings), decides: ['fail', 'open'] };
  }
  const every: readonly Grade[] = ['fail', 'open', 'warn'];
  const warning = of('warn');
  if (warning.length > 0) {
    const message = rule.says('warn', some(warning));
    const verdict: Verdict = { status: 'Warn', reason: rule.reason, message, findings: findingsOf(warning) };
    return { verdict, decides: every };
  }
  const passes: Verdict = { status: 'Pass', message: rule.passes(countOf(all)), findings: [] };
  return { verdict: passes, decides: every };
}

const findingsOf = (judged: readonly Judged[]): readonly Finding[] =>
  sortFindings(
    judged.map(({ coverage: { running }, scan, step }) => ({
      subject: subjectOf(running),
      ...(running.example === undefined ? {} : { example: running.example }),
      observed: running.image,
      message: scan === undefined ? '' : (step?.message(scan) ?? ''),
      ...(scan === undefined ? {} : { ref: scan.name }),
    })),
  );

function countOf(all: readonly Coverage<VulnerabilityScan>[]): string {
  const total = countContainers(all);
  return `${total} container${total === 1 ? '' : 's'}`;
}

function someOf(
  found: readonly Coverage<VulnerabilityScan>[],
  all: readonly Coverage<VulnerabilityScan>[],
): string {
  const some = countContainers(found);
  return `${some} of ${countOf(all)} ${some === 1 ? 'runs' : 'run'} an image`;
}

/** `debian 12.9`, as far as it is known. */
export const nameOs = ({ os }: VulnerabilityScan): string => [os?.family, os?.release].join(' ').trim();
