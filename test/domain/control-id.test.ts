import { expect } from 'chai';
import { compareControlIds } from '../../src/domain/control-id.ts';

describe('compareControlIds', () => {
  it('reads numbers as numbers', () => {
    const sorted = ['RD-2.2.9', 'RD-2.2.10', 'RD-3.10.1', 'RD-5.G.1.1', 'RD-5.H.7.4', 'RD-5.H.10.1'];
    expect(sorted.toReversed().sort(compareControlIds)).to.deep.equal(sorted);
  });
});
