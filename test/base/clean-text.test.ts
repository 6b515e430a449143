import { expect } from 'chai';
import fc from 'fast-check';
import { cleanText } from '../../src/base/clean-text.ts';
import { unicodeText } from '../support/unicode-text.ts';

describe('cleanText', () => {
  const cases: Record<string, [string, string]> = {
    'plain text stays': ['a shell was spawned', 'a shell was spawned'],
    'line breaks and tabs become one space': ['a\r\n\tb', 'a b'],
    'escape sequences lose their escape': ['\u001b[31mred\u001b[0m', '[31mred [0m'],
    'direction is not turned': ['abc\u202edcba', 'abc dcba'],
    'nothing is hidden between letters': ['a\u200bb\ufeffc', 'a b c'],
    'halves of characters go, whole ones stay': ['x\ud83dy 🦅', 'x y 🦅'],
    'the ends are trimmed': ['  a \u0000', 'a'],
  };
  for (const [sentence, [text, expected]] of Object.entries(cases)) {
    it(sentence, () => expect(cleanText(text, 100)).to.equal(expected));
  }

  it('cuts with a sign, and never through a character', () => {
    expect(cleanText('abcdef', 5)).to.equal('abcd…');
    expect(cleanText('abc🦅def', 5)).to.equal('abc…');
    expect(cleanText('abcde', 5)).to.equal('abcde');
  });

  it('says that it cut what it did not look at', () => {
    expect(cleanText('\u0000'.repeat(99), 3)).to.equal('…');
    expect(cleanText('ab\u0000'.repeat(9), 3)).to.equal('ab…');
  });

  it('leaves nothing unprintable, no half of a character, and no more than it is told', () => {
    const text = unicodeText(60).map((each) => each + '\ud83d'.repeat(each.length % 3));
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 20 }), (given, longest) => {
        const clean = cleanText(given, longest);
        expect(clean.length).to.be.at.most(longest);
        expect(clean).to.not.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(cleanText(clean, longest)).to.equal(clean);
      }),
    );
  });
});
