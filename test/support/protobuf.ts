/** What a field says: a number or a bool as a varint, all else with its length. */
export type Value = number | bigint | boolean | string | Buffer | Fields;

/** The fields of a message in the order in which they are written: numbers and values. */
export type Fields = readonly (readonly [number, Value])[];

/** A message of the Protocol Buffers. */
export const encode = (fields: Fields): Buffer =>
  Buffer.concat(fields.map(([number, value]) => encodeField(number, value)));

function encodeField(number: number, value: Value): Buffer {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return Buffer.concat([varint(number * 8), varint(BigInt(value))]);
  const content =
    typeof value === 'string' ? Buffer.from(value) : Buffer.isBuffer(value) ? value : encode(value);
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

/** A negative one as what it is in 64 bits. */
export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

/** An object in the envelope that Kubernetes puts around it. @param bytes the object's own message */
export const envelope = (apiVersion: string, kind: string, bytes: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from('k8s\0'),
    encode([
      [1, [[1, apiVersion], [2, kind]]], // prettier-ignore
      [2, bytes],
    ]),
  ]);

/** What a watch in protobuf says at once, without its length. */
export const eventFrame = (type: string, object: Buffer): Buffer =>
  encode([
    [1, type],
    [2, [[1, object]]],
  ]);

/** With its length before it, as it is sent. */
export function withLength(frame: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(frame.length);
  return Buffer.concat([head, frame]);
}

interface JsonFrame {
  readonly type: string;
  readonly object: {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly code?: number;
    readonly message?: string;
    readonly reason?: string;
    readonly metadata?: { resourceVersion?: string; annotations?: Record<string, string> };
  };
}

/** A BOOKMARK or an ERROR, such as a test writes it in JSON, in protobuf. */
export function encodeFrame(json: string): Buffer {
  const { type, object } = JSON.parse(json) as JsonFrame;
  const { apiVersion = 'v1', kind = 'Pod' } = object;
  if (type === 'BOOKMARK') {
    const { resourceVersion = '', annotations = {} } = object.metadata ?? {};
    const entries = Object.entries(annotations).map(([key, value]) => [12, [[1, key], [2, value]]] as const); // prettier-ignore
    return eventFrame(type, envelope(apiVersion, kind, encode([[1, [[6, resourceVersion], ...entries]]])));
  }
  if (type !== 'ERROR') throw new Error(`no test encodes a frame of ${type}`);
  const { code = 0, message = '', reason = '' } = object;
  const status = encode([
    [3, message],
    [4, reason],
    [6, code],
  ]);
  return eventFrame(type, envelope('v1', 'Status', status));
}

/**
 * An object as its JSON has it, in protobuf, by descriptions such as those of pod-spec-messages.ts. With what is empty as Go
 * leaves it out, but for what stands in the object.
 */
export function encodeMessage(
  descriptions: Readonly<Record<string, string>>,
  message: string,
  object: Readonly<Record<string, unknown>>,
): Buffer {
  const fields = (descriptions[message] ?? '').split(' ').flatMap((text): [number, Value][] => {
    const groups = /^(?<inline>\.\.\.)?(?<name>\w+)=(?<number>\d+)[*%?!]?(?::(?<type>\w+))?$/.exec(
      text,
    )?.groups;
    const { inline, name = '', number, type = 'text' } = groups ?? {};
    if (inline !== undefined) return [[Number(number), encodeMessage(descriptions, type, object)]];
    const of = (value: unknown) => valueOf(descriptions, type, value);
    const value = object[name];
    if (value === undefined) return [];
    if (text.includes('%'))
      return Object.entries(value as object).map(([key, each]) => [
        Number(number),
        [
          [1, key],
          [2, of(each)],
        ],
      ]);
    return (Array.isArray(value) ? (value as unknown[]) : [value]).map((each) => [Number(number), of(each)]);
  });
  return encode(fields.sort(([a], [b]) => a - b));
}

function valueOf(descriptions: Readonly<Record<string, string>>, type: string, value: unknown): Value {
  if (type === 'Quantity') return [[1, value as string]];
  if (type === 'Time') return [[1, Date.parse(value as string) / 1000]];
  if (type === 'IntOrString') return typeof value === 'number' ? [[1, 0], [2, value]] : [[1, 1], [3, value as string]]; // prettier-ignore
  return type in descriptions
    ? encodeMessage(descriptions, type, value as Readonly<Record<string, unknown>>)
    : (value as Value);
}
