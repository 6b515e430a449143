import { expect } from 'chai';
import { runtimeReportStatus } from '../../src/api/runtime-report.ts';
import type { RuntimeFinding } from '../../src/domain/runtime.ts';
import { lostIn, runtimeStatus } from '../../src/operator/runtime-status.ts';
import { runtimeFinding } from '../support/builders.ts';

describe('the status of a RuntimeReport', () => {
  it('adds up its findings, and takes the worst from the first and the newest from any', () => {
    const critical = runtimeFinding({
      priority: 'Critical',
      count: 2,
      lastSeen: '2026-01-01T00:00:00.000000001Z',
    });
    const notice = runtimeFinding({
      priority: 'Notice',
      count: 40,
      lastSeen: '2026-01-01T00:00:00.000000002Z',
    });
    expect(runtimeStatus([critical, notice], 3)).to.deep.equal({
      findings: [critical, notice],
      findingsTotal: 2,
      total: 42,
      dropped: 3,
      lastSeen: '2026-01-01T00:00:00.000000002Z',
      worst: 'Critical',
    });
  });

  it('says nothing of worst and newest where there is nothing', () => {
    expect(runtimeStatus([], 0)).to.deep.equal({ findings: [], findingsTotal: 0, total: 0, dropped: 0 });
  });

  const hours = Array.from({ length: 168 }, (_, index) => ({
    hour: new Date(Date.parse('2026-01-01T00:00:00Z') + index * 3_600_000).toISOString().replace('.000', ''),
    alerts: 1_000_000,
  }));
  const large = (index: number): RuntimeFinding =>
    runtimeFinding({ rule: `rule ${index}`, count: 1, hours, sample: 'ä'.repeat(1024) });

  it('lists the first that fit into 128 KiB of it, and counts the events of the rest as lost', () => {
    const findings = Array.from({ length: 200 }, (_, index) => large(index));
    const status = runtimeStatus(findings, 7);
    const listed = status.findings.length;
    expect(status).to.include({ findingsTotal: listed, total: listed, dropped: 7 + 200 - listed });
    expect(status.findings).to.deep.equal(findings.slice(0, listed));
    expect(listed).to.be.greaterThan(5);
    expect(Buffer.byteLength(JSON.stringify(status.findings))).to.be.within(100 * 1024, 128 * 1024);
    expect(runtimeReportStatus.parse(status)).to.deep.equal(status);
    expect(
      runtimeStatus(status.findings, lostIn(status)),
      'and is the same when read and written',
    ).to.deep.equal(status);
  });

  it('takes events that it counts and does not list for lost', () => {
    const listed = runtimeStatus([runtimeFinding({ count: 3 })], 1);
    expect(lostIn(listed)).to.equal(1);
    expect(lostIn({ ...listed, total: 300 })).to.equal(298);
  });

  it('says which replica has added how many', () => {
    const replicas = [{ name: 'a', sequence: 3, lastAdded: '2026-01-01T00:00:00Z' }];
    const status = runtimeStatus([], 0, replicas);
    expect(status.replicas).to.deep.equal(replicas);
    expect(runtimeReportStatus.parse(status)).to.deep.equal(status);
  });

  it('says by what its last events are known, if there are any', () => {
    const recent = [{ since: '2026-01-01T00:00:00Z', events: 'abc' }];
    expect(runtimeStatus([], 0, [], recent).recent).to.deep.equal(recent);
    expect(runtimeStatus([], 0, [], [])).not.to.have.property('recent');
  });
});
