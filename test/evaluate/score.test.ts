import { expect } from 'chai';
import fc from 'fast-check';
import type { Severity, Status } from '../../src/domain/verdict.ts';
import { severities, statuses } from '../../src/domain/verdict.ts';
import { score, stateOf } from '../../src/evaluate/score.ts';

describe('score', () => {
  const cases: Record<string, [controls: [Status, Severity][], expected: number | undefined]> = {
    'is absent when nothing was weighed': [[], undefined],
    'is absent when all that is there has no weight': [
      [
        ['Manual', 'critical'],
        ['NotApplicable', 'high'],
        ['Excepted', 'low'],
      ],
      undefined,
    ],
    'is 100 when all pass': [
      [
        ['Pass', 'low'],
        ['Pass', 'critical'],
      ],
      100,
    ],
    'is 0 when all fail or are unknown': [
      [
        ['Fail', 'low'],
        ['Unknown', 'critical'],
      ],
      0,
    ],
    'gives half for a warning': [[['Warn', 'low']], 50],
    'weighs critical 10 against high 5': [
      [
        ['Pass', 'critical'],
        ['Fail', 'high'],
      ],
      66,
    ],
    'weighs medium 2 against low 1': [
      [
        ['Pass', 'medium'],
        ['Fail', 'low'],
      ],
      66,
    ],
    'weighs high 5 against medium 2, and rounds down': [
      [
        ['Pass', 'high'],
        ['Unknown', 'medium'],
      ],
      71,
    ],
    'never reaches 100 while anything is open': [
      [...Array.from({ length: 90 }, (): [Status, Severity] => ['Pass', 'critical']), ['Warn', 'low']],
      99,
    ],
    'leaves out what is manual, excepted or not applicable': [
      [
        ['Pass', 'low'],
        ['Manual', 'critical'],
        ['Excepted', 'critical'],
        ['NotApplicable', 'critical'],
        ['Fail', 'low'],
      ],
      50,
    ],
  };
  for (const [sentence, [controls, expected]] of Object.entries(cases)) {
    it(sentence, () =>
      expect(score(controls.map(([status, severity]) => ({ status, severity })))).to.equal(expected),
    );
  }

  it('is a whole number from 0 to 100, and no better for a control that falls from Pass', () => {
    const control = fc.record({
      status: fc.constantFrom(...statuses),
      severity: fc.constantFrom(...severities),
    });
    const fallen = fc.constantFrom<Status>('Warn', 'Fail', 'Unknown');
    fc.assert(
      fc.property(fc.array(control), fc.constantFrom(...severities), fallen, (others, severity, status) => {
        const before = score([...others, { status: 'Pass', severity }]) ?? -1;
        const after = score([...others, { status, severity }]) ?? -1;
        for (const each of [before, after]) {
          expect(each).to.be.within(0, 100);
          expect(Number.isInteger(each)).to.equal(true);
        }
        expect(after).to.be.at.most(before);
      }),
    );
  });
});

describe('stateOf', () => {
  const cases: Record<string, [statuses: Status[], expected: ReturnType<typeof stateOf>]> = {
    'one failure makes it NonCompliant, whatever is unknown': [['Pass', 'Unknown', 'Fail'], 'NonCompliant'],
    'without a failure, one unknown makes it Unknown': [['Pass', 'Unknown', 'Warn'], 'Unknown'],
    'a pass alone makes it Compliant': [['NotApplicable', 'Pass', 'Manual'], 'Compliant'],
    'a warning alone makes it Compliant': [['Warn'], 'Compliant'],
    'what only people can decide leaves it NotAssessed': [['Manual', 'NotApplicable'], 'NotAssessed'],
    'exceptions alone leave it NotAssessed': [['Excepted'], 'NotAssessed'],
    'without any control it is NotAssessed': [[], 'NotAssessed'],
  };
  for (const [sentence, [given, expected]] of Object.entries(cases)) {
    it(sentence, () => expect(stateOf(given)).to.equal(expected));
  }
});
