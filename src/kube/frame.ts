import { ProtobufError } from '../base/protobuf.ts';
import { type ApiError, isObject, type KubeStatus, messageOf, toApiError } from './errors.ts';
import { type DecodeObject, decodeEvent } from './protobuf.ts';

/** An object as the server sent it: checked as far as its identity, not further. */
export type RawObject = Readonly<Record<string, unknown>>;

/** What every object says of itself. */
export interface Identity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** What a watch says at once. */
export type Frame =
  | { type: 'set' | 'delete'; identity: Identity; object: RawObject }
  | { type: 'bookmark'; resourceVersion: string; endOfList: boolean }
  | { type: 'error'; error: ApiError };

/** A frame that cannot be read: what it said is lost, and only a new list can tell. */
export class BadFrameError extends Error {
  readonly code = 'BadFrame';
  override readonly name = 'BadFrameError';
}

/** One line of a watch in JSON. @throws BadFrameError */
export function readFrame(line: Buffer): Frame {
  const { type, object } = parse(line);
  return toFrame(type, object);
}

/** @throws BadFrameError */
export function readProtobufFrame(bytes: Buffer, decode: DecodeObject): Frame {
  const { type, object } = orBadFrame(() => decodeEvent(bytes, decode));
  return toFrame(type, object);
}

/** What an object is made of may be decoded only when somebody asks for it. @throws BadFrameError for a ProtobufError */
export function orBadFrame<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    throw new BadFrameError(`a frame is not the protobuf that it should be: ${error.message}`, {
      cause: error,
    });
  }
}

function toFrame(type: unknown, object: unknown): Frame {
  if (!isObject(object)) throw new BadFrameError(`a ${String(type)} frame has no object`);
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { type: 'set', identity: identify(object), object };
    case 'DELETED':
      return { type: 'delete', identity: identify(object), object };
    case 'BOOKMARK':
      return readBookmark(object);
    case 'ERROR':
      return { type: 'error', error: readStatus(object) };
    default:
      throw new BadFrameError(`a frame has the unknown type ${JSON.stringify(type)?.slice(0, 50)}`);
  }
}

/** @throws BadFrameError when the object does not say what it is */
export function identify(object: RawObject): Identity {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const { name, namespace = '', uid = '', resourceVersion } = metadata;
  if (typeof name !== 'string' || name === '') throw new BadFrameError('an object has no metadata.name');
  if (typeof resourceVersion !== 'string' || resourceVersion === '') {
    throw new BadFrameError(`object ${name} has no metadata.resourceVersion`);
  }
  if (typeof namespace !== 'string' || typeof uid !== 'string') {
    throw new BadFrameError(`object ${name} has a namespace or uid that is no string`);
  }
  return { namespace, name, uid, resourceVersion };
}

function parse(line: Buffer): RawObject {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    if (isObject(value)) return value;
  } catch (error) {
    throw new BadFrameError(`a frame of ${line.length} bytes is not JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
  throw new BadFrameError('a frame is not a JSON object');
}

function readBookmark(object: RawObject): Frame {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const { resourceVersion, annotations } = metadata;
  if (typeof resourceVersion !== 'string' || resourceVersion === '') {
    throw new BadFrameError('a bookmark has no metadata.resourceVersion');
  }
  const endOfList = isObject(annotations) && annotations['k8s.io/initial-events-end'] === 'true';
  return { type: 'bookmark', resourceVersion, endOfList };
}

function readStatus(object: RawObject): ApiError {
  const status = object as KubeStatus;
  const seconds = status.details?.retryAfterSeconds;
  const code = typeof status.code === 'number' ? status.code : 500;
  return toApiError(code, status, typeof seconds === 'number' ? seconds * 1_000 : undefined);
}

/**
 * Whether `next` is older than `last`. Resource versions of one resource are whole numbers that only grow (a promise of
 * Kubernetes 1.35, true of etcd's before); anything else is not compared.
 */
export function isOlder(next: string, last: string): boolean {
  if (!/^\d+$/.test(next) || !/^\d+$/.test(last)) return false;
  return next.length === last.length ? next < last : next.length < last.length;
}
