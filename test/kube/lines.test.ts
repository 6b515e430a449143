import { expect } from 'chai';
import fc from 'fast-check';
import { LineSplitter } from '../../src/kube/lines.ts';

/** Cuts `whole` at `cuts` and gives the parts to a splitter. */
function split(whole: Buffer, cuts: readonly number[], limit = 1_000_000) {
  const splitter = new LineSplitter(limit);
  const lines: string[] = [];
  const places = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].toSorted((a, b) => a - b);
  let start = 0;
  for (const end of [...places, whole.length]) {
    for (const line of splitter.push(whole.subarray(start, end))) lines.push(line.toString('utf8'));
    start = end;
  }
  return { lines, pending: splitter.pending };
}

describe('splitting a stream into lines', () => {
  it('gives the same lines wherever the chunks end, within a character too', () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/\n/g, ' '));
    fc.assert(
      fc.property(fc.array(line), line, fc.array(fc.nat()), (lines, rest, cuts) => {
        const whole = Buffer.from([...lines, rest].join('\n'));
        const { lines: found, pending } = split(whole, cuts);
        expect(found).to.deep.equal(lines.filter((text) => text !== ''));
        expect(pending).to.equal(Buffer.byteLength(rest));
      }),
    );
  });

  const limits: Record<string, { text: string; cuts: number[]; fits: boolean }> = {
    'a line of the limit, whole': { text: '12345678\n', cuts: [], fits: true },
    'a line of the limit, in parts': { text: '12345678\n', cuts: [3, 8], fits: true },
    'a longer line, whole': { text: '123456789\n', cuts: [], fits: false },
    'a longer line, in parts': { text: '123456789\n', cuts: [5], fits: false },
    'a longer line without an end': { text: '123456789', cuts: [4, 5, 6], fits: false },
    'many short lines': { text: '1234567\n'.repeat(100), cuts: [5, 50], fits: true },
  };
  for (const [title, { text, cuts, fits }] of Object.entries(limits)) {
    it(`${fits ? 'takes' : 'refuses'} ${title}`, () => {
      const run = () => split(Buffer.from(text), cuts, 8);
      if (fits) expect(run).not.to.throw();
      else expect(run).to.throw('a frame of the watch is larger than 8 bytes');
    });
  }
});
