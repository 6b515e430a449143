import { cleanText, shorten } from '../base/clean-text.ts';
import { Heap } from '../base/heap.ts';
import { compareText } from '../domain/compare-text.ts';
import type { AnyFinding } from '../domain/untold.ts';
import { findingsOf, isUntold, told } from '../domain/untold.ts';
import type { Finding, Severity, Subject, Verdict } from '../domain/verdict.ts';
import { severities } from '../domain/verdict.ts';
import type { ControlResult } from './report.ts';

export type ListedFinding = ControlResult['findings'][number];

/** Characters of one string, as the schema has it; and what is left of one where findings must be short. */
export const [longest, short] = [512, 128] as const;

/**
 * The findings of one verdict in the order of a report. They are sorted, told, made fit to be read and measured only as
 * far as somebody asks: a report lists the first hundreds of what may be tens of thousands.
 */
export class FindingList {
  readonly total: number;
  /** By severity; where a finding says none, the control's. */
  readonly counts: Readonly<Record<Severity, number>>;
  readonly #all: readonly AnyFinding[];
  readonly #inherited: Severity;
  /** Those of the severity that is being listed which are not yet. */
  #waiting: { readonly severity: Severity; readonly heap: Heap<AnyFinding> } | undefined;
  readonly #listed: ListedFinding[] = [];
  readonly #short: ListedFinding[] = [];
  readonly #bytes = { whole: [] as number[], short: [] as number[] };
  #subjects: ReadonlySet<string> | undefined;

  constructor(all: readonly AnyFinding[], inherited: Severity) {
    this.#all = all;
    this.#inherited = inherited;
    this.total = all.length;
    const counts = { critical: 0, high: 0, medium: 0, low: 0 };
    for (const { severity = inherited } of all) counts[severity]++;
    this.counts = counts;
  }

  severityAt(index: number): Severity | undefined {
    let before = 0;
    return severities.find((severity) => index < (before += this.counts[severity]));
  }

  at(index: number): ListedFinding | undefined {
    if (index >= this.total) return undefined;
    while (this.#listed.length <= index) {
      const severity = this.severityAt(this.#listed.length);
      const next = severity === undefined ? undefined : this.#next(severity);
      this.#listed.push(mapTexts(next === undefined ? nothing : told(next), clean));
    }
    return this.#listed[index];
  }

  /** The same with strings of `short` characters. */
  shortAt(index: number): ListedFinding | undefined {
    if (this.at(index) === undefined) return undefined;
    for (const listed of this.#listed.slice(this.#short.length, index + 1))
      this.#short.push(mapTexts(listed, (text) => shorten(text, short)));
    return this.#short[index];
  }

  /** Bytes that it takes in a report, with a comma. */
  bytesAt(index: number, isShort: boolean): number {
    const bytes = isShort ? this.#bytes.short : this.#bytes.whole;
    return (bytes[index] ??= jsonBytes(isShort ? this.shortAt(index) : this.at(index)) + 1);
  }

  first(count: number, isShort: boolean): ListedFinding[] {
    if (count > 0 && isShort) this.shortAt(count - 1);
    else if (count > 0) this.at(count - 1);
    return (isShort ? this.#short : this.#listed).slice(0, count);
  }

  /** `kind/name` of everything that a finding is about. */
  get subjects(): ReadonlySet<string> {
    return (this.#subjects ??= subjectsOf(this.#all));
  }

  /** The next of the severity that is being listed. */
  #next(severity: Severity): AnyFinding | undefined {
    if (this.#waiting?.severity !== severity) {
      const own = this.#all.filter((each) => (each.severity ?? this.#inherited) === severity);
      this.#waiting = { severity, heap: new Heap(own, compare) };
    }
    return this.#waiting.heap.take();
  }
}

export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

const nothing: ListedFinding = { subject: { kind: '', name: '' }, message: '' };

const clean = (text: string): string => cleanText(text, longest);

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

type Building<T> = { -readonly [P in keyof T]: T[P] };

/** Field by field, since spreading each that may be absent takes three times as long. */
function mapTexts(finding: Omit<Finding, 'also'>, cut: (text: string) => string): ListedFinding {
  const { example, path, observed, message, severity, ref } = finding;
  const { kind, name, container } = finding.subject;
  const subject: Building<Subject> = { kind: cut(kind), name: cut(name) };
  if (container !== undefined) subject.container = cut(container);
  const mapped: Partial<Building<ListedFinding>> = { subject };
  if (example !== undefined) mapped.example = cut(example);
  const place = path === undefined ? '' : placeIn(finding.subject, path);
  if (place !== '') mapped.path = cut(place);
  if (observed !== undefined) mapped.observed = cut(observed);
  const whole = Object.assign(mapped, { subject, message: cut(message) });
  if (severity !== undefined) whole.severity = severity;
  if (ref !== undefined) whole.ref = cut(ref);
  return whole;
}

const containerPath =
  /^(?:spec\.jobTemplate\.)?(?:spec\.template\.)?spec\.(?:c|initC|ephemeralC)ontainers\[\d+\](?:\.|$)/;

/** Where in the subject: the way to a container is not repeated, for its name is unique in its pod. */
const placeIn = ({ container }: Subject, path: string): string =>
  container === undefined ? path : path.replace(containerPath, '');

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

const none = new FindingList([], 'low');
const lists = new WeakMap<Verdict, Partial<Record<Severity, FindingList>>>();

/** The same list for the same verdict, as far as it was worked out. */
export function findingListOf(verdict: Verdict, inherited: Severity): FindingList {
  const all = findingsOf(verdict);
  if (all.length === 0) return none;
  const known = lists.get(verdict) ?? {};
  lists.set(verdict, known);
  return (known[inherited] ??= new FindingList(all, inherited));
}
