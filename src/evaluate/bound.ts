import { shorten } from '../base/clean-text.ts';
import { InvariantError } from '../base/invariant.ts';
import { severities } from '../domain/verdict.ts';
import type { FindingList, ListedFinding } from './finding-list.ts';
import { jsonBytes, short } from './finding-list.ts';
import type { ControlResult } from './report.ts';

/** Compact JSON of a whole status stays under this, far below what etcd takes. */
export const statusBudgetBytes = 200 * 1024;

/** Whether strings are cut short, and findings of each failing control that are kept before any other; in the order of trial. */
const steps = [
  [false, 3],
  [true, 3],
  [true, 2],
  [true, 1],
  [true, 0],
] as const;

/** A control's row of a report without its findings, and those. */
export interface Listable {
  readonly result: Omit<ControlResult, 'findings'>;
  readonly findings: FindingList;
}

export interface Bounded {
  readonly controls: ControlResult[];
  /** Findings that exist and are not listed. */
  readonly omitted: number;
}

/** With all findings, where nothing bounds them. */
export const listAll = ({ result, findings }: Listable): ControlResult =>
  rowOf(result, findings.first(findings.total, false));

/** With more it is not tried whether all fit: that would make all of them fit to be read. */
const mostAtOnce = 1_000;

/**
 * Cuts findings until all fits: the first three of every failing control are kept, then the rest by severity, control
 * and subject. Should those three alone not fit, strings shrink, then there are two, then one.
 * @param controls worst first
 * @param spent bytes that the rest of the status needs
 */
export function boundControls(controls: readonly Listable[], spent: number): Bounded {
  const budget = statusBudgetBytes - spent;
  const total = controls.reduce((sum, { findings }) => sum + findings.total, 0);
  if (total <= mostAtOnce) {
    // To measure all at once takes less than to measure each.
    const all = controls.map(listAll);
    if (jsonBytes(all) <= budget) return { controls: all, omitted: 0 };
  }
  for (const [isShort, guaranteed] of steps) {
    const cut = isShort ? controls.map(withShortMessage) : controls;
    const fitted = fit(cut, isShort, guaranteed, budget);
    if (fitted !== undefined) return fitted;
  }
  throw new InvariantError(`${controls.length} controls do not fit into a status, even without findings`);
}

const withShortMessage = ({ result, findings }: Listable): Listable => ({
  result: { ...result, message: shorten(result.message, short) },
  findings,
});

function fit(
  controls: readonly Listable[],
  isShort: boolean,
  guaranteed: number,
  budget: number,
): Bounded | undefined {
  const rows = controls.map(({ result, findings }) => ({
    result,
    findings,
    kept: result.status === 'Fail' ? Math.min(guaranteed, findings.total) : 0,
    full: false,
  }));
  let left = rows.reduce((rest, { result, findings, kept }) => {
    // Each is measured with a comma, and the last of a list has none.
    let bytes = jsonBytes(rowOf(result, [])) + 1 - (kept > 0 ? 1 : 0);
    for (let index = 0; index < kept; index++) bytes += findings.bytesAt(index, isShort);
    return rest - bytes;
  }, budget);
  if (left < 0) return undefined;
  for (const severity of severities) {
    for (const row of rows) {
      // A control's findings stay a prefix of its order, so the first that does not fit ends its list.
      while (!row.full && row.findings.severityAt(row.kept) === severity) {
        const bytes = row.findings.bytesAt(row.kept, isShort);
        row.full = bytes > left;
        if (row.full) break;
        left -= bytes;
        row.kept++;
      }
    }
  }
  return {
    controls: rows.map(({ result, findings, kept }) => rowOf(result, findings.first(kept, isShort))),
    omitted: rows.reduce((sum, { findings, kept }) => sum + findings.total - kept, 0),
  };
}

/** The fields in the order that they always had: equal reports are equal bytes. */
function rowOf(result: Listable['result'], findings: ListedFinding[]): ControlResult {
  const { lastTransitionTime, ...rest } = result;
  return { ...rest, findings, lastTransitionTime };
}
