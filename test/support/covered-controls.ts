import { expect } from 'chai';
import type { Control } from '../../src/domain/control.ts';
import type { Status } from '../../src/domain/verdict.ts';

const covered = new Set<string>();

/** The ids of the controls whose tests show every verdict that they may give, as far as test files were loaded. */
export const coveredControls: ReadonlySet<string> = covered;

/**
 * Declares the test that the cases of a control show every verdict that it may give, and no other. The test of the
 * catalogue holds that every control has it.
 * @param shown the statuses of all cases
 */
export function itShowsEveryVerdict(control: Control, shown: () => Iterable<Status>): void {
  covered.add(control.id);
  it('has a case for every verdict that it may give', () => {
    expect([...new Set(shown())]).to.have.members(control.verdicts);
  });
}
