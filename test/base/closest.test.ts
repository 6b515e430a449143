import { expect } from 'chai';
import fc from 'fast-check';
import { closest, didYouMean } from '../../src/base/closest.ts';

const known = ['scan', 'run', 'controls', 'explain', 'images.allowedRegistries'];

describe('closest', () => {
  const cases: Record<string, [word: string, expected: string | undefined]> = {
    'a letter too many': ['scann', 'scan'],
    'a letter too few': ['explan', 'explain'],
    'another letter': ['controlz', 'controls'],
    'another case': ['SCAN', 'scan'],
    'several mistakes in a long word': ['images.alowedRegistrie', 'images.allowedRegistries'],
    'nothing like it': ['deploy', undefined],
    'no text': ['', undefined],
  };
  for (const [sentence, [word, expected]] of Object.entries(cases)) {
    it(`finds ${expected ?? 'nothing'} for ${sentence}`, () =>
      expect(closest(word, known)).to.equal(expected));
  }

  it('finds a known word for itself', () => {
    fc.assert(
      fc.property(fc.constantFrom(...known), (word) => {
        expect(closest(word, known)).to.equal(word);
      }),
    );
  });

  it('takes no time for a word that is longer than all', () => {
    expect(closest('x'.repeat(1_000_000), known)).to.equal(undefined);
  });
});

describe('didYouMean', () => {
  it('completes a message', () => {
    expect(`no command scann${didYouMean('scann', known)}`).to.equal('no command scann; did you mean scan?');
    expect(`no command deploy${didYouMean('deploy', known)}`).to.equal('no command deploy');
  });
});
