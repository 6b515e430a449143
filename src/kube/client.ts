import type { KubeConfig } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import type { Clock } from '../base/clock.ts';
import { toConnectionError } from './connection-error.ts';
import { Credentials } from './credentials.ts';
import { Deadline } from './deadline.ts';
import { BadResponseError, ConnectionError, type KubeStatus, messageOf, readApiError } from './errors.ts';
import { decodeObject, protobufType } from './protobuf.ts';
import { countedResource, countedVerb, type RequestReport } from './request-label.ts';
import { Slots } from './slots.ts';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root of the API, encoded: `/api/v1/pods`. */
  readonly path: string;
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** For the whole answer; default 30 s. */
  readonly timeoutMs?: number;
  /** A longer answer is an error; default 64 MiB. */
  readonly maxBytes?: number;
}

export interface ApiResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** undefined when the answer is empty or another type than JSON. */
  readonly json: unknown;
  /** Size of the answer. */
  readonly bytes: number;
}

export interface ApiStream {
  readonly status: number;
  /** Else it is JSON. */
  readonly isProtobuf: boolean;
  /** Fails with ConnectionError when it is cut; leaving the loop closes the connection. */
  readonly chunks: AsyncIterable<Buffer>;
}

export interface ApiClientOptions {
  readonly config: KubeConfig;
  readonly clock: Clock;
  readonly userAgent?: string;
  /**
   * Requests under way at once, watches not counted; default 16. Up to twice as many connections serve them, for one
   * that has just answered is not used again before the event loop has turned.
   */
  readonly maxRequests?: number;
  readonly onRequest?: (report: RequestReport) => void;
}

/**
 * Speaks to one API server. Every failure is an ApiError (it refused), a ConnectionError (it was not reached, or fell
 * silent), a BadResponseError, or the reason of the caller's own signal.
 */
export class ApiClient {
  readonly #credentials: Credentials;
  readonly #options: ApiClientOptions;
  readonly #slots: Slots;

  constructor(options: ApiClientOptions) {
    this.#options = options;
    this.#credentials = new Credentials(options.config, options.clock);
    this.#slots = new Slots(options.maxRequests ?? 16);
  }

  get server(): string {
    return this.#credentials.server;
  }

  /** @throws ApiError from 400 on, ConnectionError, BadResponseError, or `signal.reason` */
  async request(request: ApiRequest): Promise<ApiResponse> {
    const release = await this.#slots.take(request.signal);
    try {
      return await this.#authorized(() => this.#exchange(request));
    } finally {
      release();
    }
  }

  /** Opens a GET whose answer has no end. It has no time limit: its caller's `signal` is the only one. */
  stream(
    request: Pick<ApiRequest, 'path' | 'query' | 'accept'> & { signal: AbortSignal },
  ): Promise<ApiStream> {
    const full: ApiRequest = { ...request, method: 'GET' };
    return this.#authorized(() =>
      this.#counted(full, true, async () => {
        const { statusCode, headers, body } = await this.#send(full, request.signal);
        if (statusCode >= 400) throw await this.#refusal(statusCode, headers, body, request.signal);
        const chunks = this.#chunks(body, request.signal);
        return { status: statusCode, isProtobuf: isProtobuf(headers), chunks };
      }),
    );
  }

  /** Ends every connection, open streams too. */
  async close(): Promise<void> {
    await this.#credentials.close();
  }

  /** After a 401 once more with fresh credentials; the server did nothing, so even a write may be repeated. */
  async #authorized<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      return await attempt();
    } catch (error) {
      if (!isUnauthorized(error) || !this.#credentials.renew()) throw error;
      return await attempt();
    }
  }

  #exchange(request: ApiRequest): Promise<ApiResponse> {
    return this.#counted(request, false, async () => {
      const deadline = new Deadline(this.#options.clock, request.timeoutMs ?? 30_000, request.signal);
      try {
        const { statusCode, headers, body } = await this.#send(request, deadline.signal);
        if (statusCode >= 400) throw await this.#refusal(statusCode, headers, body, deadline.signal);
        const text = await this.#read(body, request.maxBytes ?? 64 * 1024 ** 2, deadline.signal);
        const isJson = /json/.test(String(headers['content-type'] ?? '')) && text.length > 0;
        return { status: statusCode, headers, json: isJson ? parse(text) : undefined, bytes: text.length };
      } finally {
        deadline.clear();
      }
    });
  }

  async #counted<T extends { status: number }>(
    request: ApiRequest,
    watch: boolean,
    run: () => Promise<T>,
  ): Promise<T> {
    const { clock, onRequest } = this.#options;
    const start = clock.monotonic();
    let code = 'error';
    try {
      const answer = await run();
      code = String(answer.status);
      return answer;
    } catch (error) {
      code = codeOf(error, request.signal);
      throw error;
    } finally {
      const apply = request.contentType?.includes('apply-patch') ?? false;
      const verb = countedVerb(request.method, request.path, { watch, apply });
      const seconds = (clock.monotonic() - start) / 1_000;
      onRequest?.({ verb, resource: countedResource(request.path), code, seconds });
    }
  }

  async #send(request: ApiRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { dispatcher, headers } = await this.#credentials.connection(signal);
    signal.throwIfAborted();
    const { origin, pathname } = new URL(this.server);
    try {
      return await dispatcher.request({
        origin,
        path: `${pathname.replace(/\/$/, '')}${request.path}${queryString(request.query)}`,
        method: request.method,
        headers: {
          accept: request.accept ?? 'application/json',
          'user-agent': this.#options.userAgent ?? 'plumbline',
          ...(request.body === undefined
            ? {}
            : { 'content-type': request.contentType ?? 'application/json' }),
          ...headers,
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        signal,
      });
    } catch (error) {
      throw this.#failure(error, signal);
    }
  }

  async #refusal(
    status: number,
    headers: Dispatcher.ResponseData['headers'],
    body: Dispatcher.ResponseData['body'],
    signal: AbortSignal,
  ): Promise<Error> {
    const text = await this.#read(body, 1024 ** 2, signal);
    const retryAfter = headers['retry-after'];
    return readApiError(
      status,
      isProtobuf(headers) ? readStatus(text) : text.toString('utf8'),
      typeof retryAfter === 'string' ? retryAfter : undefined,
    );
  }

  async #read(body: Dispatcher.ResponseData['body'], limit: number, signal: AbortSignal): Promise<Buffer> {
    const parts: Buffer[] = [];
    let size = 0;
    for await (const chunk of this.#chunks(body, signal)) {
      size += chunk.length;
      if (size > limit) throw new BadResponseError('TooLarge', `an answer is larger than ${limit} bytes`);
      parts.push(chunk);
    }
    return Buffer.concat(parts, size);
  }

  async *#chunks(body: Dispatcher.ResponseData['body'], signal: AbortSignal): AsyncGenerator<Buffer> {
    try {
      yield* body as AsyncIterable<Buffer>;
    } catch (error) {
      throw this.#failure(error, signal);
    }
  }

  #failure(error: unknown, signal: AbortSignal): unknown {
    return signal.aborted ? signal.reason : toConnectionError(error, this.server);
  }
}

const isProtobuf = (headers: Dispatcher.ResponseData['headers']): boolean =>
  String(headers['content-type'] ?? '').startsWith(protobufType);

/** Who asks for protobuf is also refused in it. */
function readStatus(body: Buffer): KubeStatus {
  try {
    return decodeObject(body) ?? {};
  } catch {
    return {};
  }
}

function queryString(query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

function parse(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch (error) {
    throw new BadResponseError('NotJson', `an answer is not JSON: ${messageOf(error)}`, error);
  }
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof Error && 'status' in error && error.status === 401;
}

function codeOf(error: unknown, signal: AbortSignal | undefined): string {
  if (signal?.aborted === true) return 'aborted';
  if (error instanceof ConnectionError && error.code === 'Timeout') return 'timeout';
  return error instanceof Error && 'status' in error ? String(error.status) : 'error';
}
