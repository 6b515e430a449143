import { expect } from 'chai';
import { limits } from '../../src/api/resources.ts';
import { timestamp } from '../../src/evaluate/timestamp.ts';
import { cursorLifeMs, cursorOf, joinCursors, moveCursor } from '../../src/operator/replica-cursors.ts';
import { now } from '../support/builders.ts';

const cursor = (name: string, sequence: number, ageMs = 0) => ({
  name,
  sequence,
  lastAdded: timestamp(now - ageMs),
});

describe('the cursors of replicas in a RuntimeReport', () => {
  it('stand at nothing until one has added something', () => {
    expect(cursorOf([], 'a')).to.equal(0);
    expect(cursorOf([cursor('a', 7)], 'a')).to.equal(7);
  });

  it('are moved one at a time, and stand in the order of names', () => {
    const moved = moveCursor([cursor('a', 1, 60_000), cursor('c', 3)], 'b', 2, now);
    expect(moved).to.deep.equal([cursor('a', 1, 60_000), cursor('b', 2), cursor('c', 3)]);
    expect(moveCursor(moved, 'a', 4, now)[0]).to.deep.equal(cursor('a', 4));
  });

  it('go after a week in which their replica has added nothing', () => {
    const old = [cursor('gone', 1, cursorLifeMs), cursor('quiet', 2, cursorLifeMs - 1_000)];
    expect(moveCursor(old, 'a', 1, now).map(({ name }) => name)).to.deep.equal(['a', 'quiet']);
  });

  it('are bounded where processes come and go faster: the oldest make room', () => {
    let cursors = moveCursor([], 'first', 1, now - 1_000_000);
    for (let count = 0; count < 100; count++)
      cursors = moveCursor(cursors, `p${count}`, 1, now - 100_000 + count * 1_000);
    expect(cursors).to.have.length(limits.runtimeReplicas);
    expect(cursorOf(cursors, 'first')).to.equal(0);
    expect(cursorOf(cursors, 'p99')).to.equal(1);
  });

  it('join to the further of each', () => {
    const joined = joinCursors([cursor('a', 5), cursor('b', 1)], [cursor('a', 3), cursor('c', 2)]);
    expect(joined).to.deep.equal([cursor('a', 5), cursor('b', 1), cursor('c', 2)]);
  });
});
