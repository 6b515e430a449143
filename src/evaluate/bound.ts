import { shorten } from '../base/clean-text.ts';
import { InvariantError } from '../base/invariant.ts';
import { severities } from '../domain/verdict.ts';
import type { FindingList, Sized } from './finding-list.ts';
import { short } from './finding-list.ts';
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

const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value)) + 1;

/** With all findings, where nothing bounds them. */
export const listAll = ({ result, findings }: Listable): ControlResult => rowOf(result, findings.all());

/**
 * Cuts findings until all fits: the first three of every failing control are kept, then the rest by severity, control
 * and subject. Should those three alone not fit, strings shrink, then there are two, then one.
 * @param controls worst first
 * @param spent bytes that the rest of the status needs
 */
export function boundControls(controls: readonly Listable[], spent: number): Bounded {
  for (const [isShort, guaranteed] of steps) {
    const cut = isShort ? controls.map(withShortMessage) : controls;
    const fitted = fit(cut, isShort, guaranteed, statusBudgetBytes - spent);
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
  const rows = controls.map(({ result, findings }) => {
    const kept: Sized[] = [];
    for (let index = 0; index < guaranteed && result.status === 'Fail'; index++) {
      const sized = findings.at(index, isShort);
      if (sized !== undefined) kept.push(sized);
    }
    return { result, findings, kept, full: false };
  });
  // Each is measured with a comma, and the last of a list has none.
  let left = rows.reduce(
    (rest, { result, kept }) =>
      kept.reduce((less, each) => less - each.bytes, rest - bytes(rowOf(result, []))) +
      (kept.length > 0 ? 1 : 0),
    budget,
  );
  if (left < 0) return undefined;
  for (const severity of severities) {
    for (const row of rows) {
      const { findings, kept } = row;
      // A control's findings stay a prefix of its order, so the first that does not fit ends its list.
      while (!row.full && findings.severityAt(kept.length) === severity) {
        const next = findings.at(kept.length, isShort);
        if (next === undefined || next.bytes > left) {
          row.full = true;
        } else {
          left -= next.bytes;
          kept.push(next);
        }
      }
    }
  }
  return {
    controls: rows.map(({ result, kept }) =>
      rowOf(
        result,
        kept.map(({ finding }) => finding),
      ),
    ),
    omitted: rows.reduce((sum, { findings, kept }) => sum + findings.total - kept.length, 0),
  };
}

/** The fields in the order that they always had: equal reports are equal bytes. */
function rowOf(result: Listable['result'], findings: ControlResult['findings']): ControlResult {
  const { lastTransitionTime, ...rest } = result;
  return { ...rest, findings, lastTransitionTime };
}
