import { expect } from 'chai';
import fc from 'fast-check';
import { WatchSession } from '../../src/kube/watch-session.ts';
import { FakeClock } from '../support/fake-clock.ts';

const idleMs = 90_000;

/** Begins at `openedAt`, hears the last word so much later, and is silent for the limit. */
async function falls(openedAt: number, heardAfter: number): Promise<void> {
  const clock = new FakeClock();
  await clock.advance(openedAt);
  const session = new WatchSession(clock, idleMs, new AbortController().signal);
  await clock.advance(heardAfter);
  session.heard();
  await clock.advance(idleMs - 1);
  expect(session.signal.aborted).to.equal(false);
  await clock.advance(2);
  expect(session.signal.aborted).to.equal(true);
  expect(session.signal.reason).to.have.property('code', 'Idle');
  expect(clock.pendingTimers).to.equal(0);
}

describe('a session of a watch', () => {
  it('ends when nothing has come for the limit', () => falls(0, 1_000));

  it('ends also where the fractions of a clock do not add up to the limit', () => falls(85_830.3, 7_468.5));

  it('ends whatever the fractions are', async () => {
    const milliseconds = fc.double({ min: 0, max: 89_000, noNaN: true });
    await fc.assert(fc.asyncProperty(milliseconds, milliseconds, falls), { numRuns: 50 });
  });
});
