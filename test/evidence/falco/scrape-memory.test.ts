import { expect } from 'chai';
import fc from 'fast-check';
import type { PodPage } from '../../../src/evidence/falco/scrape-memory.ts';
import { ScrapeMemory } from '../../../src/evidence/falco/scrape-memory.ts';

const minute = 60_000;
const began = 1_767_225_600_000;
const at = (minutes: number) => began + minutes * minute;
const old = began / 1_000 - 3_600;

const memory = () => new ScrapeMemory({ shortestGap: () => 15 * minute }, began);
const take = (all: ScrapeMemory, result: PodPage['result'], when: number) =>
  all.take('node', [{ uid: 'a', result }], when);
const reading = (events: number, drops = 0, started = old) => ({ started, drops, events });

describe('what pages of metrics said', () => {
  it('is no sign of life before a second page shows that it counts', () => {
    const all = memory();
    expect(take(all, reading(10), at(0))).to.deep.equal({ back: false });
    expect(all.signs.last('node')).to.equal(undefined);
    expect(take(all, reading(11), at(1))).to.deep.equal({ back: true });
    expect(take(all, reading(12), at(2))).to.deep.equal({ back: false });
    expect(all.signs.last('node')).to.equal(at(2));
  });

  it('is none where the counter stands still, and says so', () => {
    const all = memory();
    for (const minutes of [0, 1, 2]) take(all, reading(10), at(minutes));
    expect(all.signs.last('node')).to.equal(undefined);
    expect(all.problemOf('node')).to.equal('it is given no events of the kernel');
    take(all, reading(11), at(3));
    expect(all.problemOf('node')).to.equal(undefined);
  });

  const losses: Record<string, [readonly ReturnType<typeof reading>[], number | undefined]> = {
    'nothing where nothing was lost': [[reading(1), reading(2)], undefined],
    'nothing of what was lost before the first look': [[reading(1, 5), reading(2, 5)], undefined],
    'what was lost since the look before': [[reading(1, 5), reading(2, 6)], at(1)],
    'what was lost by one that started anew': [[reading(9, 5), reading(2, 1, old + 60)], at(1)],
    'nothing of one that started anew and lost nothing': [
      [reading(9, 5), reading(2, 0, old + 60)],
      undefined,
    ],
    'what was lost since a start that it does not tell': [[reading(9, 5, 0), reading(2, 1, 0)], at(1)],
    'what was lost by one that started since anybody looks': [
      [reading(1, 2, began / 1_000 + 30)],
      began + 30_000,
    ],
  };
  for (const [what, [readings, expected]] of Object.entries(losses))
    it(`tells ${what}`, () => {
      const all = memory();
      const news = readings.map((each, index) => take(all, each, at(index + 1)).lostSince);
      expect(news.at(-1)).to.equal(expected);
    });

  it('is of two pods on one node apart: what a second one had lost before is no loss', () => {
    const all = memory();
    const both = (a: PodPage['result'], b: PodPage['result'], minutes: number) => {
      const pages = [
        { uid: 'a', result: a },
        { uid: 'b', result: b },
      ];
      return all.take('node', pages, at(minutes));
    };
    take(all, reading(10), at(0));
    take(all, reading(11), at(1));
    expect(both(reading(12), reading(50, 7), 2)).to.deep.equal({ back: false });
    expect(both(reading(13), reading(51, 7), 3).lostSince).to.equal(undefined);
    expect(both(reading(14), reading(52, 8), 4).lostSince).to.equal(at(3));
    expect(all.signs.last('node')).to.equal(at(4));
    // One that stands still is not hidden by another that counts, nor one that cannot be read.
    both(reading(100), reading(52, 8), 5);
    expect(all.problemOf('node')).to.equal('it is given no events of the kernel');
    expect(both(reading(101, 1), { problem: 'the connection is refused' }, 6).lostSince).to.equal(at(5));
    expect(all.problemOf('node')).to.equal('the connection is refused');
    expect(all.signs.last('node')).to.equal(at(4));
    // The second is gone, and with it what it had counted.
    expect(take(all, reading(102, 1), at(7)).lostSince).to.equal(undefined);
    expect(all.signs.last('node')).to.equal(at(7));
  });

  it('is bounded, and what was renewed longest ago gives way', () => {
    const all = memory();
    for (let index = 0; index <= 20_000; index++)
      all.take(`node-${index}`, [{ uid: `${index}`, result: reading(1) }], at(index));
    expect(all.counts.size).to.equal(20_000);
    expect([all.counts.has('0'), all.counts.has('20000')]).to.deep.equal([false, true]);
  });

  it('goes on from what another replica has counted, if that is newer', () => {
    const all = memory();
    all.addCount('a', { at: at(0), started: old, drops: 5 });
    expect(take(all, reading(1, 6), at(1)).lostSince).to.equal(at(0));
    all.addCount('a', { at: at(0), started: old, drops: 5 });
    expect(take(all, reading(2, 6), at(2)).lostSince).to.equal(undefined);
  });

  it('forgets what ended long ago, and why it could not be read', () => {
    const all = memory();
    take(all, reading(1), at(0));
    const refused = { uid: 'b', result: { problem: 'the connection is refused' } };
    all.take('node', [refused], at(0));
    all.take('other', [refused], at(0));
    expect([all.counts.size, all.problemOf('node')]).to.deep.equal([1, 'the connection is refused']);
    all.forget(at(1), at(24 * 60));
    expect(all.counts.size, 'a day').to.equal(1);
    all.forget(at(1), at(24 * 60 + 1));
    expect([all.counts.size, all.problemOf('node'), all.problemOf('other')]).to.deep.equal([
      0,
      undefined,
      undefined,
    ]);
  });

  it('tells a loss if and only if something was lost since the first look, however often it starts anew', () => {
    const anyStep = fc.record({ lost: fc.nat({ max: 2 }), restart: fc.boolean() });
    fc.assert(
      fc.property(fc.nat({ max: 9 }), fc.array(anyStep, { maxLength: 12 }), (first, steps) => {
        const all = memory();
        let [drops, started, clock] = [first, old, 0];
        take(all, reading(1, drops, started), at(clock));
        for (const { lost, restart } of steps) {
          clock += 1;
          if (restart) started += 60;
          drops = (restart ? 0 : drops) + lost;
          const { lostSince } = take(all, reading(clock + 1, drops, started), at(clock));
          expect(lostSince).to.equal(lost > 0 ? at(clock - 1) : undefined);
        }
      }),
    );
  });
});
