import { expect } from 'chai';
import { isTurnSpent, nextTurn, sleep, systemClock } from '../../src/base/clock.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { heldBy } from '../support/held.ts';

describe('sleep', () => {
  async function isDone(promise: Promise<void>): Promise<boolean> {
    return Promise.race([promise.then(() => true), new Promise<false>((r) => setImmediate(() => r(false)))]);
  }

  it('ends when the time has passed, and not before', async () => {
    const clock = new FakeClock();
    const slept = sleep(clock, 1_000);
    await clock.advance(999);
    expect(await isDone(slept)).to.equal(false);
    await clock.advance(1);
    expect(await isDone(slept)).to.equal(true);
  });

  it('ends at once when the signal aborts, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    const abort = new AbortController();
    const slept = sleep(clock, 1_000, abort.signal);
    abort.abort();
    expect(await isDone(slept)).to.equal(true);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('ends with the first of several signals, and leaves nothing behind with any', async () => {
    for (const first of [0, 1]) {
      const clock = new FakeClock();
      const aborts = [new AbortController(), new AbortController()];
      const signals = aborts.map(({ signal }) => signal);
      const slept = sleep(clock, 1_000, ...signals, undefined);
      expect(signals.map(heldBy)).to.deep.equal([1, 1]);
      aborts[first]?.abort();
      expect(await isDone(slept)).to.equal(true);
      expect([clock.pendingTimers, ...signals.map(heldBy)]).to.deep.equal([0, 0, 0]);
      expect(await isDone(sleep(clock, 1_000, ...signals)), 'one has aborted').to.equal(true);
      expect([clock.pendingTimers, ...signals.map(heldBy)]).to.deep.equal([0, 0, 0]);
    }
  });

  it('does not begin after the signal', async () => {
    const clock = new FakeClock();
    expect(await isDone(sleep(clock, 1_000, AbortSignal.abort()))).to.equal(true);
    expect(clock.pendingTimers).to.equal(0);
  });
});

describe('the system clock', () => {
  it('runs a timer once, and none that is cancelled', async () => {
    let ran = 0;
    systemClock.timer(0, () => void ran++).cancel();
    await new Promise<void>((resolve) => systemClock.timer(-5, resolve));
    expect(ran).to.equal(0);
  });

  it('does not fire at once for a delay that a timer of the machine cannot hold', async () => {
    let fired = false;
    const timer = systemClock.timer(2 ** 40, () => (fired = true));
    await new Promise<void>((resolve) => systemClock.timer(20, resolve));
    timer.cancel();
    timer.cancel();
    expect(fired).to.equal(false);
  });

  it('tells the time, and a time that only grows', () => {
    expect(Math.abs(systemClock.now() - Date.now())).to.be.below(1_000);
    const before = systemClock.monotonic();
    expect(systemClock.monotonic()).to.be.at.least(before);
  });
});

describe('turns of the event loop', () => {
  const work = (milliseconds: number) => {
    const until = performance.now() + milliseconds;
    while (performance.now() < until);
  };

  it('are shared by all that work without waiting, so that timers come in between', async () => {
    let seen = 0;
    const ticks = setInterval(() => seen++, 1);
    let pieces = 0;
    const worker = async () => {
      for (let piece = 0; piece < 100; piece++) {
        work(1);
        pieces++;
        if (isTurnSpent()) await nextTurn();
      }
    };
    await Promise.all([worker(), worker(), worker()]);
    clearInterval(ticks);
    expect(pieces).to.equal(300);
    // Without turns none; with them one in ten milliseconds of work, or more where the machine is busy.
    expect(seen).to.be.above(10);
  });
});
