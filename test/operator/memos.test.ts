import { expect } from 'chai';
import { memoOfReport, rememberReport, rememberRuntime } from '../../src/operator/memos.ts';
import { statusHash } from '../../src/operator/status-writer.ts';
import { reportStatus, runtimeStatus } from '../support/api-samples.ts';

describe('what is remembered of an own object', () => {
  it('is, of a report, what the next evaluation needs, and no finding', () => {
    const { memo } = rememberReport({ status: reportStatus });
    expect(memo.controls).to.deep.equal([
      { id: 'RD-2.2.7', status: 'Fail', lastTransitionTime: '2026-03-01T10:00:00Z' },
    ]);
    expect(memo.conditions).to.deep.equal(reportStatus.conditions);
    expect(memo.transitions).to.deep.equal(reportStatus.transitions);
  });

  it('is nothing of a report whose status was not written yet', () => {
    expect(rememberReport({}).memo).to.deep.equal({});
    expect(memoOfReport('Compliant')).to.deep.equal({});
    expect(memoOfReport({})).to.deep.equal({ controls: [], conditions: [], transitions: [] });
  });

  it('is, of a RuntimeReport, all: the next process starts from it', () => {
    expect(rememberRuntime({ status: runtimeStatus }).memo).to.deep.equal(runtimeStatus);
    expect(rememberRuntime({}).memo).to.equal(undefined);
  });

  it('tells a status by its content, whatever the order of its fields', () => {
    expect(statusHash({ a: 1, b: { c: 2, d: 3 } })).to.equal(statusHash({ b: { d: 3, c: 2 }, a: 1 }));
    expect(statusHash({ a: 1 })).to.not.equal(statusHash({ a: 2 }));
    expect(statusHash({ a: [1, 2] })).to.not.equal(statusHash({ a: [2, 1] }));
    expect(rememberReport({}).hash).to.equal(statusHash(undefined));
    expect(statusHash(undefined)).to.not.equal(statusHash({}));
  });
});
