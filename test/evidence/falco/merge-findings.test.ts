import { expect } from 'chai';
import { joinFindings, mergeFindings } from '../../../src/evidence/falco/merge-findings.ts';
import { RuntimeAggregate } from '../../../src/evidence/falco/runtime-aggregate.ts';
import { timeText } from '../../../src/evidence/falco/time.ts';
import { now, runtimeFinding } from '../../support/builders.ts';

const hour = 3_600_000;
const day = 24 * hour;
const nobody = () => undefined;
const options = { since: now - 7 * day, most: 200, ownerOf: nobody };

const finding = (overrides: Parameters<typeof runtimeFinding>[0] = {}) =>
  runtimeFinding({
    firstSeen: timeText(now - 2 * hour),
    lastSeen: timeText(now - hour),
    hours: [{ hour: '2025-12-31T22:00:00Z', alerts: 2 }],
    ...overrides,
  });

/** Events of one rule in one pod. */
function added(count: number, rule: string, at = now - 60_000) {
  const aggregate = new RuntimeAggregate();
  for (let index = 0; index < count; index++) {
    const identity = `${rule}-${index}`;
    const common = { kind: 'alert', priority: 'Warning', source: 'syscall', sample: 'new' } as const;
    const of = { namespace: 'shop', pod: 'app', container: 'app' };
    aggregate.add({ ...common, ...of, rule, time: timeText(at), at, identity }, now);
  }
  return aggregate.pending('shop');
}

describe('what was written of a namespace', () => {
  it('stays as it is when nothing is added: no report is written for its own sake', () => {
    const written = [finding({ rule: 'a' }), finding({ rule: 'b', example: 'app-0' })];
    expect(mergeFindings(written, [], options)).to.deep.equal({ findings: written, lost: 0 });
  });

  it('has what is new added: counts and hours add up, the first gives the sample', () => {
    const subject = { kind: 'Pod', name: 'app', container: 'app' };
    const written = finding({ rule: 'shell', subject, count: 3, sample: 'first', hours: [] });
    const { findings } = mergeFindings([written], [added(2, 'shell'), added(1, 'other')], options);
    expect(findings.map(({ rule, count, sample }) => [rule, count, sample])).to.deep.equal([
      ['other', 1, 'new'],
      ['shell', 5, 'first'],
    ]);
    expect(findings[1]?.hours).to.deep.equal([{ hour: '2025-12-31T23:00:00Z', alerts: 1 }]);
  });

  it('leaves what is added as it was: it may have to be added again', () => {
    const subject = { kind: 'Pod', name: 'app', container: 'app' };
    const batch = added(2, 'shell');
    const before = JSON.stringify(batch?.list());
    for (let turn = 0; turn < 2; turn++)
      expect(
        mergeFindings([finding({ rule: 'shell', subject, count: 3 })], [batch, added(1, 'shell')], options)
          .findings[0]?.count,
      ).to.equal(6);
    expect(JSON.stringify(batch?.list())).to.equal(before);
  });

  it('loses what is over, and what cannot be read', () => {
    const old = finding({ rule: 'old', lastSeen: timeText(now - 8 * day) });
    const odd = finding({ rule: 'odd', lastSeen: 'yesterday' });
    expect(mergeFindings([old, odd], [], options)).to.deep.equal({ findings: [], lost: 0 });
  });

  it('moves to the owner of its pod once that is known', () => {
    const subject = { kind: 'Pod', name: 'app-0', container: 'app' };
    const known = finding({ subject: { kind: 'Deployment', name: 'app', container: 'app' }, count: 1 });
    const { findings } = mergeFindings([known, finding({ subject, count: 2 })], [], {
      ...options,
      ownerOf: () => ({ kind: 'Deployment', name: 'app' }),
    });
    expect(findings.map(({ subject: { kind, name }, count }) => [kind, name, count])).to.deep.equal([
      ['Deployment', 'app', 3],
    ]);
  });

  it('keeps the worst and newest, and counts what gave way', () => {
    const many = Array.from({ length: 5 }, (_, index) =>
      finding({ rule: `r${index}`, count: 10 + index, lastSeen: timeText(now - index * hour) }),
    );
    const { findings, lost } = mergeFindings(many, [], { ...options, most: 3 });
    expect(findings.map(({ rule }) => rule)).to.deep.equal(['r0', 'r1', 'r2']);
    expect(lost).to.equal(13 + 14);
  });

  it('of two states joins to what either knows, and the larger count of what both do', () => {
    const one = [finding({ rule: 'a', count: 5 }), finding({ rule: 'b', count: 1 })];
    const other = [finding({ rule: 'a', count: 3 }), finding({ rule: 'c', count: 2 })];
    const counts = joinFindings(one, other).map(({ rule, count }) => `${rule} ${count}`);
    expect(counts).to.deep.equal(['a 5', 'b 1', 'c 2']);
    expect(joinFindings(other, one)).to.have.deep.members([...joinFindings(one, other)]);
  });
});
