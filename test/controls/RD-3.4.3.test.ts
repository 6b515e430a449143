import { expect } from 'chai';
import control from '../../src/controls/RD-3.4.3.ts';
import { describeControl } from '../support/control-cases.ts';
import { controlThat, evaluateBy, verdict } from '../support/judging.ts';
import { rollUpCases } from '../support/roll-up-cases.ts';

describeControl(control, rollUpCases(control));

describe('RD-3.4.3 with parts that are not built', () => {
  const parts = (status: 'Pass' | 'Fail') =>
    control.derivedFrom
      .filter((id) => id !== 'RD-2.5.1')
      .map((id) => controlThat(id, verdict(status === 'Fail' && id !== 'RD-2.1.1' ? 'Pass' : status)));
  const judged = (status: 'Pass' | 'Fail') => {
    const { controls, summary } = evaluateBy([...parts(status), control]).status;
    const own = controls.find(({ id }) => id === 'RD-3.4.3');
    return { status: own?.status, reason: own?.reason, message: own?.message, total: summary.total };
  };

  it('is Unknown where all others pass, and is not counted beside them', () => {
    expect(judged('Pass')).to.deep.equal({
      status: 'Unknown',
      reason: 'NoEvidence',
      message: 'Unknown in 1 of its 10 parts: RD-2.5.1.',
      total: 9,
    });
  });

  it('fails where one fails', () => {
    expect(judged('Fail')).to.deep.equal({
      status: 'Fail',
      reason: undefined,
      message: 'Fail in 1 of its 10 parts: RD-2.1.1.',
      total: 9,
    });
  });
});
