import type { Finding } from '../domain/verdict.ts';
import { compareSeverity } from '../domain/verdict.ts';
import type { ControlResult } from './report.ts';

/** Compact JSON of a whole status stays under this, far below what etcd takes. */
export const statusBudgetBytes = 200 * 1024;

const longest = 512;
const shrunk = 128;

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
  const cut = controls.map((control) => cutStrings(control, longest));
  for (const [list, guaranteed] of [
    [cut, 3],
    [controls.map((control) => cutStrings(control, shrunk)), 3],
    [controls.map((control) => cutStrings(control, shrunk)), 2],
    [controls.map((control) => cutStrings(control, shrunk)), 1],
  ] as const) {
    const fitted = fit(list, guaranteed, statusBudgetBytes - spent);
    if (fitted !== undefined) return fitted;
  }
  return listed(
    cut,
    cut.map(() => 0),
  );
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

function cutStrings(control: ControlResult, length: number): ControlResult {
  return {
    ...control,
    message: cutText(control.message, length),
    findings: control.findings.map((finding) => ({
      ...finding,
      ...(finding.path === undefined ? {} : { path: cutText(finding.path, length) }),
      ...(finding.observed === undefined ? {} : { observed: cutText(finding.observed, length) }),
      ...(finding.ref === undefined ? {} : { ref: cutText(finding.ref, length) }),
      message: cutText(finding.message, length),
    })),
  };
}

/** Control characters go; what is too long ends in an ellipsis, never in half a surrogate pair. */
export function cutText(text: string, length: number): string {
  // oxlint-disable-next-line no-control-regex -- free text from a cluster may hold terminal escapes
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
  if (clean.length <= length) return clean;
  return `${clean.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
