import { hash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { ApiClient } from './client.ts';
import { ApiError, isObject } from './errors.ts';

export type Access = 'allowed' | 'unauthenticated' | 'forbidden';

/** It cannot be known now what somebody may do. The message never holds what he showed. */
export class AccessReviewError extends Error {
  readonly code = 'AccessReview';
  override readonly name = 'AccessReviewError';
}

/** Milliseconds for which an answer is believed: a right that is taken away ends within a minute. */
const allowedFor = 60_000;
const refusedFor = 10_000;
/** Answers that are kept, of each sort: who tries tokens at random must not drive out who has a right. */
const mostKept = 256;
/** Questions at once, for the same reason; not those about who had a right when he was last asked about. */
const mostAsked = 8;
const timeoutMs = 5_000;

interface Answer {
  readonly access: Access;
  readonly until: number;
}

/** Asks the API server who shows a token, and whether he may do one thing to a path that is no resource. */
export class AccessReviews {
  readonly #client: Pick<ApiClient, 'request'>;
  readonly #clock: Clock;
  readonly #attributes: { readonly path: string; readonly verb: string };
  readonly #allowed = new Map<string, Answer>();
  readonly #refused = new Map<string, Answer>();
  readonly #asked = new Map<string, Promise<Access>>();

  constructor(
    client: Pick<ApiClient, 'request'>,
    clock: Clock,
    attributes: { readonly path: string; readonly verb: string },
  ) {
    this.#client = client;
    this.#clock = clock;
    this.#attributes = attributes;
  }

  /** @throws AccessReviewError */
  check(token: string): Promise<Access> {
    // Of a token that is kept longer than its request, nothing is kept that can be used.
    const key = hash('sha256', token);
    const known = this.#allowed.get(key) ?? this.#refused.get(key);
    if (known !== undefined && known.until > this.#clock.monotonic()) return Promise.resolve(known.access);
    return this.#asked.get(key) ?? this.#ask(key, token);
  }

  async #ask(key: string, token: string): Promise<Access> {
    if (this.#asked.size >= mostAsked && !this.#allowed.has(key))
      throw new AccessReviewError('too many tokens are being asked about');
    const asking = this.#review(token);
    this.#asked.set(key, asking);
    try {
      const access = await asking;
      this.#keep(key, access);
      return access;
    } finally {
      this.#asked.delete(key);
    }
  }

  #keep(key: string, access: Access): void {
    this.#allowed.delete(key);
    this.#refused.delete(key);
    const [kept, lasts] = access === 'allowed' ? [this.#allowed, allowedFor] : [this.#refused, refusedFor];
    const [oldest] = kept.keys();
    if (kept.size >= mostKept && oldest !== undefined) kept.delete(oldest);
    kept.set(key, { access, until: this.#clock.monotonic() + lasts });
  }

  async #review(token: string): Promise<Access> {
    const authentication = await this.#create('authentication.k8s.io', 'TokenReview', { token });
    const { authenticated, user } = authentication;
    if (authenticated !== true || !isObject(user)) return 'unauthenticated';
    const { username, uid, groups, extra } = user;
    const authorization = await this.#create('authorization.k8s.io', 'SubjectAccessReview', {
      ...{ user: username, uid, groups, extra },
      nonResourceAttributes: this.#attributes,
    });
    return authorization['allowed'] === true && authorization['denied'] !== true ? 'allowed' : 'forbidden';
  }

  /** @returns the status that the server gave it */
  async #create(group: string, kind: string, spec: object): Promise<Record<string, unknown>> {
    const plural = `${kind.toLowerCase()}s`;
    try {
      const { json } = await this.#client.request({
        method: 'POST',
        path: `/apis/${group}/v1/${plural}`,
        body: { apiVersion: `${group}/v1`, kind, spec },
        timeoutMs,
        maxBytes: 1_048_576,
      });
      if (isObject(json) && isObject(json['status'])) return json['status'];
    } catch (error) {
      throw tell(plural, group, error);
    }
    throw new AccessReviewError(`the API server made a ${kind} without a status`);
  }
}

/** Without the server's own words where it refuses: it may repeat what it was sent. */
function tell(plural: string, group: string, error: unknown): AccessReviewError {
  if (!(error instanceof ApiError))
    return new AccessReviewError(`no answer to ${plural}.${group}`, { cause: error });
  if (error.status === 403) return new AccessReviewError(`the right to create ${plural}.${group} is missing`);
  return new AccessReviewError(`the API server refused ${plural}.${group}: ${error.status} ${error.reason}`);
}
