import { expect } from 'chai';
import { TokenBucket } from '../../src/kube/token-bucket.ts';
import { FakeClock } from '../support/fake-clock.ts';

const options = { perSecond: 10, burst: 100 };

describe('a token bucket', () => {
  it('begins full, then gives at its rate', () => {
    const bucket = new TokenBucket(new FakeClock(), options);
    const waits = Array.from({ length: 102 }, () => bucket.reserve(1));
    expect(waits.slice(0, 100).every((wait) => wait === 0)).to.equal(true);
    expect(waits.slice(100)).to.deep.equal([100, 200]);
  });

  it('fills up to its burst and no further', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket(clock, options);
    bucket.reserve(50);
    await clock.advance(60_000);
    expect([bucket.reserve(100), bucket.reserve(1)]).to.deep.equal([0, 100]);
  });

  const waits: Record<string, { taken: number; asked: number; wait: number }> = {
    'none for what is there': { taken: 90, asked: 10, wait: 0 },
    'until what is missing has come': { taken: 95, asked: 10, wait: 500 },
    'none for more than the burst when it is full': { taken: 0, asked: 1000, wait: 0 },
    'until it is full for more than the burst': { taken: 1, asked: 1000, wait: 100 },
  };
  for (const [title, { taken, asked, wait }] of Object.entries(waits)) {
    it(`says how long to wait: ${title}`, () => {
      const bucket = new TokenBucket(new FakeClock(), options);
      bucket.reserve(taken);
      expect(bucket.waitFor(asked)).to.equal(wait);
    });
  }

  it('is paid off after more than the burst was taken', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket(clock, options);
    bucket.reserve(150);
    expect(bucket.waitFor(1)).to.equal(5_100);
    await clock.advance(5_100);
    expect(bucket.waitFor(1)).to.equal(0);
  });
});
