import { cleanText, shorten } from '../base/clean-text.ts';
import { InvariantError } from '../base/invariant.ts';
import type { Finding } from '../domain/verdict.ts';
import { compareSeverity } from '../domain/verdict.ts';
import type { ControlResult } from './report.ts';

/** Compact JSON of a whole status stays under this, far below what etcd takes. */
export const statusBudgetBytes = 200 * 1024;

/** Characters of one string, as the schema has it. */
const longest = 512;

/** More findings than fit: none of them is shorter than 50 bytes. */
const mostFindings = 4096;

/** Length of the strings, and findings of each failing control that are kept before any other; in the order of trial. */
const steps = [
  [longest, 3],
  [128, 3],
  [128, 2],
  [128, 1],
  [128, 0],
] as const;

export interface Bounded {
  readonly controls: ControlResult[];
  /** Findings that exist and are not listed. */
  readonly omitted: number;
}

const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value)) + 1;

/**
 * Cuts findings until all fits: the first three of every failing control are kept, then the rest by severity, control
 * and subject. Should those three alone not fit, strings shrink, then there are two, then one.
 * @param controls worst first, with all their findings in order
 * @param spent bytes that the rest of the status needs
 */
export function boundControls(controls: readonly ControlResult[], spent: number): Bounded {
  const listable = controls.map((control) =>
    cutStrings({ ...control, findings: control.findings.slice(0, mostFindings) }),
  );
  for (const [length, guaranteed] of steps) {
    const cut =
      length === longest
        ? listable
        : listable.map((control) => mapTexts(control, (text) => shorten(text, length)));
    const fitted = fit(cut, guaranteed, statusBudgetBytes - spent);
    if (fitted !== undefined) return fitted;
  }
  throw new InvariantError(`${controls.length} controls do not fit into a status, even without findings`);
}

function fit(controls: readonly ControlResult[], guaranteed: number, budget: number): Bounded | undefined {
  const kept = controls.map((control) =>
    control.status === 'Fail' ? Math.min(guaranteed, control.findings.length) : 0,
  );
  let left = budget;
  controls.forEach((control, index) => {
    left -= bytes({ ...control, findings: control.findings.slice(0, kept[index]) });
  });
  if (left < 0) return undefined;
  const rest = controls
    .flatMap((control, index) =>
      control.findings.slice(kept[index]).map((finding) => ({ finding, control, index })),
    )
    .sort((a, b) => compareSeverity(severityOf(a), severityOf(b)) || a.index - b.index);
  const full = new Set<number>();
  for (const { finding, index } of rest) {
    // A control's findings stay a prefix of its order, so the first that does not fit ends its list.
    if (full.has(index)) continue;
    const size = bytes(finding);
    if (size > left) {
      full.add(index);
    } else {
      left -= size;
      kept[index] = (kept[index] ?? 0) + 1;
    }
  }
  return listed(controls, kept);
}

function listed(controls: readonly ControlResult[], kept: readonly number[]): Bounded {
  const bounded = controls.map((control, index) => ({
    ...control,
    findings: control.findings.slice(0, kept[index]),
  }));
  const omitted = bounded.reduce((sum, control) => sum + control.findingsTotal - control.findings.length, 0);
  return { controls: bounded, omitted };
}

const severityOf = ({ finding, control }: { finding: Finding; control: ControlResult }) =>
  finding.severity ?? control.severity;

/** The same control without what a terminal might act on, and without strings that the schema refuses. */
export const cutStrings = (control: ControlResult): ControlResult =>
  mapTexts(control, (text) => cleanText(text, longest));

function mapTexts(control: ControlResult, cut: (text: string) => string): ControlResult {
  return {
    ...control,
    message: cut(control.message),
    findings: control.findings.map(({ subject, example, path, observed, message, ref, ...finding }) => ({
      subject: {
        kind: cut(subject.kind),
        name: cut(subject.name),
        ...(subject.container === undefined ? {} : { container: cut(subject.container) }),
      },
      ...(example === undefined ? {} : { example: cut(example) }),
      ...(path === undefined ? {} : { path: cut(path) }),
      ...(observed === undefined ? {} : { observed: cut(observed) }),
      message: cut(message),
      ...finding,
      ...(ref === undefined ? {} : { ref: cut(ref) }),
    })),
  };
}
