import { expect } from 'chai';
import { rollUp } from '../../src/domain/roll-up.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { finding, verdict } from '../support/judging.ts';

const found = (message: string) => [finding({ message })];

describe('rollUp', () => {
  const cases: Record<
    string,
    [derivedFrom: string[], parts: [string, Verdict][], expected: Partial<Verdict>]
  > = {
    'says how many parts pass': [
      ['A', 'B'],
      [
        ['A', verdict('Pass')],
        ['B', verdict('Pass')],
      ],
      { status: 'Pass', message: 'All of its 2 parts that apply pass.', findings: [] },
    ],
    'counts only the parts that apply among those that pass': [
      ['A', 'B', 'C'],
      [
        ['A', verdict('Pass')],
        ['B', verdict('NotApplicable', { reason: 'NoWorkloads' })],
        ['C', verdict('Pass')],
      ],
      { status: 'Pass', message: 'All of its 2 parts that apply pass.' },
    ],
    'knows the singular': [
      ['A'],
      [['A', verdict('Pass')]],
      { status: 'Pass', message: 'The one part of it that applies passes.' },
    ],
    'lends the reason of the first part that decides': [
      ['A', 'B'],
      [
        ['A', verdict('Warn', { reason: 'PinnedVersion' })],
        ['B', verdict('Unknown', { reason: 'Forbidden' })],
      ],
      { status: 'Unknown', reason: 'Forbidden', message: 'Unknown in 1 of its 2 parts: B.' },
    ],
    'names the parts that decide, and leaves what they found with them': [
      ['A', 'B', 'C'],
      [
        ['A', verdict('Warn', { findings: found('One.') })],
        ['B', verdict('Fail', { findings: found('Two.') })],
        ['C', verdict('Fail', { findings: found('Three.') })],
      ],
      {
        status: 'Fail',
        message: 'Fail in 2 of its 3 parts: B, C.',
        findings: [],
      },
    ],
    'shows no findings of what is Unknown': [
      ['A'],
      [['A', verdict('Unknown', { findings: found('One.') })]],
      { status: 'Unknown', findings: [] },
    ],
    'applies to nothing when no part does': [
      ['A', 'B'],
      [
        ['A', verdict('NotApplicable', { reason: 'NoWorkloads' })],
        ['B', verdict('NotApplicable', { reason: 'Windows' })],
      ],
      { status: 'NotApplicable', reason: 'NoWorkloads', message: 'None of its 2 parts applies.' },
    ],
    'names the parts that the profile disables': [
      ['A', 'B', 'C'],
      [['B', verdict('Fail')]],
      { status: 'Fail', message: 'Fail in 1 of its 1 part: B. The profile disables A, C.' },
    ],
    'applies to nothing when the profile disables every part': [
      ['A'],
      [],
      { status: 'NotApplicable', message: 'The profile disables A, which is all of it.' },
    ],
  };
  for (const [sentence, [derivedFrom, parts, expected]] of Object.entries(cases)) {
    it(sentence, () => expect(rollUp(derivedFrom, new Map(parts))).to.deep.include(expected));
  }

  it('has no end unless a part has one', () => {
    expect(rollUp(['A'], new Map([['A', verdict('Pass')]]))).to.not.have.property('validUntil');
  });
});
