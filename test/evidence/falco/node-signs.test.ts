import { expect } from 'chai';
import fc from 'fast-check';
import { NodeSigns } from '../../../src/evidence/falco/node-signs.ts';
import { joinSpans } from '../../../src/evidence/falco/spans.ts';
import { now } from '../../support/builders.ts';

const minute = 60_000;
const gap = 15 * minute;
const fresh = (most?: number) =>
  new NodeSigns({ shortestGap: () => gap, ...(most === undefined ? {} : { most }) });
const heardAt = (...minutes: number[]) => {
  const signs = fresh();
  for (const each of minutes) signs.hear('a', now + each * minute);
  return signs;
};
const tell = (signs: NodeSigns, at = 0, blindAfter = gap) => signs.tell('a', blindAfter, now + at * minute);

describe('what was heard of a node', () => {
  it('is nothing at first', () => expect(tell(fresh())).to.deep.equal({ signs: 'never' }));

  it('is the same as long as it is heard, so that nothing need be judged anew', () => {
    const expected = { signs: 'heard', unbrokenSince: now };
    expect(tell(heardAt(0), 15)).to.deep.equal(expected);
    expect(tell(heardAt(0, 10, 20, 30), 40)).to.deep.equal(expected);
  });

  it('ends when the last sign is too old, and says which that was', () => {
    const { signs, lastSign } = tell(heardAt(0, 10), 25.001);
    expect({ signs, lastSign }).to.deep.equal({ signs: 'silent', lastSign: now + 10 * minute });
    expect(tell(heardAt(0, 10), 25).signs).to.equal('heard');
  });

  it('is unbroken since the last gap', () => {
    expect(tell(heardAt(0, 10, 26, 30), 31)).to.deep.equal({
      signs: 'heard',
      unbrokenSince: now + 26 * minute,
      broken: true,
    });
  });

  it('has no gap where another profile allows a longer one', () => {
    const signs = heardAt(0, 10, 26, 30);
    expect(tell(signs, 31, 16 * minute)).to.deep.equal({ signs: 'heard', unbrokenSince: now });
    expect(tell(signs, 45.5, 16 * minute).signs).to.equal('heard');
  });

  it('is news when it was silent, and not at each event', () => {
    const signs = fresh();
    const news = [0, 1, 15, 14, 31, 32].map((each) => signs.hear('a', now + each * minute));
    expect(news).to.deep.equal([true, false, false, false, true, false]);
  });

  it('closes a gap when a sign of that time comes late', () => {
    expect(tell(heardAt(0, 20, 10), 21)).to.deep.equal({ signs: 'heard', unbrokenSince: now });
  });

  it('forgets old gaps, and counts what was before them as broken', () => {
    const minutes = Array.from({ length: 50 }, (_, index) => index * 20);
    const signs = heardAt(...minutes);
    expect(signs.nodes.get('a')?.spans).to.have.length(8);
    expect(tell(signs, 980, 30 * minute)).to.deep.include({
      broken: true,
      unbrokenSince: now + 840 * minute,
    });
  });

  it('holds two numbers for a node that is heard all the time', () => {
    const signs = fresh();
    for (let at = 0; at < 100_000; at++) signs.hear('a', now + at * 1_000);
    expect(signs.nodes.get('a')).to.deep.equal({ spans: [[now, now + 99_999_000]], first: now });
  });

  it('is bounded in nodes', () => {
    const signs = fresh(10);
    for (let index = 0; index < 100; index++) {
      signs.hear(`node-${index}`, now);
      signs.lose(`node-${index}`, 'sensor', now);
    }
    expect(signs.nodes.size).to.equal(10);
    // What cannot be kept by its node concerns all of them.
    expect(signs.losses.size).to.equal(11);
    expect(signs.tell('node-99', gap, now).lost?.by).to.equal('sensor');
  });

  it('is forgotten when it lies before every window', () => {
    const signs = heardAt(0);
    signs.lose('a', 'sensor', now);
    signs.forget(now + 1);
    expect([signs.nodes.size, signs.losses.size]).to.deep.equal([0, 1]);
    signs.forget(now + 2 * minute);
    expect(signs.losses.size).to.equal(0);
  });
});

describe('what several replicas heard', () => {
  it('is the same, put together in any order and more than once, as if one had heard all', () => {
    // So short that no replica forgets a gap: what one has forgotten, no other can know.
    const events = fc.array(fc.record({ at: fc.nat({ max: 110 }), replica: fc.nat({ max: 2 }) }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(events, fc.shuffledSubarray([0, 1, 2, 0, 1, 2], { minLength: 6 }), (all, order) => {
        const [one, replicas, merged] = [fresh(), [fresh(), fresh(), fresh()], fresh()];
        for (const { at, replica } of all) {
          one.hear('a', now + at * minute);
          replicas[replica]?.hear('a', now + at * minute);
        }
        for (const index of order) {
          const signs = replicas[index]?.nodes.get('a');
          if (signs !== undefined) merged.add('a', signs);
        }
        expect(merged.nodes.get('a')).to.deep.equal(one.nodes.get('a'));
      }),
      { numRuns: 500 },
    );
  });

  it('has the gaps that the signs have, whatever they were told in', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 110 }), { minLength: 1, maxLength: 15 }), (minutes) => {
        const at = minutes.toSorted((a, b) => a - b);
        const breaks = at.filter((each, index) => each - (at[index - 1] ?? -Infinity) > 15);
        const { unbrokenSince, broken } = tell(heardAt(...minutes), 111);
        expect(unbrokenSince).to.equal(now + (breaks.at(-1) ?? 0) * minute);
        expect(broken === true).to.equal(breaks.length > 1);
      }),
    );
  });
});

describe('spans', () => {
  it('are joined where no more lies between them', () => {
    expect(
      joinSpans(
        [
          [50, 60],
          [0, 10],
          [5, 8],
          [20, 30],
        ],
        10,
      ),
    ).to.deep.equal([
      [0, 30],
      [50, 60],
    ]);
    expect(joinSpans([], 10)).to.deep.equal([]);
  });
});

describe('what was lost', () => {
  const lost = (signs: NodeSigns) => tell(signs).lost;

  it('concerns one node, or all', () => {
    const signs = fresh();
    expect(signs.lose('b', 'sensor', now)).to.equal(true);
    expect(lost(signs)).to.equal(undefined);
    signs.lose('', 'operator', now);
    expect(lost(signs)).to.deep.equal({ since: now, until: now + minute, by: 'operator' });
  });

  it('is one loss as long as it goes on, and news once a minute', () => {
    const signs = fresh();
    const news = Array.from({ length: 150 }, (_, second) => signs.lose('a', 'sensor', now + second * 1_000));
    expect(news.filter(Boolean)).to.have.length(3);
    expect(lost(signs)).to.deep.equal({ since: now, until: now + 3 * minute, by: 'sensor' });
  });

  it('is the later one of several', () => {
    const signs = fresh();
    signs.lose('a', 'sensor', now);
    signs.lose('a', 'sensor', now + 60 * minute);
    expect(lost(signs)?.since).to.equal(now + 60 * minute);
    expect(signs.lose('a', 'sensor', now), 'what is told again is no news').to.equal(false);
    signs.lose('', 'operator', now + 90 * minute);
    expect(lost(signs)?.by).to.equal('operator');
  });

  it('is seen in a counter that grows, or of a sensor that started anew and has lost some', () => {
    const signs = fresh();
    const counts = [5, 5, 7, 7, 0, 0, 3, 1];
    expect(counts.map((each) => signs.count('a', each))).to.deep.equal([
      ...[false, false, true, false, false, false, true, true],
    ]);
  });
});
