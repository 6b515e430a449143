import { expect } from 'chai';
import fc from 'fast-check';
import { LengthSplitter } from '../../src/kube/length-frames.ts';
import { withLength } from '../support/protobuf.ts';

/** Cuts `whole` at `cuts` and gives the parts to a splitter. */
function split(whole: Buffer, cuts: readonly number[], limit = 1_000_000) {
  const splitter = new LengthSplitter(limit);
  const frames: string[] = [];
  const places = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].toSorted((a, b) => a - b);
  let start = 0;
  for (const end of [...places, whole.length]) {
    for (const frame of splitter.push(whole.subarray(start, end))) frames.push(frame.toString('latin1'));
    start = end;
  }
  return { frames, pending: splitter.pending };
}

const framed = (texts: readonly string[]) => texts.map((text) => withLength(Buffer.from(text, 'latin1')));

describe('splitting a stream into frames that begin with their length', () => {
  it('gives the same frames wherever the chunks end, within a length too', () => {
    const text = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
    fc.assert(
      fc.property(fc.array(text), text, fc.nat(), fc.array(fc.nat()), (texts, rest, left, cuts) => {
        const begun = withLength(Buffer.from(`${rest}.`, 'latin1')).subarray(0, left % (rest.length + 5));
        const { frames, pending } = split(Buffer.concat([...framed(texts), begun]), cuts);
        expect(frames).to.deep.equal(texts.filter((each) => each !== ''));
        expect(pending).to.equal(begun.length);
      }),
    );
  });

  const limits: Record<string, { bytes: Buffer; cuts: number[]; fits: boolean }> = {
    'a frame of the limit': { bytes: withLength(Buffer.alloc(8)), cuts: [2, 6], fits: true },
    'a longer frame': { bytes: withLength(Buffer.alloc(9)), cuts: [], fits: false },
    'a longer frame of which only the length has come': {
      bytes: withLength(Buffer.alloc(9)).subarray(0, 4),
      cuts: [1, 3],
      fits: false,
    },
    'what is no length': { bytes: Buffer.from('HTTP/1.1'), cuts: [], fits: false },
    'many short frames': {
      bytes: Buffer.concat(framed(Array(100).fill('1234567'))),
      cuts: [5, 50],
      fits: true,
    },
  };
  for (const [title, { bytes, cuts, fits }] of Object.entries(limits)) {
    it(`${fits ? 'takes' : 'refuses'} ${title}`, () => {
      const run = () => split(bytes, cuts, 8);
      if (fits) expect(run).not.to.throw();
      else expect(run).to.throw('a frame of the watch is larger than 8 bytes');
    });
  }
});
