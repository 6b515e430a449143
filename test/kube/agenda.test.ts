import { expect } from 'chai';
import fc from 'fast-check';
import { Agenda } from '../../src/kube/agenda.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('an agenda', () => {
  it('calls each key once, at the earliest of its times', async () => {
    const entry = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      at: fc.integer({ min: 1, max: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 30 }), async (entries) => {
        const clock = new FakeClock();
        const rung: [string, number][] = [];
        const agenda = new Agenda(clock, (key) => rung.push([key, clock.monotonic()]));
        const earliest = new Map<string, number>();
        for (const { key, at } of entries) {
          agenda.set(key, at);
          earliest.set(key, Math.min(at, earliest.get(key) ?? at));
        }
        expect(clock.pendingTimers).to.equal(entries.length === 0 ? 0 : 1);
        await clock.advance(50);
        expect(rung).to.have.length(earliest.size);
        expect(new Map(rung)).to.deep.equal(earliest);
        expect(rung.map(([, at]) => at)).to.deep.equal(rung.map(([, at]) => at).toSorted((a, b) => a - b));
        expect([agenda.size, clock.pendingTimers]).to.deep.equal([0, 0]);
      }),
      { numRuns: 100 },
    );
  });

  it('takes a key again while it is called', async () => {
    const clock = new FakeClock();
    const rung: number[] = [];
    const agenda: Agenda = new Agenda(clock, (key) => {
      rung.push(clock.monotonic());
      if (rung.length < 3) agenda.set(key, 10);
    });
    agenda.set('a', 10);
    await clock.advance(100);
    expect(rung).to.deep.equal([10, 20, 30]);
  });

  it('keeps a time that is farther off than a timer reaches', async () => {
    // Node's timers end after 25 days; the machine's clock cuts longer ones short.
    const clock = new FakeClock();
    const cut = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      timer: (milliseconds: number, run: () => void) => clock.timer(Math.min(milliseconds, 1_000), run),
    };
    const rung: number[] = [];
    new Agenda(cut, () => rung.push(clock.monotonic())).set('a', 2_500);
    await clock.advance(10_000);
    expect(rung).to.deep.equal([2_500]);
  });

  it('calls nothing and leaves no timer once it is cleared', async () => {
    const clock = new FakeClock();
    const agenda = new Agenda(clock, () => expect.fail('called'));
    agenda.set('a', 10);
    agenda.clear();
    await clock.advance(20);
    expect(clock.pendingTimers).to.equal(0);
  });
});
