import type { Clock } from '../base/clock.ts';
import { fieldManager } from './apply.ts';
import type { ApiClient, ApiRequest } from './client.ts';
import { Deadline } from './deadline.ts';
import { ApiError, ConflictError, NotFoundError } from './errors.ts';
import { type Lease, type LeaseSpec, readLease } from './lease-record.ts';
import { apiVersionOf, collectionPath, objectPath, type ObjectRef, type Resource } from './resource.ts';

const leases: Resource = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', namespaced: true };

/** The API server forbids what the election needs. The message names the right. */
export class MissingRightError extends Error {
  readonly code = 'MissingRight';
  override readonly name = 'MissingRightError';
  readonly verb: string;

  constructor(verb: string, { namespace, name }: ObjectRef, cause: ApiError) {
    // Creation cannot be bound to a name: the server does not know it yet when it decides.
    const which = verb === 'create' ? '' : ` "${name}"`;
    super(`the right to ${verb} leases.coordination.k8s.io${which} in namespace "${namespace}" is missing`, {
      cause,
    });
    this.verb = verb;
  }
}

export interface LeaseApiOptions {
  readonly client: Pick<ApiClient, 'request'>;
  readonly clock: Clock;
  readonly ref: ObjectRef;
  /** Asked before each request: milliseconds that it may take. */
  readonly limitMs: () => number;
}

/**
 * The three requests of the election. Written by PUT, not by apply: it replaces the very object that was decided on, an
 * apply on a Lease deleted meanwhile would make it anew, and it needs no right but `update`.
 * All throw MissingRightError, ApiError, ConnectionError, BadResponseError, or `signal.reason`.
 */
export class LeaseApi {
  readonly #options: LeaseApiOptions;

  constructor(options: LeaseApiOptions) {
    this.#options = options;
  }

  /** @returns undefined when it is not there */
  async get(signal: AbortSignal): Promise<Lease | undefined> {
    try {
      return await this.#send('get', { method: 'GET', path: this.#path }, signal);
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  /** @throws AlreadyExistsError */
  create(spec: LeaseSpec, signal: AbortSignal): Promise<Lease> {
    const { namespace, name } = this.#options.ref;
    const body = { apiVersion: apiVersionOf(leases), kind: 'Lease', metadata: { namespace, name }, spec };
    const path = collectionPath(leases, namespace);
    return this.#send('create', { method: 'POST', path, query: { fieldManager }, body }, signal);
  }

  /** @returns undefined when `lease` is no longer what is there, or is gone */
  async replace(lease: Lease, spec: LeaseSpec, signal: AbortSignal): Promise<Lease | undefined> {
    // With the version alone a PUT on a Lease that is gone makes it anew (API server 1.37); with the uid it is refused.
    const body = { ...lease, spec };
    try {
      const request = { method: 'PUT', path: this.#path, query: { fieldManager }, body } as const;
      return await this.#send('update', request, signal);
    } catch (error) {
      if (error instanceof ConflictError || error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  get #path(): string {
    return objectPath(leases, this.#options.ref);
  }

  async #send(verb: string, request: ApiRequest, signal: AbortSignal): Promise<Lease> {
    const { client, clock, ref, limitMs } = this.#options;
    // Not the client's own limit: that begins when it is a request's turn, and others may be before it in the line.
    const limit = new Deadline(clock, limitMs(), signal);
    try {
      return readLease((await client.request({ ...request, signal: limit.signal })).json);
    } catch (error) {
      if (isMissingRight(error)) throw new MissingRightError(verb, ref, error);
      throw error;
    } finally {
      limit.clear();
    }
  }
}

/** Not every 403 is about rights: in a namespace that is being deleted nobody may create anything. */
function isMissingRight(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 403 && !error.hasCause('NamespaceTerminating');
}
