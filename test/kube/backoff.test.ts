import { expect } from 'chai';
import { Backoff } from '../../src/kube/backoff.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** The ceilings of so many failures in a row: with the jitter at its end. */
function ceilings(count: number): number[] {
  const backoff = new Backoff({ clock: new FakeClock(), random: () => 1 });
  return Array.from({ length: count }, () => backoff.next());
}

describe('backoff', () => {
  it('doubles from 800 ms to 30 s and stays there', () => {
    expect(ceilings(8)).to.deep.equal([800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]);
  });

  it('stays at its cap after very many failures', () => {
    expect(ceilings(5000).at(-1)).to.equal(30000);
  });

  it('waits anywhere between nothing and the ceiling', () => {
    const random = [0, 0.5, 0.999];
    const backoff = new Backoff({ clock: new FakeClock(), random: () => random.shift() ?? 0 });
    expect([backoff.next(), backoff.next(), backoff.next()]).to.deep.equal([0, 800, 3200 * 0.999]);
  });

  const healthy: Record<string, { after: number; next: number }> = {
    'a failure within two minutes of the last goes on': { after: 120_000, next: 3200 },
    'a failure after more than two healthy minutes counts as the first': { after: 120_001, next: 800 },
  };
  for (const [title, { after, next }] of Object.entries(healthy)) {
    it(title, async () => {
      const clock = new FakeClock();
      const backoff = new Backoff({ clock, random: () => 1 });
      backoff.next();
      // The health begins when the wait is over.
      await clock.advance(backoff.next() + after);
      expect(backoff.next()).to.equal(next);
    });
  }

  const asked: Record<string, { random: number; wait: number }> = {
    'waits at least as long as the server asks': { random: 0, wait: 7000 },
    'spreads those whom the server asked the same': { random: 1, wait: 7800 },
  };
  for (const [title, { random, wait }] of Object.entries(asked)) {
    it(title, () => {
      const backoff = new Backoff({ clock: new FakeClock(), random: () => random });
      expect(backoff.next(7000)).to.equal(wait);
    });
  }
});
