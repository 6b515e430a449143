/** The `Status` object that the API server sends with every refusal (meta/v1). Only what is read here. */
export interface KubeStatus {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly {
      readonly reason?: string;
      readonly message?: string;
      readonly field?: string;
    }[];
  };
}

/** The API server answered, and the answer is no. `status` is the HTTP status, `reason` the Kubernetes one. */
export class ApiError extends Error {
  readonly code: string = 'ApiRefused';
  override readonly name: string = 'ApiError';
  readonly status: number;
  readonly reason: string;
  /** Milliseconds that the server asks to wait. */
  readonly retryAfterMs: number | undefined;
  readonly details: KubeStatus['details'];

  constructor(status: number, body: KubeStatus, retryAfterMs?: number) {
    super(body.message ?? `the API server answered ${status}`);
    this.status = status;
    this.reason = body.reason ?? '';
    this.retryAfterMs = retryAfterMs;
    this.details = body.details;
  }

  hasCause(reason: string): boolean {
    return this.details?.causes?.some((cause) => cause.reason === reason) ?? false;
  }
}

/** 409: the object is no longer what the write was decided on. Read it again and decide again. */
export class ConflictError extends ApiError {
  override readonly code = 'Conflict';
  override readonly name = 'ConflictError';
}

/** 409 on a create: an object of that name is there already. */
export class AlreadyExistsError extends ApiError {
  override readonly code = 'AlreadyExists';
  override readonly name = 'AlreadyExistsError';
}

/** 404: the object, or its whole kind, is not there. */
export class NotFoundError extends ApiError {
  override readonly code = 'NotFound';
  override readonly name = 'NotFoundError';
}

export type ConnectionFailure =
  'ConnectionFailed' | 'TlsFailed' | 'ConnectionLost' | 'Timeout' | 'AuthFailed';

/** No answer, or half of one. The message names the server and, where something can be done, what. */
export class ConnectionError extends Error {
  readonly code: ConnectionFailure;
  override readonly name = 'ConnectionError';

  constructor(code: ConnectionFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export type BadResponse = 'NotJson' | 'TooLarge' | 'NotAList' | 'NotALease' | 'NotTheObject';

/** The answer is not what the protocol says: no JSON, more of it than is accepted, or something else than was asked for. */
export class BadResponseError extends Error {
  readonly code: BadResponse;
  override readonly name = 'BadResponseError';

  constructor(code: BadResponse, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/**
 * Trying the same again cannot help. The queue does not retry it; its owner has to show it (a condition, a metric).
 * `reason` is a CamelCase word fit for a condition; `status` the HTTP status where there was one.
 */
export class TerminalError extends Error {
  readonly code = 'Terminal';
  override readonly name = 'TerminalError';
  readonly reason: string;
  readonly status: number | undefined;

  constructor(reason: string, message: string, options: { cause?: unknown; status?: number } = {}) {
    super(message, { cause: options.cause });
    this.reason = reason;
    this.status = options.status;
  }
}

/** A longer Retry-After is not believed: a broken proxy must not silence a watch for a day. */
const longestRetryAfter = 300_000;

/** Builds the error that fits an answer of 400 or more. @param answer its body, of whatever type */
export function readApiError(status: number, answer: string | KubeStatus, retryAfter?: string): ApiError {
  const body =
    typeof answer === 'string' ? (readStatus(answer) ?? { message: describe(status, answer) }) : answer;
  const seconds = Number(retryAfter ?? body.details?.retryAfterSeconds ?? Number.NaN);
  return toApiError(status, body, Number.isFinite(seconds) ? Math.max(0, seconds * 1_000) : undefined);
}

/** @param retryAfterMs what the server asked for, not yet bounded */
export function toApiError(status: number, body: KubeStatus, retryAfterMs?: number): ApiError {
  const wait = retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, longestRetryAfter);
  if (status === 404) return new NotFoundError(status, body, wait);
  if (status === 409 && body.reason === 'AlreadyExists') return new AlreadyExistsError(status, body, wait);
  if (status === 409) return new ConflictError(status, body, wait);
  return new ApiError(status, body, wait);
}

/** A refusal that is not a Status comes from something before the API server (a proxy, the mux): its text is kept short. */
function describe(status: number, text: string): string {
  const start = text.replace(/\s+/g, ' ').trim().slice(0, 200);
  return start === '' ? `the API server answered ${status}` : `the API server answered ${status}: ${start}`;
}

function readStatus(text: string): KubeStatus | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && value['kind'] === 'Status' ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether it is a field that an API server fills in every object. */
export function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
