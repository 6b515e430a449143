import { expect } from 'chai';
import { memoOfReport, memoOfRuntime, rememberReport, rememberRuntime } from '../../src/operator/memos.ts';
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

  it('has a hash in two parts, so that a change of what a report inherits is told from any other', () => {
    const inherited = { ...reportStatus.controls[0], id: 'RD-3.5.1', inherited: true };
    const hashOf = (...controls: object[]) => rememberReport({ status: { ...reportStatus, controls } }).hash;
    const [own] = reportStatus.controls;
    if (own === undefined) throw new Error('the sample has a control');
    const before = hashOf(own, inherited);
    const after = hashOf(own, { ...inherited, status: 'Pass' });
    expect(after).to.not.equal(before);
    expect(after.split('.')[0]).to.equal(before.split('.')[0]);
    expect(hashOf({ ...own, status: 'Pass' }, inherited).split('.')[0]).to.not.equal(before.split('.')[0]);
    expect(hashOf(own)).to.equal(statusHash(reportStatus)).and.to.equal(before.split('.')[0]);
    expect(memoOfReport({ controls: [own, inherited] }).controls).to.have.length(1);
  });

  it('is nothing of a report whose status was not written yet', () => {
    expect(rememberReport({}).memo).to.deep.equal({});
    expect(memoOfReport('Compliant')).to.deep.equal({});
    expect(memoOfReport({})).to.deep.equal({ controls: [], conditions: [], transitions: [] });
  });

  it('is, of a RuntimeReport, all: every replica adds to it, and the next process starts from it', () => {
    const managedFields = [{ manager: 'plumbline', operation: 'Apply', fieldsV1: { 'f:status': {} } }];
    const own = { metadata: { managedFields }, status: runtimeStatus };
    expect(rememberRuntime(own).memo).to.deep.equal({ status: runtimeStatus, foreign: false });
    expect(memoOfRuntime(runtimeStatus)).to.deep.equal({ status: runtimeStatus, foreign: false });
  });

  const status = { 'f:status': {} };
  const foreign: Record<string, { managedFields?: unknown; foreign: boolean }> = {
    'by one with another name': {
      managedFields: [{ manager: 'kubectl-edit', fieldsV1: status }],
      foreign: true,
    },
    'by us in its metadata alone': {
      managedFields: [
        { manager: 'plumbline', fieldsV1: { 'f:metadata': {} } },
        { manager: 'kubectl-edit', fieldsV1: status },
      ],
      foreign: true,
    },
    'by us, and labelled by another': {
      managedFields: [
        { manager: 'kubectl-label', fieldsV1: { 'f:metadata': {} } },
        { manager: 'plumbline', fieldsV1: status },
      ],
      foreign: false,
    },
    'by one who has wiped out the traces': { managedFields: [], foreign: true },
    'by nobody knows whom': { foreign: true },
    'by something that is no list': { managedFields: 'plumbline', foreign: true },
  };
  for (const [written, { managedFields, foreign: expected }] of Object.entries(foreign)) {
    it(`is, of a RuntimeReport written ${written}, whether it is foreign`, () => {
      const object = { metadata: { managedFields }, status: runtimeStatus };
      expect(rememberRuntime(object).memo.foreign).to.equal(expected);
    });
  }

  it('is nothing of a RuntimeReport whose status was not written yet', () => {
    expect(rememberRuntime({}).memo).to.deep.equal({ status: undefined, foreign: false });
  });

  it('tells a status by its content, whatever the order of its fields', () => {
    expect(statusHash({ a: 1, b: { c: 2, d: 3 } })).to.equal(statusHash({ b: { d: 3, c: 2 }, a: 1 }));
    expect(statusHash({ a: 1 })).to.not.equal(statusHash({ a: 2 }));
    expect(statusHash({ a: [1, 2] })).to.not.equal(statusHash({ a: [2, 1] }));
    expect(rememberReport({}).hash).to.equal(statusHash(undefined));
    expect(statusHash(undefined)).to.not.equal(statusHash({}));
  });
});
