import { expect } from 'chai';
import fc from 'fast-check';
import { WriteBudget } from '../../src/kube/write-budget.ts';
import { FakeClock } from '../support/fake-clock.ts';

const kilobyte = 1024;

describe('the write budget', () => {
  it('lets the first write of an object through at once, the next after ten seconds', async () => {
    const clock = new FakeClock();
    const budget = new WriteBudget({ clock });
    expect(budget.admit('a', kilobyte)).to.deep.equal({ ok: true });
    await clock.advance(4_000);
    expect(budget.admit('a', kilobyte)).to.deep.equal({ ok: false, retryAfterMs: 6_000 });
    expect(budget.admit('b', kilobyte)).to.deep.equal({ ok: true });
    await clock.advance(6_000);
    expect(budget.admit('a', kilobyte)).to.deep.equal({ ok: true });
  });

  it('tells how long an object has to wait, and spends nothing by that', async () => {
    const clock = new FakeClock();
    const budget = new WriteBudget({ clock });
    expect(budget.waitOf('a')).to.equal(0);
    expect(budget.admit('a', kilobyte)).to.deep.equal({ ok: true });
    await clock.advance(4_000);
    expect(budget.waitOf('a')).to.equal(6_000);
    budget.excuse('a');
    expect(budget.waitOf('a'), 'what another has written is put right at once').to.equal(0);
    expect(budget.admit('a', kilobyte)).to.deep.equal({ ok: true });
    await clock.advance(10_000);
    expect(budget.waitOf('a')).to.equal(0);
  });

  it('makes a write that failed not wait', () => {
    const budget = new WriteBudget({ clock: new FakeClock() });
    budget.admit('a', kilobyte);
    budget.failed('a');
    expect(budget.admit('a', kilobyte)).to.deep.equal({ ok: true });
  });

  it('lets a burst of 16 MiB through, then half a MiB a second', async () => {
    const clock = new FakeClock();
    const budget = new WriteBudget({ clock });
    const admitted = Array.from({ length: 100 }, (_, n) => budget.admit(`ns-${n}`, 200 * kilobyte)).filter(
      ({ ok }) => ok,
    );
    expect(admitted).to.have.length(81);
    const next = budget.admit('one-more', 200 * kilobyte);
    expect(next.ok).to.equal(false);
    await clock.advance(next.ok ? 0 : next.retryAfterMs);
    expect(budget.admit('one-more', 200 * kilobyte)).to.deep.equal({ ok: true });
  });

  it('lets what another has overwritten be put right at once, but once in each interval: two that fight make no storm', async () => {
    const clock = new FakeClock();
    const budget = new WriteBudget({ clock });
    const turns: boolean[] = [];
    const turn = (key: string) => {
      budget.excuse(key);
      turns.push(budget.admit(key, 1).ok);
    };
    expect(budget.admit('shop', 1).ok).to.equal(true);
    for (let count = 0; count < 3; count++) turn('shop');
    expect(turns.splice(0)).to.deep.equal([true, false, false]);
    await clock.advance(10_000);
    for (let count = 0; count < 2; count++) turn('shop');
    expect(turns.splice(0), 'the interval is over, and then it is excused again').to.deep.equal([true, true]);
    turn('shop');
    expect(turns).to.deep.equal([false]);
  });

  it('gives each that waits a turn of its own, so that nobody comes back in vain', async () => {
    const clock = new FakeClock();
    const budget = new WriteBudget({ clock, bytesPerSecond: 100, burstBytes: 500 });
    const keys = Array.from({ length: 40 }, (_, n) => `ns-${n}`);
    const coming = new Map(keys.map((key) => [key, 0]));
    const written = new Map<string, number>();
    let asked = 0;
    while (coming.size > 0) {
      const [key, at] = [...coming].toSorted(([, a], [, b]) => a - b)[0] ?? ['', 0];
      await clock.advance(at - clock.monotonic());
      const answer = budget.admit(key, 100);
      asked++;
      if (answer.ok) {
        coming.delete(key);
        written.set(key, clock.monotonic());
      } else coming.set(key, clock.monotonic() + answer.retryAfterMs);
    }
    expect(asked, 'five go at once, the others come twice').to.equal(5 + 2 * 35);
    expect([...written.keys()]).to.deep.equal(keys);
    expect(written.get('ns-39'), 'and no later than the rate asks').to.equal(35_000);
  });

  it('keeps what those in line wait for, and no longer than ten seconds for one that does not come back', async () => {
    const clock = new FakeClock();
    const budget = new WriteBudget({ clock, bytesPerSecond: 100, burstBytes: 500 });
    expect(budget.admit('first', 500)).to.deep.equal({ ok: true });
    expect(budget.admit('gone', 200)).to.deep.equal({ ok: false, retryAfterMs: 2_000 });
    expect(budget.admit('shop', 200)).to.deep.equal({ ok: false, retryAfterMs: 4_000 });
    await clock.advance(3_000);
    expect(budget.admit('late', 100), 'there is enough for it, but not for those before it').to.deep.equal({
      ok: false,
      retryAfterMs: 2_000,
    });
    await clock.advance(1_000);
    expect(budget.admit('shop', 200), 'enough for the lost one too').to.deep.equal({ ok: true });
    await clock.advance(1_000);
    expect(budget.admit('late', 100)).to.deep.equal({ ok: true });
    await clock.advance(7_000);
    const big = budget.admit('big', 500);
    expect(big.ok, 'the turn of the lost one was ten seconds ago').to.equal(false);
    await clock.advance(1);
    expect(budget.admit('big', 500)).to.deep.equal({ ok: true });
  });

  it('lets one that may not be written yet hold nobody up', async () => {
    const clock = new FakeClock();
    const budget = new WriteBudget({ clock, bytesPerSecond: 100, burstBytes: 500 });
    expect(budget.admit('shop', 500)).to.deep.equal({ ok: true });
    await clock.advance(1_000);
    expect(budget.admit('shop', 500)).to.deep.equal({ ok: false, retryAfterMs: 9_000 });
    expect(budget.admit('other', 100)).to.deep.equal({ ok: true });
  });

  it('lets a large report through among many small ones that change all the time', async () => {
    const sizes = [190 * kilobyte, ...Array.from({ length: 400 }, () => 20 * kilobyte)];
    const waited = await changeAllTheTime(sizes, { forMs: 300_000, lateMs: () => 0 });
    // All of them, once through the rate: 16 s.
    expect(Math.max(...waited)).to.be.below(20_000);
  });

  it('lets everybody who comes back through within a bound, however late others come, or not at all', async () => {
    const small = fc.array(fc.integer({ min: 20, max: 60 }), { minLength: 20, maxLength: 40 });
    const lates = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 9 });
    const gone = fc.array(fc.nat(300), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 500 }),
        small,
        lates,
        gone,
        async (large, others, late, lost) => {
          const waited = await changeAllTheTime([large, ...others], {
            forMs: 200_000,
            lateMs: (turn) => late[turn % late.length] ?? 0,
            gone: lost,
            bytesPerSecond: 100,
            burstBytes: 500,
          });
          const all = others.reduce((sum, each) => sum + each, large);
          // Its turn, at which it comes late; then those before it that are lost, until their places are.
          expect(Math.max(...waited)).to.be.below((all / 100) * 1_000 + 3_000 + 10_000 + 3_000);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('never admits more than burst and rate allow, nor an object twice within its interval', async () => {
    const request = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      bytes: fc.integer({ min: 1, max: 400 }),
      pause: fc.integer({ min: 0, max: 3_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 40 }), async (requests) => {
        const clock = new FakeClock();
        const budget = new WriteBudget({ clock, bytesPerSecond: 100, burstBytes: 500 });
        let written = 0;
        const last = new Map<string, number>();
        for (const { key, bytes, pause } of requests) {
          await clock.advance(pause);
          const answer = budget.admit(key, bytes);
          const now = clock.monotonic();
          if (answer.ok) {
            expect(now - (last.get(key) ?? Number.NEGATIVE_INFINITY)).to.be.at.least(10_000);
            last.set(key, now);
            written += bytes;
            expect(written).to.be.at.most(500 + (now / 1_000) * 100 + 1e-6);
          } else {
            expect(answer.retryAfterMs).to.be.greaterThan(0);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

interface Churn {
  readonly forMs: number;
  /** How much later than it was told to one comes back at this turn. */
  readonly lateMs: (turn: number) => number;
  /** Turns after which one does not come back for a while, and has its place in the line nonetheless. */
  readonly gone?: readonly number[];
  readonly bytesPerSecond?: number;
  readonly burstBytes?: number;
}

/** Reports that are never at rest. @returns the longest that each of them waited after its own interval, milliseconds */
async function changeAllTheTime(sizes: readonly number[], churn: Churn): Promise<number[]> {
  const { forMs, lateMs, gone = [], ...rate } = churn;
  const clock = new FakeClock();
  const budget = new WriteBudget({ clock, ...rate });
  const longest = sizes.map(() => 0);
  const reports = sizes.map((bytes, n) => ({ n, bytes, at: 0, since: 0 }));
  for (let turn = 0; ; turn++) {
    const next = reports.reduce((first, each) => (each.at < first.at ? each : first));
    if (next.at > forMs) break;
    await clock.advance(next.at - clock.monotonic());
    const now = clock.monotonic();
    const answer = budget.admit(`report-${next.n}`, next.bytes);
    const back = now + (answer.ok ? 10_000 : answer.retryAfterMs) + lateMs(turn);
    if (answer.ok) longest[next.n] = Math.max(longest[next.n] ?? 0, now - next.since);
    next.at = gone.includes(turn) ? back + 30_000 : back;
    if (answer.ok || gone.includes(turn)) next.since = next.at;
  }
  return reports.map(({ n, since }) => Math.max(longest[n] ?? 0, forMs - since));
}
