import { expect } from 'chai';
import fc from 'fast-check';
import { ScrapeMemory } from '../../../src/evidence/falco/scrape-memory.ts';

const minute = 60_000;
const began = 1_767_225_600_000;
const at = (minutes: number) => began + minutes * minute;
const old = began / 1_000 - 3_600;

const memory = () => new ScrapeMemory({ shortestGap: () => 15 * minute }, began);
const reading = (events: number, drops = 0, started = old) => ({ started, drops, events });

describe('what pages of metrics said', () => {
  it('is no sign of life before a second page shows that it counts', () => {
    const all = memory();
    expect(all.take('node', reading(10), at(0))).to.deep.equal({ back: false });
    expect(all.signs.last('node')).to.equal(undefined);
    expect(all.take('node', reading(11), at(1))).to.deep.equal({ back: true });
    expect(all.take('node', reading(12), at(2))).to.deep.equal({ back: false });
    expect(all.signs.last('node')).to.equal(at(2));
  });

  it('is none where the counter stands still, and says so', () => {
    const all = memory();
    for (const minutes of [0, 1, 2]) all.take('node', reading(10), at(minutes));
    expect(all.signs.last('node')).to.equal(undefined);
    expect(all.problemOf('node')).to.equal('it is given no events of the kernel');
    all.take('node', reading(11), at(3));
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
      const news = readings.map((each, index) => all.take('node', each, at(index + 1)).lostSince);
      expect(news.at(-1)).to.equal(expected);
    });

  it('goes on from what another replica has counted, if that is newer', () => {
    const all = memory();
    all.addCount('node', { at: at(0), started: old, drops: 5 });
    expect(all.take('node', reading(1, 6), at(1)).lostSince).to.equal(at(0));
    all.addCount('node', { at: at(0), started: old, drops: 5 });
    expect(all.take('node', reading(2, 6), at(2)).lostSince).to.equal(undefined);
  });

  it('forgets what ended long ago, and why it could not be read', () => {
    const all = memory();
    all.take('node', reading(1), at(0));
    all.fail('node', 'the connection is refused', at(0));
    all.fail('other', 'the connection is refused', at(0));
    all.forget(at(1));
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
        all.take('node', reading(1, drops, started), at(clock));
        for (const { lost, restart } of steps) {
          clock += 1;
          if (restart) started += 60;
          drops = (restart ? 0 : drops) + lost;
          const { lostSince } = all.take('node', reading(clock + 1, drops, started), at(clock));
          expect(lostSince).to.equal(lost > 0 ? at(clock - 1) : undefined);
        }
      }),
    );
  });
});
