import { expect } from 'chai';
import { readFrame } from '../../src/kube/frame.ts';

const metadata = { name: 'a', resourceVersion: '1' };
const line = Buffer.from(JSON.stringify({ type: 'ADDED', object: { metadata, spec: { long: true } } }));

describe('a frame that need not be parsed whole', () => {
  it('has what the text has that is made of it', () => {
    const short = JSON.stringify({ type: 'ADDED', object: { metadata } });
    expect(readFrame(line, () => short)).to.have.deep.property('object', { metadata });
  });

  for (const text of ['', '{"type":"ADDED","object":{', '[]', '"a"']) {
    it(`is parsed whole where that text is ${JSON.stringify(text)}`, () => {
      expect(readFrame(line, () => text)).to.deep.equal(readFrame(line));
    });
  }
});
