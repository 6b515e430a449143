import { expect } from 'chai';
import * as fc from 'fast-check';
import { compareControlIds } from '../../src/domain/control-id.ts';

describe('compareControlIds', () => {
  it('reads numbers as numbers', () => {
    const sorted = [
      'RD-2.2.9',
      'RD-2.2.10',
      'RD-2.2.12',
      'RD-2.2.101',
      'RD-3.10.1',
      'RD-5.G.1.1',
      'RD-5.H.7.4',
      'RD-5.H.10.1',
    ];
    expect(sorted.toReversed().sort(compareControlIds)).to.deep.equal(sorted);
  });

  it('orders as a collator does that reads numbers', () => {
    const collator = new Intl.Collator('en', { numeric: true });
    const part = fc.oneof(fc.nat(300).map(String), fc.constantFrom('G', 'H'));
    const id = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `RD-${parts.join('.')}`);
    fc.assert(
      fc.property(id, id, (a, b) => {
        expect(Math.sign(compareControlIds(a, b))).to.equal(Math.sign(collator.compare(a, b)));
      }),
    );
  });
});
