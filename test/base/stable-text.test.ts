import { expect } from 'chai';
import fc from 'fast-check';
import { stableText } from '../../src/base/stable-text.ts';

/** The same with the keys of every object in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, reversed(inner)])
      .reverse(),
  );
}

describe('stableText', () => {
  it('does not depend on the order of keys, and says the same as JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = stableText(value);
        expect(stableText(reversed(value))).to.equal(text);
        expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('depends on the order of lists', () => {
    expect(stableText([1, 2])).to.not.equal(stableText([2, 1]));
  });
});
