import { FieldReader } from '../base/protobuf.ts';
import type { Decoded } from '../base/protobuf-message.ts';
import { MessageSet } from '../base/protobuf-message.ts';

/** Makes of the bytes of a message what its JSON would be. @throws ProtobufError */
export type DecodeObject = (message: Buffer) => Readonly<Decoded>;

export const protobufType = 'application/vnd.kubernetes.protobuf';

/** k8s.io/apimachinery: runtime.Unknown and meta/v1. */
const messages = new MessageSet({
  WatchEvent: 'type=1! object=2:RawExtension',
  RawExtension: 'raw=1:bytes',
  Unknown: 'typeMeta=1:TypeMeta raw=2:bytes',
  TypeMeta: 'apiVersion=1! kind=2!',
  Status: 'status=2 message=3 reason=4 details=5:StatusDetails code=6:int',
  StatusDetails: 'name=1 group=2 kind=3 uid=6 causes=4*:StatusCause retryAfterSeconds=5:int',
  StatusCause: 'reason=1 message=2 field=3',
});

interface Event {
  readonly type: string;
  readonly object?: { readonly raw?: Buffer };
}

interface Unknown {
  readonly typeMeta?: { readonly apiVersion: string; readonly kind: string };
  readonly raw?: Buffer;
}

/** The bytes that every object in protobuf begins with. */
const magic = Buffer.from('k8s\0');

/** One frame of a watch: what it says, and of what. @throws ProtobufError */
export function decodeEvent(
  frame: Buffer,
  decode: DecodeObject,
): { readonly type: string; readonly object: Readonly<Decoded> | undefined } {
  const { type, object } = messages.message('WatchEvent').decode(new FieldReader(frame)) as unknown as Event;
  return { type, object: object?.raw && decodeObject(object.raw, decode) };
}

/**
 * An object in its envelope; a Status as such, whatever was asked for.
 * @returns undefined for bytes that are none
 * @throws ProtobufError
 */
export function decodeObject(bytes: Buffer, decode?: DecodeObject): Readonly<Decoded> | undefined {
  if (!bytes.subarray(0, magic.length).equals(magic)) return undefined;
  const { typeMeta, raw = Buffer.alloc(0) } = messages
    .message('Unknown')
    .decode(new FieldReader(bytes, magic.length)) as Unknown;
  if (typeMeta?.kind === 'Status' && typeMeta.apiVersion === 'v1')
    return messages.message('Status').decode(new FieldReader(raw));
  return decode?.(raw);
}
