import { expect } from 'chai';
import fc from 'fast-check';
import { BadFrameError, orBadFrame, readFrame, readProtobufFrame } from '../../src/kube/frame.ts';
import { decodeObject } from '../../src/kube/protobuf.ts';
import { encode, envelope, eventFrame } from '../support/protobuf.ts';
import { decodeThing, inProtobuf } from './model-protobuf.ts';

/** Of a frame in JSON, without its length. */
const inBytes = (json: object): Buffer => inProtobuf(`${JSON.stringify(json)}\n`).subarray(4);

const metadata = { name: 'a', namespace: 'shop', uid: 'u', resourceVersion: '7' };
const thing = { kind: 'Thing', apiVersion: 'v1', metadata, value: 'grün' };
const annotations = { 'k8s.io/initial-events-end': 'true' };
const causes = [{ reason: 'ResourceVersionTooLarge', message: 'too large', field: 'a' }];
const status = {
  ...{ kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'no', reason: 'Timeout', code: 504 },
  details: { causes, retryAfterSeconds: 3 },
};

describe('a frame of a watch in protobuf', () => {
  const frames: Record<string, object> = {
    'an object that is new': { type: 'ADDED', object: thing },
    'an object that has changed': { type: 'MODIFIED', object: thing },
    'an object that is gone': { type: 'DELETED', object: thing },
    'a bookmark': { type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' } } },
    'the end of a list': { type: 'BOOKMARK', object: { metadata: { resourceVersion: '9', annotations } } },
    'a refusal, with what it says of itself': { type: 'ERROR', object: status },
    'a refusal that says nothing': { type: 'ERROR', object: {} },
  };
  for (const [title, frame] of Object.entries(frames)) {
    it(`says what it says in JSON: ${title}`, () => {
      const expected = readFrame(Buffer.from(JSON.stringify(frame)));
      const found = readProtobufFrame(inBytes(frame), decodeThing);
      if (expected.type === 'error' && found.type === 'error') {
        expect(Object.entries(found.error)).to.deep.equal(Object.entries(expected.error));
        expect(found.error.message).to.equal(expected.error.message);
        expect(found.error.constructor).to.equal(expected.error.constructor);
      } else expect(found).to.deep.equal(expected);
    });
  }

  it('is refused where it says nothing that is known', () => {
    const broken = [
      Buffer.from('no protobuf'),
      eventFrame('RENAMED', envelope('v1', 'Thing', encode([[1, [[1, 'a']]]]))),
      encode([[1, 'ADDED']]),
      eventFrame('ADDED', Buffer.from('{}')),
      eventFrame('BOOKMARK', envelope('v1', 'Thing', Buffer.alloc(0))),
      inBytes({ type: 'ADDED', object: { metadata: { resourceVersion: '1' } } }),
      inBytes({ type: 'ADDED', object: { metadata: { name: 'a' } } }),
    ];
    for (const bytes of broken) expect(() => readProtobufFrame(bytes, decodeThing)).to.throw(BadFrameError);
  });

  it('is read or a BadFrameError, whatever the bytes', () => {
    const whole = inBytes({ type: 'ADDED', object: thing });
    const changed = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, to]) => {
      const bytes = Buffer.from(whole);
      bytes[at] = to;
      return bytes;
    });
    const any = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(changed, any), (bytes) => {
        try {
          readProtobufFrame(bytes, decodeThing);
        } catch (error) {
          expect(error).to.be.instanceOf(BadFrameError);
        }
      }),
    );
  });

  it('leaves any other error what it is', () => {
    const defect = new RangeError('a defect');
    const run = () =>
      orBadFrame(() => {
        throw defect;
      });
    expect(run).to.throw(defect);
  });
});

describe('an object in its envelope', () => {
  it('is a Status as such, and else what who asked makes of it', () => {
    const bytes = encode([[3, 'gone']]);
    expect(decodeObject(envelope('v1', 'Status', bytes))).to.deep.equal({ message: 'gone' });
    expect(decodeObject(envelope('v1', 'Pod', bytes), () => ({ mine: true }))).to.deep.equal({ mine: true });
    expect(decodeObject(envelope('v1', 'Pod', bytes))).to.equal(undefined);
  });

  it('is none without it', () => {
    for (const text of ['', 'k8s', '{"kind":"Status"}'])
      expect(decodeObject(Buffer.from(text))).to.equal(undefined);
  });
});
