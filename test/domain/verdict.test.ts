import { expect } from 'chai';
import fc from 'fast-check';
import type { Severity, Status } from '../../src/domain/verdict.ts';
import { compareSeverity, severities, soonest, statuses, worstStatus } from '../../src/domain/verdict.ts';

describe('worstStatus', () => {
  const order: Status[] = ['Fail', 'Unknown', 'Manual', 'Warn', 'Excepted', 'Pass', 'NotApplicable'];

  it('knows every status', () => expect(order).to.have.members(statuses));

  it('is the first of Fail, Unknown, Manual, Warn, Excepted, Pass, in any order', () => {
    const some = fc.array(fc.constantFrom(...statuses));
    fc.assert(
      fc.property(some, (all) => {
        expect(worstStatus(all)).to.equal(order.find((status) => all.includes(status)) ?? 'NotApplicable');
        expect(worstStatus(all.toReversed())).to.equal(worstStatus(all));
      }),
    );
  });

  it('is NotApplicable of nothing', () => expect(worstStatus([])).to.equal('NotApplicable'));
});

describe('compareSeverity', () => {
  it('puts the worst first', () => {
    const mixed: Severity[] = ['low', 'critical', 'medium', 'high'];
    expect(mixed.toSorted(compareSeverity)).to.deep.equal(['critical', 'high', 'medium', 'low']);
    expect(severities).to.deep.equal(['critical', 'high', 'medium', 'low']);
  });
});

describe('soonest', () => {
  const cases: Record<string, [number | undefined, number | undefined, number | undefined]> = {
    'of two': [2, 1, 1],
    'of one and none': [3, undefined, 3],
    'of none and one': [undefined, 0, 0],
    'of none': [undefined, undefined, undefined],
  };
  for (const [sentence, [a, b, expected]] of Object.entries(cases)) {
    it(sentence, () => expect(soonest(a, b)).to.equal(expected));
  }
});
