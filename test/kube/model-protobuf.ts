import { FieldReader } from '../../src/base/protobuf.ts';
import { MessageSet } from '../../src/base/protobuf-message.ts';
import type { DecodeObject } from '../../src/kube/protobuf.ts';
import { encodeMessage, envelope, eventFrame, withLength } from '../support/protobuf.ts';

const descriptions = {
  Thing: 'metadata=1:ObjectMeta value=2',
  ObjectMeta: 'name=1 namespace=3 uid=5 resourceVersion=6 annotations=12%',
  Status: 'status=2 message=3 reason=4 details=5:StatusDetails code=6:int',
  StatusDetails: 'name=1 causes=4*:StatusCause retryAfterSeconds=5:int',
  StatusCause: 'reason=1 message=2 field=3',
};

const messages = new MessageSet(descriptions);

/** What a watcher of the model's things is given. */
export const decodeThing: DecodeObject = (bytes) => ({
  kind: 'Thing',
  apiVersion: 'v1',
  ...messages.message('Thing').decode(new FieldReader(bytes)),
});

/** Lines of a watch in JSON, in protobuf: what is no frame in one is none in the other, and what has no end has none. */
export function inProtobuf(lines: string): Buffer {
  const whole = lines.split('\n');
  const rest = Buffer.from(whole.pop() ?? '');
  const frames = whole.map((line) => withLength(encodeLine(line)));
  const begun =
    rest.length === 0 ? rest : withLength(Buffer.concat([rest, Buffer.from('.')])).subarray(0, -1);
  return Buffer.concat([...frames, begun]);
}

interface Line {
  readonly type?: string;
  readonly object?: Readonly<Record<string, unknown>>;
}

function encodeLine(line: string): Buffer {
  const json = parse(line);
  if (json === undefined) return Buffer.from(line);
  const { type = '', object } = json;
  if (object === undefined) return eventFrame(type, Buffer.alloc(0));
  const kind = type === 'ERROR' ? 'Status' : 'Thing';
  return eventFrame(type, envelope('v1', kind, encodeMessage(descriptions, kind, object)));
}

function parse(line: string): Line | undefined {
  try {
    const json: unknown = JSON.parse(line);
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
