import { expect } from 'chai';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../src/base/duration.ts';

const hour = 3_600_000;

describe('parseDuration', () => {
  const cases: Record<string, [text: string, expected: number | undefined]> = {
    minutes: ['15m', 15 * 60_000],
    hours: ['24h', 24 * hour],
    days: ['7d', 168 * hour],
    'several units': ['1h30m', 1.5 * hour],
    'as Go writes it': ['24h0m0s', 24 * hour],
    'a fraction': ['1.5h', 1.5 * hour],
    milliseconds: ['250ms', 250],
    'a fraction of a millisecond, rounded': ['1.0009s', 1_001],
    'nothing, without a unit': ['0', 0],
    'nothing, with one': ['0s', 0],
    'no text': ['', undefined],
    'a number without a unit': ['15', undefined],
    'a unit without a number': ['m', undefined],
    'an unknown unit': ['2w', undefined],
    'a unit in upper case': ['2H', undefined],
    'a negative duration': ['-1h', undefined],
    'blanks between': ['1h 30m', undefined],
    'blanks around': [' 1h', undefined],
    'a duration and more': ['1h30', undefined],
    'more than a number can hold': [`${'9'.repeat(30)}d`, undefined],
    'more than any number is': [`${'9'.repeat(400)}d`, undefined],
  };
  for (const [sentence, [text, expected]] of Object.entries(cases)) {
    it(`${expected === undefined ? 'refuses' : 'reads'} ${sentence}`, () =>
      expect(parseDuration(text)).to.equal(expected));
  }
});

describe('formatDuration', () => {
  const cases: Record<string, [milliseconds: number, expected: string]> = {
    'writes the largest units first': [((7 * 24 + 1) * 60 + 30) * 60_000 + 5_000, '7d1h30m5s'],
    'leaves out what is none': [24 * hour + 5_000, '1d5s'],
    'writes nothing as 0s': [0, '0s'],
    'rounds to seconds': [1_499, '1s'],
    'writes what is over as nothing': [-5_000, '0s'],
  };
  for (const [sentence, [milliseconds, expected]] of Object.entries(cases)) {
    it(sentence, () => expect(formatDuration(milliseconds)).to.equal(expected));
  }

  it('writes what parseDuration reads, for whole seconds', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000_000_000 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds * 1_000))).to.equal(seconds * 1_000);
      }),
    );
  });
});
