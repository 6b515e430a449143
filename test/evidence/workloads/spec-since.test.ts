import { expect } from 'chai';
import type { SpecSince } from '../../../src/domain/policy-audit.ts';
import type { Revision } from '../../../src/evidence/workloads/project-revision.ts';
import { specsSince } from '../../../src/evidence/workloads/spec-since.ts';
import { workload } from '../../support/builders.ts';

const set = workload({
  ...{ kind: 'StatefulSet', name: 'db', uid: 'db-1' },
  controllers: [{ kind: 'StatefulSet', name: 'db', uid: 'db-1' }],
});
const owner = { kind: 'StatefulSet', name: 'db', uid: 'db-1' };
/** Each `number:spec`, since ten times its number. */
const revisions = (...all: readonly string[]): Revision[] =>
  all.map((each) => {
    const [number = '', spec] = each.split(':', 2);
    return {
      ...{ owner: 'db-1', number: Number(number), since: 10 * Number(number) },
      ...(spec === undefined ? {} : { spec }),
    };
  });

interface Case {
  readonly revisions: readonly Revision[];
  readonly owner?: Parameters<ReturnType<typeof specsSince>>[0];
  readonly since: SpecSince | undefined;
}

const cases: Record<string, Case> = {
  'ever, of the first revision': { revisions: revisions('1:a'), since: 'ever' },
  'since the newest': { revisions: revisions('1:a', '2:b'), since: 20 },
  'since the newest, in any order': { revisions: revisions('3:c', '1:a', '2:b'), since: 30 },
  'since before a restart, which changes labels or annotations alone': {
    revisions: revisions('1:a', '2:b', '3:b', '4:b'),
    since: 20,
  },
  'ever, where there were restarts alone': { revisions: revisions('1:a', '2:a'), since: 'ever' },
  'since it went back to a former one': { revisions: revisions('2:b', '3:a'), since: 30 },
  'not since before another that is no longer kept': { revisions: revisions('1:a', '3:a'), since: 30 },
  'since the oldest of those that are kept': { revisions: revisions('7:a', '8:a'), since: 70 },
  'since the newest, where nothing tells what they had': { revisions: revisions('1', '2'), since: 20 },
  'since the first revision, of an audit of who had the name before': {
    revisions: revisions('1:a'),
    owner: { ...owner, uid: 'db-0' },
    since: 10,
  },
  'since the first revision, of an audit that names the name alone': {
    revisions: revisions('1:a'),
    owner: { kind: 'StatefulSet', name: 'db' },
    since: 10,
  },
  'unknown without a revision': { revisions: [], since: 'unknown' },
  'unknown with those of another alone': {
    revisions: revisions('1:a').map((each) => ({ ...each, owner: 'db-0' })),
    since: 'unknown',
  },
  'nothing of an owner that is not there': {
    revisions: revisions('1:a'),
    owner: { ...owner, name: 'gone' },
    since: undefined,
  },
  'nothing of what has no revisions': {
    revisions: revisions('1:a'),
    owner: { kind: 'Service', name: 'db' },
    since: undefined,
  },
};

describe('since when an owner has its pod specification', () => {
  for (const [title, { revisions: all, owner: of = owner, since }] of Object.entries(cases)) {
    it(title, () => {
      expect(specsSince([set], all)(of)).to.equal(since);
    });
  }

  it('is known of one below an owner that is not read', () => {
    const above = workload({
      ...{ kind: 'Prometheus', name: 'main' },
      controllers: [
        { kind: 'Prometheus', name: 'main' },
        { kind: 'StatefulSet', name: 'db', uid: 'db-1' },
      ],
    });
    expect(specsSince([above], revisions('1:a', '2:b'))(owner)).to.equal(20);
  });
});
