import type { EvaluationInput } from '../../domain/control.ts';
import type { Snapshot } from '../../domain/snapshot.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { notApplicable, unknown } from '../../domain/verdict.ts';
import type { Workload } from '../../domain/workload.ts';
import { count, someOf, sortFindings } from './findings.ts';
import type { JudgedWorkload } from './judge-workload.ts';
import { judgeWorkload } from './judge-workload.ts';
import type { Issue, SpecCheck } from './spec-check.ts';
import { contextOf, examiner } from './spec-check.ts';

/** How a control speaks of its subjects. */
export interface SpecTexts {
  /** What an offender does, after "1 of 5 workloads": "runs privileged containers". */
  readonly one: string;
  /** After "2 of 5 workloads": "run privileged containers". */
  readonly many: string;
  /** What holds when nobody does: "No container is privileged". */
  readonly pass: string;
  /** The same as `one` and `many`, for what only warns. */
  readonly warn?: { readonly one: string; readonly many: string };
}

/** The part of `rule` that all controls about pod specifications share. */
export const commonRule =
  'Live pods decide, on the specification that was admitted; without live pods the template does. ' +
  'Warn (CompliantByMutation): the live pods comply, their template does not. ' +
  'NotApplicable (NoWorkloads): the namespace runs none. Unknown: the workloads could not be read.';

/**
 * The workloads that a rule about pod specifications speaks of: those with live pods or a template. A pod that
 * Succeeded or Failed is none, and neither is an owner of which nothing but its name is known.
 */
export const specSubjects = (workloads: readonly Workload[]): readonly Workload[] =>
  workloads.filter(({ pods, template }) => pods.length > 0 || template !== undefined);

export const noWorkloads = ({ namespace }: Snapshot): Verdict =>
  notApplicable('NoWorkloads', `Namespace ${namespace.name} runs no workloads.`);

/**
 * The verdict of a rule about pod specifications on all workloads of the namespace.
 * @param own what the rule says of an owner itself
 */
export function judgeSpecs(
  input: EvaluationInput,
  check: SpecCheck,
  texts: SpecTexts,
  own: (workload: Workload) => readonly Issue[] = () => [],
): Verdict {
  const { workloads } = input.snapshot;
  if (!workloads.available) return unknown(workloads.reason, workloads.message);
  const subjects = specSubjects(workloads.items);
  if (subjects.length === 0) return noWorkloads(input.snapshot);
  const examine = examiner(check, contextOf(input));
  return summarise(
    subjects.map((workload) => judgeWorkload(workload, examine, own(workload))),
    texts,
  );
}

function summarise(all: readonly JudgedWorkload[], texts: SpecTexts): Verdict {
  const exempt = all.filter(({ status }) => status === 'Exempt');
  const total = all.length - exempt.length;
  const aside = describeExempt(exempt, all.length);
  if (total === 0)
    return notApplicable(leastOf(exempt.map(({ exemption }) => exemption?.reason)) ?? 'Exempt', aside.trim());

  const failing = all.filter(({ status }) => status === 'Fail');
  if (failing.length > 0) {
    const message = `${someOf(failing.length, total, texts.one, texts.many)}.${aside}`;
    return { status: 'Fail', message, findings: findingsOf(failing) };
  }
  const tail = describeNotes(all) + aside;
  const warning = all.filter(({ status }) => status === 'Warn');
  if (warning.length > 0) {
    // Reliance on mutation goes first: it is about all that the rule says.
    const mutated = warning.filter(({ byMutation }) => byMutation);
    const reason = leastOf((mutated.length > 0 ? mutated : warning).map((one) => one.reason));
    return {
      status: 'Warn',
      ...(reason === undefined ? {} : { reason }),
      message: describeWarnings(warning, total, texts) + tail,
      findings: findingsOf(warning),
    };
  }
  const reason = leastOf(all.flatMap(({ notes }) => notes.map((note) => note.reason)));
  return {
    status: 'Pass',
    ...(reason === undefined ? {} : { reason }),
    message: `${texts.pass} (${count(total, 'workload')}).${tail}`,
    findings: [],
  };
}

const findingsOf = (judged: readonly JudgedWorkload[]) =>
  sortFindings(judged.flatMap(({ findings }) => findings));

function describeWarnings(warning: readonly JudgedWorkload[], total: number, texts: SpecTexts): string {
  const mutated = warning.filter(({ byMutation }) => byMutation).length;
  const others = warning.length - mutated;
  const sentences = [];
  if (mutated > 0) {
    const one = `complies only in its live pods: its template ${texts.one}`;
    const many = `comply only in their live pods: their templates ${texts.many}`;
    sentences.push(`${someOf(mutated, total, one, many)}.`);
  }
  if (others > 0) sentences.push(`${someOf(others, total, texts.warn?.one ?? '', texts.warn?.many ?? '')}.`);
  return sentences.join(' ');
}

function describeExempt(exempt: readonly JudgedWorkload[], total: number): string {
  const tally = tallyOf(exempt.map(({ exemption }) => [exemption?.exempt ?? '']));
  return tally.map(([why, n]) => ` Not judged: ${n} of ${count(total, 'workload')}, since ${why}.`).join('');
}

function describeNotes(all: readonly JudgedWorkload[]): string {
  const noted = all.filter(({ notes }) => notes.length > 0);
  if (noted.length === 0) return '';
  const tally = tallyOf(noted.map(({ notes }) => notes.map(({ message }) => message)));
  return ` Noted: ${tally.map(([what, n]) => `${what} in ${count(n, 'workload')}`).join('; ')}.`;
}

/** In how many workloads each phrase occurs, sorted by phrase. */
function tallyOf(phrases: readonly (readonly string[])[]): readonly (readonly [string, number])[] {
  const tally = new Map<string, number>();
  for (const phrase of phrases.flatMap((of) => [...new Set(of)]))
    tally.set(phrase, (tally.get(phrase) ?? 0) + 1);
  return [...tally].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Of several reasons the first by alphabet, so that the order of the workloads does not matter. */
const leastOf = (reasons: readonly (string | undefined)[]): string | undefined =>
  reasons.filter((reason) => reason !== undefined).toSorted()[0];
