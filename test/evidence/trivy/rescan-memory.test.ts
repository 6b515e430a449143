import { expect } from 'chai';
import type { VulnerabilityScan } from '../../../src/domain/scan-report.ts';
import { RescanMemory } from '../../../src/evidence/trivy/rescan-memory.ts';
import { now, scan } from '../../support/builders.ts';

const minute = 60_000;
const names = (scans: readonly VulnerabilityScan[]) => scans.map(({ name }) => name);

describe('RescanMemory', () => {
  const memory = (limit = 100) => new RescanMemory<VulnerabilityScan>({ keepFor: 60 * minute, limit });

  it('keeps a deleted result, marked, for its time and no longer', () => {
    const deleted = memory();
    deleted.reportDeleted('shop', scan({ name: 'a' }), now);
    expect(deleted.standing('shop', now + 60 * minute)).to.deep.equal([scan({ name: 'a', deletedAt: now })]);
    expect(deleted.standing('bank', now)).to.deep.equal([]);
    expect(deleted.standing('shop', now + 60 * minute + 1)).to.deep.equal([]);
    expect(deleted.size).to.equal(0);
  });

  it('forgets it when a report of that name is back', () => {
    const deleted = memory();
    deleted.reportDeleted('shop', scan({ name: 'a' }), now);
    deleted.reportSeen('bank', 'a');
    expect(deleted.size).to.equal(1);
    deleted.reportSeen('shop', 'a');
    expect(deleted.standing('shop', now)).to.deep.equal([]);
  });

  it('counts a second deletion from its own time', () => {
    const deleted = memory();
    deleted.reportDeleted('shop', scan({ name: 'a' }), now);
    deleted.reportDeleted('shop', scan({ name: 'a' }), now + minute);
    expect(deleted.standing('shop', now)).to.deep.equal([scan({ name: 'a', deletedAt: now + minute })]);
    expect(deleted.size).to.equal(1);
  });

  it('is bounded: the oldest deletion gives way, in whatever namespace', () => {
    const deleted = memory(2);
    deleted.reportDeleted('shop', scan({ name: 'a' }), now);
    deleted.reportDeleted('bank', scan({ name: 'b' }), now + 1);
    deleted.reportDeleted('bank', scan({ name: 'c' }), now + 2);
    expect(names(deleted.standing('shop', now))).to.deep.equal([]);
    expect(names(deleted.standing('bank', now))).to.deep.equal(['b', 'c']);
  });

  it('goes with the namespace', () => {
    const deleted = memory();
    deleted.reportDeleted('shop', scan({ name: 'a' }), now);
    deleted.reportDeleted('shop', scan({ name: 'b' }), now);
    deleted.reportDeleted('bank', scan({ name: 'a' }), now);
    deleted.namespaceDeleted('shop');
    expect(deleted.size).to.equal(1);
  });
});
