import { expect } from 'chai';
import { read, unread } from '../../src/domain/snapshot.ts';
import { inOrder } from '../../src/evaluate/in-order.ts';
import { runtimeFinding, scan, snapshot, workload } from '../support/builders.ts';
import { policy } from '../support/policies.ts';

describe('inOrder', () => {
  it('sorts workloads by kind, name and uid', () => {
    const items = [
      workload({ kind: 'CronJob', name: 'b' }),
      workload({ name: 'a' }),
      workload({ name: 'a', uid: '1' }),
      workload({ name: 'a', uid: '2' }),
      workload({ name: 'b' }),
    ];
    expect(inOrder(snapshot({ workloads: read(items.toReversed()) })).workloads).to.deep.equal(read(items));
  });

  it('sorts two of one name by what they say', () => {
    const open = policy('p', { policyTypes: ['Ingress'] });
    const shut = policy('p', { policyTypes: ['Egress'] });
    const sorted = (...items: (typeof open)[]) =>
      inOrder(snapshot({ networkPolicies: read(items) })).networkPolicies;
    expect(sorted(open, shut)).to.deep.equal(sorted(shut, open));
  });

  it('sorts scans by name and container, and runtime findings by rule, priority and subject', () => {
    const scans = [
      scan({ name: 'a' }),
      scan({ name: 'a', container: 'x' }),
      scan({ name: 'b', container: 'c' }),
    ];
    const findings = [
      runtimeFinding({ rule: 'A', subject: { kind: 'Deployment', name: 'a' } }),
      runtimeFinding({ rule: 'A', subject: { kind: 'Deployment', name: 'b' } }),
      runtimeFinding({ rule: 'B' }),
    ];
    const sorted = inOrder(
      snapshot({ vulnerabilityScans: read(scans.toReversed()), runtime: read(findings.toReversed()) }),
    );
    expect(sorted.vulnerabilityScans).to.deep.equal(read(scans));
    expect(sorted.runtime).to.deep.equal(read(findings));
  });

  it('keeps the gap of a source, and one that could not be read', () => {
    const gap = { reason: 'PartialEvidence', message: 'One cannot be read.' } as const;
    const whole = snapshot({
      workloads: { available: true, items: [workload({ name: 'b' }), workload({ name: 'a' })], gap },
      runtime: unread('Forbidden', 'No.'),
    });
    const { workloads, runtime } = inOrder(whole);
    expect(workloads).to.deep.include({ available: true, gap });
    expect(runtime).to.equal(whole.runtime);
  });

  it('hands on what is in order as it is: there may be thousands', () => {
    const whole = snapshot({ workloads: read([workload({ name: 'a' }), workload({ name: 'b' })]) });
    expect(inOrder(whole).workloads).to.equal(whole.workloads);
  });
});
