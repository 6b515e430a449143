import { cleanText, shorten } from '../base/clean-text.ts';
import { compareText } from '../domain/compare-text.ts';
import type { AnyFinding } from '../domain/untold.ts';
import { findingsOf, isUntold, told } from '../domain/untold.ts';
import type { Finding, Severity, Subject, Verdict } from '../domain/verdict.ts';
import { severities } from '../domain/verdict.ts';
import type { ControlResult } from './report.ts';

export type ListedFinding = ControlResult['findings'][number];

/** Characters of one string, as the schema has it; and what is left of one where findings must be short. */
export const [longest, short] = [512, 128] as const;

/** A finding as a report lists it, and the bytes that it takes there, with a comma. */
export interface Sized {
  readonly finding: ListedFinding;
  readonly bytes: number;
}

/**
 * The findings of one verdict in the order of a report. They are sorted, told, made fit to be read and measured only as
 * far as somebody asks: a report lists the first hundreds of what may be tens of thousands.
 */
export class FindingList {
  readonly total: number;
  /** By severity; where a finding says none, the control's. */
  readonly counts: Readonly<Record<Severity, number>>;
  readonly #left: Record<Severity, AnyFinding[]>;
  /** What was sorted already, worst first. */
  readonly #sorted: AnyFinding[] = [];
  readonly #whole: Sized[] = [];
  readonly #short: Sized[] = [];
  readonly #verdict: Verdict;
  #subjects: ReadonlySet<string> | undefined;

  constructor(verdict: Verdict, inherited: Severity) {
    this.#verdict = verdict;
    const all = findingsOf(verdict);
    this.#left = { critical: [], high: [], medium: [], low: [] };
    for (const finding of all) this.#left[finding.severity ?? inherited].push(finding);
    this.total = all.length;
    const { critical, high, medium, low } = this.#left;
    this.counts = { critical: critical.length, high: high.length, medium: medium.length, low: low.length };
  }

  severityAt(index: number): Severity | undefined {
    let before = 0;
    return severities.find((severity) => index < (before += this.counts[severity]));
  }

  /** @param isShort with strings of `short` characters instead of `longest` */
  at(index: number, isShort: boolean): Sized | undefined {
    if (index >= this.total) return undefined;
    while (this.#whole.length <= index) this.#whole.push(this.#make(this.#whole.length));
    const whole = this.#whole[index];
    if (!isShort || whole === undefined) return whole;
    return (this.#short[index] ??= sized(mapTexts(whole.finding, (text) => shorten(text, short))));
  }

  all(): ListedFinding[] {
    return Array.from({ length: this.total }, (_, index) => this.at(index, false)?.finding ?? nothing);
  }

  /** `kind/name` of everything that a finding is about. */
  get subjects(): ReadonlySet<string> {
    return (this.#subjects ??= subjectsOf(findingsOf(this.#verdict)));
  }

  #make(index: number): Sized {
    for (const severity of severities) {
      if (this.#sorted.length > index) break;
      this.#sorted.push(...this.#left[severity].splice(0).sort(compare));
    }
    const found = this.#sorted[index];
    return sized(found === undefined ? nothing : mapTexts(told(found), (text) => cleanText(text, longest)));
  }
}

const nothing: ListedFinding = { subject: { kind: '', name: '' }, message: '' };

const sized = (finding: ListedFinding): Sized => ({
  finding,
  bytes: Buffer.byteLength(JSON.stringify(finding)) + 1,
});

/** Every field counts, so that the order in which a control found things never shows. */
function compare(a: AnyFinding, b: AnyFinding): number {
  return (
    compareText(a.subject.kind, b.subject.kind) ||
    compareText(a.subject.name, b.subject.name) ||
    compareText(a.subject.container, b.subject.container) ||
    compareText(a.ref, b.ref) ||
    compareTold(told(a), told(b))
  );
}

const compareTold = (a: Finding, b: Finding): number =>
  compareText(a.path, b.path) ||
  compareText(a.message, b.message) ||
  compareText(a.observed, b.observed) ||
  compareText(a.example, b.example);

function mapTexts(finding: Omit<Finding, 'also'>, cut: (text: string) => string): ListedFinding {
  const { subject, example, path, observed, message, severity, ref } = finding;
  return {
    subject: {
      kind: cut(subject.kind),
      name: cut(subject.name),
      ...(subject.container === undefined ? {} : { container: cut(subject.container) }),
    },
    ...(example === undefined ? {} : { example: cut(example) }),
    ...(path === undefined ? {} : { path: cut(path) }),
    ...(observed === undefined ? {} : { observed: cut(observed) }),
    message: cut(message),
    ...(severity === undefined ? {} : { severity }),
    ...(ref === undefined ? {} : { ref: cut(ref) }),
  };
}

function subjectsOf(findings: readonly AnyFinding[]): ReadonlySet<string> {
  const seen = new Set<Subject | readonly Subject[]>();
  const keys = new Set<string>();
  const add = (subject: Subject) => {
    if (seen.has(subject)) return;
    seen.add(subject);
    keys.add(`${subject.kind}/${subject.name}`);
  };
  for (const finding of findings) {
    add(finding.subject);
    const others = isUntold(finding) ? finding.subjects : finding.also;
    // Thousands of findings may share the list of all that show them.
    if (others === undefined || seen.has(others)) continue;
    seen.add(others);
    for (const each of others) add(each);
  }
  return keys;
}

const lists = new WeakMap<Verdict, Partial<Record<Severity, FindingList>>>();

/** The same list for the same verdict, as far as it was worked out. */
export function findingListOf(verdict: Verdict, inherited: Severity): FindingList {
  const known = lists.get(verdict) ?? {};
  lists.set(verdict, known);
  return (known[inherited] ??= new FindingList(verdict, inherited));
}
