import { expect } from 'chai';
import type { Control } from '../../src/domain/control.ts';
import { unknown } from '../../src/domain/verdict.ts';
import { now } from '../support/builders.ts';
import { controlThat, evaluateBy, finding, verdict } from '../support/judging.ts';

const passing = controlThat('RD-1.1', verdict('Pass'));
const stale = controlThat('RD-1.2', unknown('StaleEvidence', 'It is old.'));
/** More than a report holds. */
const many = controlThat(
  'RD-1.3',
  verdict('Fail', {
    findings: Array.from({ length: 3_000 }, (_, index) =>
      finding({ subject: { kind: 'Pod', name: `app-${index}` }, message: 'x'.repeat(200) }),
    ),
  }),
);

const shown = (controls: readonly Control[], options: Parameters<typeof evaluateBy>[1] = {}) =>
  evaluateBy(controls, options).status.conditions.map(({ type, status, reason }) => [type, status, reason]);

describe('the conditions of a report', () => {
  const cases: Record<string, [controls: Control[], expected: string[][]]> = {
    'all is well': [
      [passing],
      [
        ['Ready', 'True', 'Evaluated'],
        ['EvidenceComplete', 'True', 'AllEvidenceRead'],
        ['Truncated', 'False', 'Complete'],
      ],
    ],
    'a control that is Unknown lends its reason to EvidenceComplete': [
      [passing, stale],
      [
        ['Ready', 'True', 'Evaluated'],
        ['EvidenceComplete', 'False', 'StaleEvidence'],
        ['Truncated', 'False', 'Complete'],
      ],
    ],
    'findings that did not fit set Truncated': [
      [passing, many],
      [
        ['Ready', 'True', 'Evaluated'],
        ['EvidenceComplete', 'True', 'AllEvidenceRead'],
        ['Truncated', 'True', 'OverBudget'],
      ],
    ],
  };
  for (const [sentence, [controls, expected]] of Object.entries(cases)) {
    it(sentence, () => expect(shown(controls)).to.deep.equal(expected));
  }

  it('cut nothing where nothing is bounded', () => {
    expect(shown([many], { bounded: false })).to.deep.include(['Truncated', 'False', 'Complete']);
  });

  it('name the first ten controls that lack evidence, and count the rest', () => {
    const open = (count: number) =>
      evaluateBy(
        Array.from({ length: count }, (_, index) => controlThat(`RD-1.${index + 1}`, verdict('Unknown'))),
      ).status.conditions.find(({ type }) => type === 'EvidenceComplete')?.message;
    expect(open(1)).to.equal('1 control cannot be decided: RD-1.1.');
    expect(open(12)).to.equal(
      '12 controls cannot be decided: RD-1.1, RD-1.2, RD-1.3, RD-1.4, RD-1.5, RD-1.6, RD-1.7, RD-1.8, RD-1.9, RD-1.10 and 2 more.',
    );
  });

  it('move their time with their status alone', () => {
    const first = evaluateBy([passing, stale]).status;
    const forbidden = controlThat('RD-1.2', unknown('Forbidden', 'It may not be read.'));
    const { status } = evaluateBy([passing, forbidden, many], { now: now + 60_000, previous: first });
    expect(
      status.conditions.map(({ type, reason, lastTransitionTime }) => [type, reason, lastTransitionTime]),
    ).to.deep.equal([
      ['Ready', 'Evaluated', '2026-01-01T00:00:00Z'],
      ['EvidenceComplete', 'Forbidden', '2026-01-01T00:00:00Z'],
      ['Truncated', 'OverBudget', '2026-01-01T00:01:00Z'],
    ]);
  });
});
