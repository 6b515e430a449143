import { expect } from 'chai';
import fc from 'fast-check';
import { FieldReader, ProtobufError } from '../../src/base/protobuf.ts';
import { encode, varint } from '../support/protobuf.ts';

const only = (bytes: Buffer): FieldReader => {
  const reader = new FieldReader(bytes);
  expect(reader.next()).to.equal(true);
  return reader;
};

/** Reads all that there is, each part also as if it were a message. */
function readAll(reader: FieldReader, depth = 0): number {
  let count = 0;
  while (reader.next()) {
    count++;
    for (const read of [() => reader.text(), () => reader.integer(), () => reader.integers()]) attempt(read);
    if (depth < 3) attempt(() => readAll(reader.content(), depth + 1));
  }
  return count;
}

function attempt(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
  }
}

describe('the fields of a protobuf message', () => {
  it('are numbers as they were written, down to the least of 64 bits', () => {
    const safe = fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.nat(300));
    fc.assert(
      fc.property(safe, (value) => {
        expect(only(encode([[7, value]])).integer()).to.equal(value);
      }),
    );
    expect(only(encode([[1, -(2n ** 63n)]])).integer()).to.equal(-(2 ** 63));
    expect(only(encode([[1, 2n ** 63n - 1n]])).integer()).to.equal(2 ** 63);
  });

  it('are texts, bytes and messages, with numbers up to the greatest', () => {
    const bytes = encode([[1, 'grün'], [15, 'a'], [16, Buffer.from([0, 255])], [2 ** 29 - 1, [[2, true]]]]); // prettier-ignore
    const reader = new FieldReader(bytes);
    const found: unknown[] = [];
    while (reader.next()) {
      const { number } = reader;
      if (number === 16) found.push([number, [...reader.slice()]]);
      else if (number < 16) found.push([number, reader.text()]);
      else {
        const inner = reader.content();
        expect(inner.next()).to.equal(true);
        found.push([number, inner.number, inner.integer()]);
      }
    }
    expect(found).to.deep.equal([[1, 'grün'], [15, 'a'], [16, [0, 255]], [2 ** 29 - 1, 2, 1]]); // prettier-ignore
  });

  it('are lists of numbers, in one field or one by one', () => {
    const all = [0, 1, 300, 2 ** 40];
    expect(only(encode([[1, Buffer.concat(all.map(varint))]])).integers()).to.deep.equal(all);
    expect(only(encode([[1, 300]])).integers()).to.deep.equal([300]);
  });

  it('pass over what is written in four or eight bytes', () => {
    const fixed = Buffer.concat([varint(1 * 8 + 5), Buffer.alloc(4), varint(2 * 8 + 1), Buffer.alloc(8)]);
    const reader = new FieldReader(Buffer.concat([fixed, encode([[3, 'a']])]));
    expect([reader.next(), reader.number, reader.next(), reader.number]).to.deep.equal([true, 1, true, 2]);
    expect([reader.next(), reader.text(), reader.next()]).to.deep.equal([true, 'a', false]);
  });

  const broken: Record<string, { bytes: Buffer; read?: (reader: FieldReader) => unknown; says: RegExp }> = {
    'a text that ends too late': { bytes: Buffer.from([0x0a, 5, 97]), says: /field 1 ends 4 bytes after/ },
    'a length that does not end': { bytes: Buffer.from([0x0a, 0x80]), says: /does not end/ },
    'a tag that does not end': { bytes: Buffer.from([0x80]), says: /does not end/ },
    'a number that never ends': { bytes: Buffer.alloc(20, 0xff), says: /a number at byte 0 does not end/ },
    'four bytes that are three': { bytes: Buffer.from([0x0d, 1, 2, 3]), says: /ends 1 bytes after/ },
    'a group, which nobody writes any more': { bytes: Buffer.from([0x0b]), says: /unknown way 3/ },
    'a text that is asked for as a number': {
      bytes: encode([[1, 'a']]),
      read: (reader) => reader.integer(),
      says: /field 1 is written as 2 and not as 0/,
    },
    'a number that is asked for as a text': {
      bytes: encode([[1, 5]]),
      read: (reader) => reader.text(),
      says: /field 1 is written as 0 and not as 2/,
    },
    'a list of numbers whose last does not end': {
      bytes: encode([[1, Buffer.from([1, 0x80])]]),
      read: (reader) => reader.integers(),
      says: /does not end/,
    },
  };
  for (const [title, { bytes, read = () => undefined, says }] of Object.entries(broken)) {
    it(`are an error for ${title}`, () => {
      const run = () => {
        const reader = new FieldReader(bytes);
        while (reader.next()) read(reader);
      };
      expect(run).to.throw(ProtobufError, says);
    });
  }

  it('do not reach over the end of their message, whatever follows it', () => {
    const bytes = Buffer.from([0x0a, 2, 97, 98, 0x12, 1, 99]);
    expect(() => readAll(new FieldReader(bytes, 0, 3))).to.throw(ProtobufError);
    expect(readAll(new FieldReader(bytes, 0, 4))).to.equal(1);
    // The length stands behind the end.
    expect(() => readAll(new FieldReader(Buffer.from([0x0a, 0x01]), 0, 1))).to.throw(ProtobufError);
  });

  it('come to an end in whatever bytes, and throw nothing but a ProtobufError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => attempt(() => readAll(new FieldReader(Buffer.from(bytes)))))); // prettier-ignore
  });
});
