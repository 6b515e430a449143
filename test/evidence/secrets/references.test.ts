import { expect } from 'chai';
import { besideReferences, hasReference, referencesIn } from '../../../src/evidence/secrets/references.ts';

describe('the references in a text', () => {
  const fallbacks: Record<string, readonly string[]> = {
    'user ${NAME:-shop} at ${HOST}': ['shop', ''],
    '${name:text} $(OTHER) {{ .Value }}': ['text', '', ''],
    '${A:-${B}}': [''],
    // What does not end is no reference, and may be part of a secret.
    '${A:-x9Kd$(82}': ['x9Kd$(82'],
    '${A:?is not set}': [''],
    '$$(A) ${A': [],
  };
  for (const [text, expected] of Object.entries(fallbacks))
    it(`of ${text} are ${expected.length}`, () => {
      expect(referencesIn(text).map(({ fallback }) => fallback)).to.deep.equal(expected);
    });

  it('may stand one within the other as deep as anybody writes them', () => {
    const levels = 100_000;
    const text = '${a:'.repeat(levels) + 'x' + '}'.repeat(levels);
    expect(referencesIn(text)).to.deep.equal([{ start: 0, end: text.length, fallback: '' }]);
    expect(hasReference(text)).to.equal(true);
    expect(besideReferences(`${text}-x9Kd82hhQz7L`, () => false)).to.equal('-x9Kd82hhQz7L');
  });
});
