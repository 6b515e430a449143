/** Bytes that are no message of the Protocol Buffers, or end too soon. */
export class ProtobufError extends Error {
  readonly code = 'Protobuf';
  override readonly name = 'ProtobufError';
}

/** How a field is written (https://protobuf.dev/programming-guides/encoding). */
export const [varint, fixed64, lengthDelimited, fixed32] = [0, 1, 2, 5] as const;

/** Goes through the fields of one message, and makes nothing of them but what it is asked for. */
export class FieldReader {
  readonly bytes: Buffer;
  readonly #end: number;
  #at: number;
  /** Of the present field. */
  number = 0;
  wire = 0;
  /** Where the field begins, with its tag. */
  begin = 0;
  /** Where its content begins and ends; for a varint, the number itself. */
  from = 0;
  to = 0;

  constructor(bytes: Buffer, from = 0, to = bytes.length) {
    this.bytes = bytes;
    this.#at = from;
    this.#end = to;
  }

  /** Goes to the next field. @returns whether there is one @throws ProtobufError */
  next(): boolean {
    if (this.#at >= this.#end) return false;
    this.begin = this.#at;
    const tag = this.#varint();
    this.number = Math.floor(tag / 8);
    this.wire = tag % 8;
    this.from = this.#at;
    if (this.wire === lengthDelimited) {
      const length = this.#varint();
      this.from = this.#at;
      this.#at += length;
    } else if (this.wire === varint) this.#varint();
    else if (this.wire === fixed64) this.#at += 8;
    else if (this.wire === fixed32) this.#at += 4;
    else throw new ProtobufError(`field ${this.number} is written in the unknown way ${this.wire}`);
    if (this.#at > this.#end)
      throw new ProtobufError(`field ${this.number} ends ${this.#at - this.#end} bytes after its message`);
    this.to = this.#at;
    return true;
  }

  /** The present field, of a message, a text or bytes. @throws ProtobufError */
  content(): FieldReader {
    this.#expect(lengthDelimited);
    return new FieldReader(this.bytes, this.from, this.to);
  }

  /** A view. @throws ProtobufError */
  slice(): Buffer {
    this.#expect(lengthDelimited);
    return this.bytes.subarray(this.from, this.to);
  }

  /** @throws ProtobufError */
  text(): string {
    this.#expect(lengthDelimited);
    return this.bytes.toString('utf8', this.from, this.to);
  }

  /** @throws ProtobufError */
  integer(): number {
    this.#expect(varint);
    return readVarint(this.bytes, this.from, this.to);
  }

  /** A list of numbers may stand in one field. @throws ProtobufError */
  integers(): number[] {
    if (this.wire === varint) return [this.integer()];
    this.#expect(lengthDelimited);
    const all: number[] = [];
    const { from, to } = this;
    for (let at = from; at < to;) {
      const end = endOfVarint(this.bytes, at, to);
      all.push(readVarint(this.bytes, at, end));
      at = end;
    }
    return all;
  }

  #expect(wire: number): void {
    if (this.wire !== wire)
      throw new ProtobufError(`field ${this.number} is written as ${this.wire} and not as ${wire}`);
  }

  #varint(): number {
    const from = this.#at;
    const first = this.bytes[from] ?? 0;
    // Most tags and lengths are of one byte.
    if (first < 0x80 && from < this.#end) {
      this.#at++;
      return first;
    }
    this.#at = endOfVarint(this.bytes, from, this.#end);
    return readVarint(this.bytes, from, this.#at);
  }
}

const longestVarint = 10;

function endOfVarint(bytes: Buffer, from: number, end: number): number {
  for (let at = from; at < Math.min(end, from + longestVarint); at++)
    if ((bytes[at] ?? 0) < 0x80) return at + 1;
  throw new ProtobufError(`a number at byte ${from} does not end`);
}

/** A negative one is written in ten bytes, as what it is in 64 bits. */
function readVarint(bytes: Buffer, from: number, to: number): number {
  if (to - from > 7) {
    let value = 0n;
    for (let at = to - 1; at >= from; at--) value = (value << 7n) | BigInt((bytes[at] ?? 0) & 0x7f);
    return Number(BigInt.asIntN(64, value));
  }
  let value = 0;
  for (let at = to - 1; at >= from; at--) value = value * 128 + ((bytes[at] ?? 0) & 0x7f);
  return value;
}
