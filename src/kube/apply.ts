import { type Clock, sleep } from '../base/clock.ts';
import { Backoff, type Random } from './backoff.ts';
import type { ApiClient, ApiRequest } from './client.ts';
import { ApiError, BadResponseError, ConnectionError, isFilled, isObject, NotFoundError } from './errors.ts';
import { isForGood, toTerminal } from './terminal.ts';
import { apiVersionOf, collectionPath, objectPath, type ObjectRef, type Resource } from './resource.ts';

/** Owner of what we apply, in managedFields. */
export const fieldManager = 'plumbline';

/** How requests are sent and repeated. */
export interface Writing {
  readonly client: Pick<ApiClient, 'request'>;
  readonly clock: Clock;
  readonly random?: Random;
  readonly signal?: AbortSignal;
}

/** An object of one kind, with its name. */
export interface Target extends ObjectRef {
  readonly resource: Resource;
  readonly kind: string;
}

/** The object as it was when the write was decided on. A write that carries it cannot hit any other. */
export interface Fence {
  readonly uid: string;
  readonly resourceVersion: string;
}

/** What the server says of the object after the write. */
export interface Written extends Fence {
  readonly object: Readonly<Record<string, unknown>>;
}

interface Metadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly object[];
}

/**
 * Makes an object that is not there. By POST: an apply that carries the version of an object since deleted would make
 * it anew, and one without would overwrite.
 * @throws AlreadyExistsError, TerminalError, ApiError, ConnectionError, BadResponseError
 */
export function createObject(
  writing: Writing,
  target: Target,
  content: { metadata?: Metadata; [field: string]: unknown } = {},
): Promise<Written> {
  const path = collectionPath(target.resource, target.namespace);
  const body = { ...content, ...identity(target, content.metadata ?? {}) };
  return write(writing, target, { method: 'POST', path, query: { fieldManager }, body });
}

/**
 * Writes the whole status by server-side apply, taking over whatever field another has set.
 * @throws ConflictError when the object has changed since `fence` (a stale resourceVersion is refused even with force)
 * @throws NotFoundError when it is gone
 * @throws TerminalError, ApiError, ConnectionError, BadResponseError
 */
export function applyStatus(
  writing: Writing,
  target: Target,
  fence: Fence,
  status: object,
): Promise<Written> {
  const body = { ...identity(target, fenceOf(fence)), status };
  return apply(writing, target, objectPath(target.resource, target, 'status'), body);
}

/**
 * Writes metadata and the other fields of an object by server-side apply. Without a fence it makes the object when it
 * is not there; with one it only changes that very object.
 * @throws as applyStatus
 */
export function applyObject(
  writing: Writing,
  target: Target,
  fence: Fence | undefined,
  content: { metadata?: Metadata; [field: string]: unknown },
): Promise<Written> {
  const body = {
    ...content,
    ...identity(target, { ...content.metadata, ...(fence === undefined ? {} : fenceOf(fence)) }),
  };
  return apply(writing, target, objectPath(target.resource, target), body);
}

/** Deletes that very object. @returns false when it was gone already @throws ConflictError when it has changed since */
export async function deleteObject(writing: Writing, target: Target, fence: Fence): Promise<boolean> {
  const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: fenceOf(fence) };
  try {
    await send(writing, { method: 'DELETE', path: objectPath(target.resource, target), body });
    return true;
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}

/** Changes the fields that `changes` names (RFC 7386). @throws as applyStatus, when `changes` carries a resourceVersion */
export function patchObject(writing: Writing, target: Target, changes: object): Promise<Written> {
  const path = objectPath(target.resource, target);
  return write(writing, target, {
    method: 'PATCH',
    path,
    query: { fieldManager },
    body: changes,
    contentType: 'application/merge-patch+json',
  });
}

/** What the server says of the object now. @throws NotFoundError, TerminalError, ApiError, ConnectionError, BadResponseError */
export function readObject(writing: Writing, target: Target): Promise<Written> {
  return write(writing, target, { method: 'GET', path: objectPath(target.resource, target) });
}

/** Only the two, whatever else the caller's object has: it goes into metadata. */
function fenceOf({ uid, resourceVersion }: Fence): Fence {
  return { uid, resourceVersion };
}

function identity(target: Target, metadata: object): object {
  const { namespace, name } = target;
  return {
    apiVersion: apiVersionOf(target.resource),
    kind: target.kind,
    metadata: { ...metadata, name, ...(namespace === '' ? {} : { namespace }) },
  };
}

function apply(writing: Writing, target: Target, path: string, body: object): Promise<Written> {
  // The server reads a patch as YAML, and unless it is told not to it does so twice, the second time to warn of keys that
  // stand twice: JSON.stringify makes none. What the schema does not know it refuses all the same.
  const query = { fieldManager, force: true, fieldValidation: 'Ignore' };
  // JSON is YAML.
  return write(writing, target, {
    method: 'PATCH',
    path,
    query,
    body,
    contentType: 'application/apply-patch+yaml',
  });
}

async function write(writing: Writing, target: Target, request: ApiRequest): Promise<Written> {
  return readWritten(await send(writing, request), target);
}

/**
 * @throws BadResponseError when `json` is not the object: a proxy's page must not be taken for it, and a write that is
 * decided on one without uid and version would hit whatever is there
 */
function readWritten(json: unknown, { kind, namespace, name }: Target): Written {
  const metadata = isObject(json) && json['kind'] === kind ? json['metadata'] : undefined;
  if (isObject(json) && isObject(metadata) && metadata['name'] === name) {
    const { uid, resourceVersion } = metadata;
    if (isFilled(uid) && isFilled(resourceVersion)) return { object: json, uid, resourceVersion };
  }
  const which = `${kind} "${name}"${namespace === '' ? '' : ` in namespace "${namespace}"`}`;
  const message = `an answer is not ${which} with its uid and version; is there a proxy before the API server?`;
  throw new BadResponseError('NotTheObject', message);
}

const attempts = 4;
/** A longer wait is the queue's: a worker is not to be held so long. */
const longestWait = 10_000;

/** Repeats what may succeed by itself. A repeat that meets the effect of its first try gets a conflict, never writes twice. */
async function send(writing: Writing, request: ApiRequest): Promise<unknown> {
  const { client, clock, random = Math.random, signal } = writing;
  const backoff = new Backoff({ clock, random });
  const aborted = () => signal?.aborted === true;
  for (let attempt = 1; ; attempt++) {
    try {
      const { json } = await client.request({ ...request, ...(signal === undefined ? {} : { signal }) });
      return json;
    } catch (error) {
      if (aborted()) throw error;
      if (!isTransient(error)) throw toTerminal(error);
      const wait = backoff.next(error instanceof ApiError ? error.retryAfterMs : undefined);
      if (attempt >= attempts || wait > longestWait) throw error;
      await sleep(clock, wait, signal);
      if (aborted()) throw error;
    }
  }
}

function isTransient(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  if (!(error instanceof ApiError) || isForGood(error)) return false;
  return error.status === 429 || error.status >= 500;
}
