import { expect } from 'chai';
import { complianceReportStatus } from '../../src/api/compliance-report.ts';
import { complianceSummaryStatus } from '../../src/api/compliance-summary.ts';
import type { Control } from '../../src/domain/control.ts';
import type { EvaluateClusterOptions } from '../../src/evaluate/evaluate-cluster.ts';
import { evaluateCluster } from '../../src/evaluate/evaluate-cluster.ts';
import { summarize } from '../../src/evaluate/summarize.ts';
import { clusterSnapshot, now } from '../support/builders.ts';
import {
  clusterControlThat,
  controlThat,
  evaluateBy,
  finding,
  profileOf,
  rollUpOf,
  verdict,
} from '../support/judging.ts';

const broken = verdict('Fail', {
  findings: [finding({ subject: { kind: 'Node', name: 'a' } }), finding({ severity: 'critical' })],
});
const own = controlThat('RD-1.1', verdict('Pass'));
const of = (says: Parameters<typeof clusterControlThat>[1]) => clusterControlThat('RD-3.1', says);

const judge = (controls: readonly Control[], options: Partial<EvaluateClusterOptions> = {}) =>
  evaluateCluster({
    snapshot: clusterSnapshot(),
    profile: profileOf(controls),
    now,
    onError: (_control, error) => {
      throw error;
    },
    ...options,
  });

const summaryOf = (
  cluster: ReturnType<typeof judge>,
  states: Parameters<typeof summarize>[0]['states'] = [],
) => summarize({ states, evidence: [], cluster, unattributed: 0, dropped: 0, now });

describe('the controls of the cluster', () => {
  const all = [own, clusterControlThat('RD-3.2', verdict('Pass'), { severity: 'low' }), of(broken)];

  it('are judged by themselves, worst first and with their findings', () => {
    const { controls, state, score, findings } = judge(all);
    expect(controls.map(({ id, status }) => `${id} ${status}`)).to.deep.equal(['RD-3.1 Fail', 'RD-3.2 Pass']);
    expect(controls[0]).to.include({ findingsTotal: 2, lastTransitionTime: '2026-01-01T00:00:00Z' });
    expect(controls[0]?.findings.map(({ subject }) => subject.kind)).to.deep.equal(['Deployment', 'Node']);
    // Low passes, high fails: 1 of 6.
    expect({ state, score }).to.deep.equal({ state: 'NonCompliant', score: 16 });
    expect(findings).to.deep.equal({ critical: 1, high: 1, medium: 0, low: 0 });
  });

  it('are inherited by a report, behind its own and without their findings, and are not counted there', () => {
    const alone = evaluateBy([own]).status;
    const { status } = evaluateBy(all, { cluster: judge(all) });
    expect(complianceReportStatus.parse(status)).to.deep.equal(status);
    expect(status.controls.map(({ id, inherited }) => [id, inherited])).to.deep.equal([
      ['RD-1.1', undefined],
      ['RD-3.1', true],
      ['RD-3.2', true],
    ]);
    expect(status.controls[1]).to.include({ status: 'Fail', message: 'It is Fail.', findingsTotal: 2 });
    expect(status.controls[1]?.findings).to.deep.equal([]);
    const { controls: _all, ...rest } = status;
    const { controls: _own, ...expected } = alone;
    expect(rest).to.deep.equal(expected);
  });

  it('are no transition of a report that inherits them, and date from when the cluster changed', () => {
    const before = judge(all, { now: now - 60_000 });
    const previous = evaluateBy(all, { cluster: before, now: now - 60_000 }).status;
    const mended = [own, of(verdict('Pass'))];
    const cluster = judge(mended, {
      previous: { controls: before.controls, transitions: before.transitions },
    });
    expect(cluster.transitions).to.deep.equal([
      { time: '2026-01-01T00:00:00Z', control: 'RD-3.1', from: 'Fail', to: 'Pass' },
    ]);
    const { status } = evaluateBy(mended, { cluster, previous, now: now + 5_000 });
    expect(status.transitions).to.deep.equal([]);
    expect(status.controls[1]).to.include({ lastTransitionTime: '2026-01-01T00:00:00Z' });
  });

  it('may be a part of what is judged in a namespace, which says when they are not evaluated', () => {
    const controls = [own, of(broken), rollUpOf('RD-9.1', ['RD-1.1', 'RD-3.1'])];
    const rollUp = (cluster?: ReturnType<typeof judge>) =>
      evaluateBy(controls, { cluster }).status.controls.find(({ id }) => id === 'RD-9.1');
    expect(rollUp(judge(controls))).to.include({ status: 'Fail' });
    expect(rollUp()).to.include({ status: 'Unknown', reason: 'NoEvidence' });
  });

  it('that throw are Unknown, and say nothing of the others', () => {
    const failures: string[] = [];
    const throwing = clusterControlThat('RD-3.2', () => {
      throw new Error('it is broken');
    });
    const { controls } = judge([throwing, of(verdict('Pass'))], {
      onError: (control) => void failures.push(control),
    });
    expect(controls.map(({ id, reason }) => [id, reason])).to.deep.equal([
      ['RD-3.2', 'EvaluationError'],
      ['RD-3.1', undefined],
    ]);
    expect(failures).to.deep.equal(['RD-3.2']);
  });

  it('name the moment at which time alone may change one, and do not hurry the reports for it', () => {
    const cluster = judge([own, of(verdict('Pass', { validUntil: now + 5_000 }))]);
    expect(cluster.validUntil).to.equal(now + 5_000);
    expect(evaluateBy([own], { cluster }).validUntil).to.equal(undefined);
  });

  it('stay within the bounds of an object, however many nodes break them', () => {
    const findings = Array.from({ length: 20_000 }, (_, index) =>
      finding({ subject: { kind: 'Node', name: `node-${index}` }, message: 'x'.repeat(400) }),
    );
    const { controls } = judge([of(verdict('Fail', { findings }))]);
    const status = summaryOf(judge([of(verdict('Fail', { findings }))]));
    expect(controls[0]).to.include({ findingsTotal: 20_000 });
    expect(Buffer.byteLength(JSON.stringify(status)))
      .to.be.below(200 * 1024)
      .and.above(100 * 1024);
  });
});

describe('a summary', () => {
  it('has the controls of the cluster, and counts them in its state and its score', () => {
    const cluster = judge([own, of(broken)]);
    const status = summaryOf(cluster, ['Compliant']);
    expect(status).to.deep.include({ state: 'NonCompliant', score: 0, controls: cluster.controls });
    expect(complianceSummaryStatus.parse(status)).to.deep.equal(status);
    expect(summaryOf(judge([of(verdict('Unknown'))]), ['Compliant']).state).to.equal('Unknown');
    expect(summaryOf(judge([of(verdict('Pass'))]), ['NotAssessed'])).to.include({
      state: 'Compliant',
      score: 100,
    });
  });

  it('is as without them where the profile has none', () => {
    expect(summaryOf(judge([own]), ['Compliant']))
      .to.include({ state: 'Compliant' })
      .and.not.have.property('score');
  });
});
