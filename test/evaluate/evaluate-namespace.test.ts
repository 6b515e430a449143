import { expect } from 'chai';
import { complianceReportStatus } from '../../src/api/compliance-report.ts';
import type { Control } from '../../src/domain/control.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Severity, Status } from '../../src/domain/verdict.ts';
import { severities, statuses } from '../../src/domain/verdict.ts';
import { now, pod, snapshot, workload } from '../support/builders.ts';
import { controlThat, evaluateBy, finding, profileOf, rollUpOf, verdict } from '../support/judging.ts';

const one = (id: string, status: Status, severity: Severity = 'high', findings = 1) =>
  controlThat(
    id,
    verdict(status, {
      findings:
        status === 'Fail' || status === 'Warn'
          ? Array.from({ length: findings }, (_, index) => finding({ message: `Finding ${index}.` }))
          : [],
    }),
    { severity },
  );

const statusOf = (controls: readonly Control[], options: Parameters<typeof evaluateBy>[1] = {}) =>
  evaluateBy(controls, options).status;

describe('the status of a report', () => {
  it('is what the schema says, with nothing left over', () => {
    const controls = [
      ...statuses.map((status, index) => one(`RD-1.${index}`, status)),
      rollUpOf('RD-9.1', ['RD-1.0']),
    ];
    const status = statusOf(controls, {
      snapshot: snapshot({ workloads: unread('Forbidden', 'It may not be read.') }),
    });
    expect(complianceReportStatus.parse(status)).to.deep.equal(status);
    expect(Object.keys(status)).to.have.members([
      'state',
      'score',
      'summary',
      'conditions',
      'controls',
      'evidence',
      'workloads',
      'transitions',
    ]);
  });

  it('counts every status once, and what fails by severity', () => {
    const controls = severities.flatMap((severity, index) => [
      ...statuses.map((status) => one(`RD-${index + 1}.${status}`, status, severity)),
      one(`RD-${index + 1}.again`, 'Fail', severity),
    ]);
    expect(statusOf(controls).summary).to.deep.equal({
      pass: 4,
      warn: 4,
      fail: 8,
      unknown: 4,
      manual: 4,
      notApplicable: 4,
      excepted: 4,
      total: 32,
      failBySeverity: { critical: 2, high: 2, medium: 2, low: 2 },
    });
  });

  it('counts a roll-up neither in the summary, nor in the score, nor in the findings', () => {
    const parts = [one('RD-1.1', 'Fail', 'low', 2), one('RD-1.2', 'Pass', 'low')];
    const alone = evaluateBy(parts);
    const both = evaluateBy([...parts, rollUpOf('RD-9.1', ['RD-1.1', 'RD-1.2'], { severity: 'critical' })]);
    expect(both.status.summary).to.deep.equal(alone.status.summary);
    expect(both.status.score).to.equal(50);
    expect(both.findings).to.deep.equal({ critical: 0, high: 0, medium: 0, low: 2 });
    expect(both.status.controls.map(({ id }) => id)).to.include('RD-9.1');
  });

  it('lets a roll-up decide the state, which a part that no version has yet leaves Unknown', () => {
    const controls = [one('RD-1.1', 'Pass'), rollUpOf('RD-9.1', ['RD-1.1', 'RD-7.7'])];
    const status = statusOf(controls);
    expect(status).to.include({ state: 'Unknown', score: 100 });
    expect(status.summary.unknown).to.equal(0);
    expect(status.conditions.find(({ type }) => type === 'EvidenceComplete')).to.include({ status: 'False' });
  });

  it('leaves out what the profile disables, and the score where nothing is weighed', () => {
    const controls = [one('RD-1.1', 'Fail'), one('RD-1.2', 'Manual')];
    const spec = { controls: [{ id: 'RD-1.1', disabled: true, rationale: 'Not here.' }] };
    const { status } = evaluateBy(profileOf(controls, spec));
    expect(status.controls.map(({ id }) => id)).to.deep.equal(['RD-1.2']);
    expect(status).to.include({ state: 'NotAssessed' });
    expect(status).to.not.have.property('score');
  });

  it('lists controls worst first: by status, severity and id', () => {
    const controls = [
      one('RD-1.1', 'Pass', 'critical'),
      one('RD-1.2', 'NotApplicable', 'critical'),
      one('RD-1.3', 'Fail', 'low'),
      one('RD-1.10', 'Fail', 'high'),
      one('RD-1.9', 'Fail', 'high'),
      one('RD-1.4', 'Excepted', 'critical'),
      one('RD-1.5', 'Warn', 'critical'),
      one('RD-1.6', 'Manual', 'critical'),
      one('RD-1.7', 'Unknown', 'critical'),
      one('RD-1.8', 'Fail', 'critical'),
    ];
    expect(statusOf(controls).controls.map(({ id }) => id)).to.deep.equal([
      'RD-1.8',
      'RD-1.9',
      'RD-1.10',
      'RD-1.3',
      'RD-1.7',
      'RD-1.6',
      'RD-1.5',
      'RD-1.4',
      'RD-1.1',
      'RD-1.2',
    ]);
  });

  it('lists findings worst first, then by subject, reference, path, message, observation and example', () => {
    const subject = { kind: 'Deployment', name: 'a' };
    const sorted = [
      finding({ subject, severity: 'critical' }),
      finding({ subject: { kind: 'CronJob', name: 'z' } }),
      finding({ subject }),
      finding({ subject, observed: '1' }),
      finding({ subject, observed: '1', example: 'a-1' }),
      finding({ subject, observed: '2' }),
      finding({ subject, path: 'spec' }),
      finding({ subject, ref: 'r' }),
      finding({ subject: { ...subject, container: 'c' } }),
      finding({ subject: { kind: 'Deployment', name: 'b' } }),
      finding({ subject, severity: 'low' }),
    ];
    for (const findings of [sorted, sorted.toReversed()]) {
      const [control] = statusOf([controlThat('RD-1.1', verdict('Fail', { findings }))]).controls;
      expect(control?.findings).to.deep.equal(sorted);
    }
  });

  const places: Record<string, { container?: string; path: string; shown: string | undefined }> = {
    'of a container in a template': {
      container: 'c',
      path: 'spec.template.spec.containers[1].securityContext.privileged',
      shown: 'securityContext.privileged',
    },
    'of an init container in a CronJob': {
      container: 'c',
      path: 'spec.jobTemplate.spec.template.spec.initContainers[0].env[A.B]',
      shown: 'env[A.B]',
    },
    'of an ephemeral container in a pod': {
      container: 'c',
      path: 'spec.ephemeralContainers[10].image',
      shown: 'image',
    },
    'of a container as a whole': {
      container: 'c',
      path: 'spec.template.spec.containers[0]',
      shown: undefined,
    },
    'that a container inherits': {
      container: 'c',
      path: 'spec.template.spec.securityContext.runAsUser',
      shown: 'spec.template.spec.securityContext.runAsUser',
    },
    'of a container that is not named': {
      path: 'spec.template.spec.containers[0].image',
      shown: 'spec.template.spec.containers[0].image',
    },
  };
  for (const [name, { container, path, shown }] of Object.entries(places)) {
    it(`says where a field ${name} stands`, () => {
      const subject = { kind: 'Deployment', name: 'a', ...(container === undefined ? {} : { container }) };
      const findings = [finding({ subject, path })];
      const [control] = statusOf([controlThat('RD-1.1', verdict('Fail', { findings }))]).controls;
      expect(control?.findings[0]?.path).to.equal(shown);
      expect(control?.findings[0]).to.deep.equal(
        finding({ subject, ...(shown === undefined ? {} : { path: shown }) }),
      );
    });
  }

  it('shows the sources that its controls read, in one order, and why one is not there', () => {
    const controls = [
      controlThat('RD-1.1', verdict('Pass'), { evidence: ['falco', 'workloads'] }),
      controlThat('RD-1.2', verdict('Pass'), { evidence: ['volumes', 'configauditreports'] }),
    ];
    const gap = { reason: 'PartialEvidence', message: 'One cannot\u0007 be read.' } as const;
    const given = snapshot({
      workloads: read([workload()]),
      volumes: { available: true, items: [], gap },
      runtime: unread('NoEvidence', 'No event was received.'),
    });
    expect(statusOf(controls, { snapshot: given }).evidence).to.deep.equal([
      { source: 'workloads', available: true },
      { source: 'volumes', available: false, reason: 'PartialEvidence', message: 'One cannot  be read.' },
      {
        source: 'configauditreports',
        available: false,
        reason: 'NoEvidence',
        message: 'This version does not read it.',
      },
      { source: 'falco', available: false, reason: 'NoEvidence', message: 'No event was received.' },
    ]);
  });

  it('counts workloads, and those that a finding of a failing control is about', () => {
    const about = (name: string, kind = 'Deployment') => finding({ subject: { kind, name } });
    const workloads = read([
      workload({ name: 'a', pods: [pod()] }),
      workload({ name: 'b' }),
      workload({ name: 'c' }),
      workload({ kind: 'StatefulSet', name: 'a' }),
    ]);
    const controls = [
      controlThat('RD-1.1', verdict('Fail', { findings: [about('a'), about('a'), about('gone')] })),
      controlThat('RD-1.2', verdict('Fail', { findings: [about('a'), about('shop', 'Namespace')] })),
      controlThat('RD-1.3', verdict('Warn', { findings: [about('b')] })),
    ];
    expect(statusOf(controls, { snapshot: snapshot({ workloads }) }).workloads).to.deep.equal({
      total: 4,
      failing: 1,
    });
    // One finding of several workloads is listed once, and all of them fail.
    const shared = finding({
      subject: { kind: 'Deployment', name: 'b' },
      also: [{ kind: 'Deployment', name: 'c', container: 'app' }],
    });
    const joint = statusOf([controlThat('RD-1.1', verdict('Fail', { findings: [shared] }))], {
      snapshot: snapshot({ workloads }),
    });
    expect(joint.workloads).to.deep.equal({ total: 4, failing: 2 });
    expect(joint.controls?.[0]).to.deep.include({ findingsTotal: 1 });
    expect(joint.controls?.[0]?.findings[0]).to.not.have.property('also');
    const blind = snapshot({ workloads: unread('Forbidden', 'No.') });
    expect(statusOf(controls, { snapshot: blind }).workloads).to.deep.equal({ total: 0, failing: 0 });
  });

  it('says of when it is, to the second, and in nothing but the times of transitions', () => {
    const controls = [one('RD-1.1', 'Fail'), one('RD-1.2', 'Unknown')];
    const text = (at: number) => JSON.stringify(statusOf(controls, { now: at }));
    const [first, later] = [text(now + 1), text(now + 86_400_000)];
    expect(first).to.equal(text(now + 999));
    expect(first.replaceAll('2026-01-01T00:00:00Z', 'T')).to.equal(
      later.replaceAll('2026-01-02T00:00:00Z', 'T'),
    );
  });
});

describe('what an evaluation tells beside the status', () => {
  it('is how long it holds: until the first of its verdicts ends', () => {
    const until = (id: string, validUntil: number) => controlThat(id, verdict('Pass', { validUntil }));
    expect(evaluateBy([until('RD-1.1', now + 9), until('RD-1.2', now + 5)]).validUntil).to.equal(now + 5);
    expect(evaluateBy([one('RD-1.1', 'Pass')])).to.not.have.property('validUntil');
  });

  it('is how many findings of failing controls there are, by their severity, uncut', () => {
    const findings = [
      ...Array.from({ length: 5_000 }, (_, index) =>
        finding({ subject: { kind: 'Pod', name: `p${index}` } }),
      ),
      finding({ severity: 'critical' }),
    ];
    const controls = [
      controlThat('RD-1.1', verdict('Fail', { findings }), { severity: 'medium' }),
      one('RD-1.2', 'Warn', 'low', 7),
    ];
    expect(evaluateBy(controls).findings).to.deep.equal({ critical: 1, high: 0, medium: 5_000, low: 0 });
  });
});
