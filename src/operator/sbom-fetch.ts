import { ShapeError } from '../evidence/fields.ts';
import { readSbom } from '../evidence/trivy/project-sbom.ts';
import type { ApiClient } from '../kube/client.ts';
import { BadResponseError, isObject, NotFoundError } from '../kube/errors.ts';
import type { ObjectRef } from '../kube/resource.ts';
import { objectPath } from '../kube/resource.ts';
import { resources } from './resources.ts';
import type { SbomReading } from './sbom-book.ts';

/** A body as it came. */
export interface FetchedSbom {
  readonly reading: SbomReading;
  /** Of the report that came; absent where nothing came that could be read. */
  readonly resourceVersion?: string;
  /** Size of the answer. */
  readonly bytes: number;
}

/** etcd holds no object that is larger. */
const maxBytes = 4 * 1024 ** 2;

/**
 * Gets one SbomReport by its name. What would be the same if it were asked for again is an answer too.
 * @throws ApiError, ConnectionError, BadResponseError, or `signal.reason`
 */
export async function fetchSbom(
  client: Pick<ApiClient, 'request'>,
  ref: ObjectRef,
  sought: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<FetchedSbom> {
  let bytes = 0;
  try {
    const path = objectPath(resources.sbomReports, ref);
    const answer = await client.request({ method: 'GET', path, signal, maxBytes });
    bytes = answer.bytes;
    const object = isObject(answer.json) ? answer.json : {};
    const reading = readSbom(object, sought);
    const metadata = isObject(object['metadata']) ? object['metadata'] : {};
    const version = metadata['resourceVersion'];
    return { reading, bytes, ...(typeof version === 'string' ? { resourceVersion: version } : {}) };
  } catch (error) {
    if (!isFinal(error)) throw error;
    return { reading: { problem: `SbomReport ${ref.name} cannot be read: ${error.message}.` }, bytes };
  }
}

/** One that is not there any more is forgotten when the watch tells of it. */
const isFinal = (error: unknown): error is Error =>
  error instanceof ShapeError ||
  error instanceof NotFoundError ||
  (error instanceof BadResponseError && error.code === 'TooLarge');
