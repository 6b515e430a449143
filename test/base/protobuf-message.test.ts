import { expect } from 'chai';
import fc from 'fast-check';
import { FieldReader, ProtobufError } from '../../src/base/protobuf.ts';
import { MessageSet } from '../../src/base/protobuf-message.ts';
import type { Fields } from '../support/protobuf.ts';
import { encode, varint } from '../support/protobuf.ts';

const messages = new MessageSet({
  Thing:
    'text=1 number=2:int flag=3:bool always=4! pointer=5?:bool zero=6?:int parts=7*:Part words=8* numbers=9*:int ' +
    'labels=10% sizes=11%:Quantity at=12:Time port=13:IntOrString raw=14:bytes json=15:json ...Inner=16:Inner size=17:Quantity',
  Part: 'name=1! part=2:Part',
  Inner: 'first=1 second=2',
});

const decode = (fields: Fields) => messages.message('Thing').decode(new FieldReader(encode(fields)));

describe('a protobuf message by its description', () => {
  const cases: Record<string, [Fields, object]> = {
    'leaves out what is empty, 0 or false': [[[1, ''], [2, 0], [3, false]], {}], // prettier-ignore
    'keeps it where JSON has it always, or Go a pointer': [
      [[4, ''], [5, false], [6, 0]], // prettier-ignore
      { always: '', pointer: false, zero: 0 },
    ],
    'has texts, numbers and bools': [[[1, 'grün'], [2, -5], [3, true]], { text: 'grün', number: -5, flag: true }], // prettier-ignore
    'has messages in messages, and empty ones': [
      [[7, [[1, 'a'], [2, [[1, 'b']]]]], [7, []]], // prettier-ignore
      { parts: [{ name: 'a', part: { name: 'b' } }, {}] },
    ],
    'has lists, with what is empty in them': [[[8, 'a'], [8, '']], { words: ['a', ''] }], // prettier-ignore
    'has lists of numbers, one by one and in one field': [
      [[9, 0], [9, 300], [9, Buffer.concat([varint(7), varint(-1)])]], // prettier-ignore
      { numbers: [0, 300, 7, -1] },
    ],
    'has maps, with an empty key and an empty value': [
      [[10, [[1, 'a'], [2, 'b']]], [10, [[1, 'c']]], [10, [[2, 'd']]]], // prettier-ignore
      { labels: { a: 'b', c: '', '': 'd' } },
    ],
    'has maps of quantities': [[[11, [[1, 'cpu'], [2, [[1, '100m']]]]]], { sizes: { cpu: '100m' } }], // prettier-ignore
    'has a time to the second': [[[12, [[1, 1_772_359_200], [2, 999]]]], { at: '2026-03-01T10:00:00Z' }], // prettier-ignore
    'has no time where Go has its zero': [[[12, []]], {}],
    'has a port that is a number, also 0': [[[13, [[1, 0], [2, 0]]]], {}], // prettier-ignore
    'has a port that is a name': [[[13, [[1, 1], [3, 'http']]]], { port: 'http' }], // prettier-ignore
    'has JSON in its bytes': [[[15, [[1, '{"f:a":{}}']]]], { json: { 'f:a': {} } }], // prettier-ignore
    'has a quantity, and 0 where nothing is said': [[[17, []]], { size: '0' }],
    'has what stands in it inline': [[[16, [[2, 'b']]]], { second: 'b' }],
    'passes over what it has no words for': [[[99, 'x'], [1, 'a'], [100, 5]], { text: 'a' }], // prettier-ignore
    'takes the last of what may be there once': [[[1, 'a'], [1, 'b']], { text: 'b' }], // prettier-ignore
  };
  for (const [title, [fields, expected]] of Object.entries(cases)) {
    it(title, () => {
      expect(decode(fields)).to.deep.equal(expected);
    });
  }

  it('has its fields in the order of the description, whatever that of the bytes', () => {
    const decoded = decode([[17, [[1, '1']]], [16, [[1, 'i']]], [5, true], [2, 1], [1, 'a']]); // prettier-ignore
    expect(Object.keys(decoded)).to.deep.equal(['text', 'number', 'pointer', 'first', 'size']);
  });

  it('takes no key of a map for the prototype', () => {
    const { labels } = decode([[10, [[1, '__proto__'], [2, 'kept']]]]); // prettier-ignore
    expect(Object.getPrototypeOf(labels)).to.equal(Object.prototype);
    expect(JSON.stringify(labels)).to.equal('{"__proto__":"kept"}');
  });

  it('has a view of bytes', () => {
    expect(decode([[14, Buffer.from([1, 2])]])['raw']).to.deep.equal(Buffer.from([1, 2]));
  });

  const broken: Record<string, Fields> = {
    'a text that is a number': [[1, 5]],
    'a number that is a text': [[2, 'a']],
    'a message that is a text': [[7, 'no message']],
    'JSON that is none': [[15, [[1, '{']]]],
    'a time that no calendar has': [[12, [[1, 2n ** 62n]]]],
  };
  for (const [title, fields] of Object.entries(broken)) {
    it(`is an error for ${title}`, () => {
      expect(() => decode(fields)).to.throw(ProtobufError);
    });
  }

  it('is decoded or a ProtobufError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        try {
          messages.message('Thing').decode(new FieldReader(Buffer.from(bytes)));
        } catch (error) {
          expect(error).to.be.instanceOf(ProtobufError);
        }
      }),
    );
  });

  for (const [title, description] of Object.entries({
    'that is no description': 'a b=c',
    'with a message that there is not': 'a=1:Other',
  })) {
    it(`cannot be read by one ${title}`, () => {
      const message = new MessageSet({ Thing: description }).message('Thing');
      expect(() => message.decode(new FieldReader(Buffer.alloc(0)))).to.throw(TypeError);
    });
  }
});
