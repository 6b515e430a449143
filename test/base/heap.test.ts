import { expect } from 'chai';
import fc from 'fast-check';
import { Heap } from '../../src/base/heap.ts';

describe('a heap', () => {
  const take = (heap: Heap<number>, count: number) => Array.from({ length: count }, () => heap.take());

  it('gives what it was given in order, and then nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20, max: 20 })), (given) => {
        const heap = new Heap([...given], (a, b) => a - b);
        expect(take(heap, given.length + 1)).to.deep.equal([...given.toSorted((a, b) => a - b), undefined]);
      }),
    );
  });

  it('compares a few times the length where a few are asked for', () => {
    const length = 10_000;
    let compared = 0;
    const given = Array.from({ length }, (_, index) => (index * 7_919) % length);
    const heap = new Heap(given, (a, b) => {
      compared++;
      return a - b;
    });
    expect(take(heap, 10)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(compared).to.be.below(3 * length);
  });
});
