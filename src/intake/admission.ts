import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { IntakeCredentials } from './options.ts';

/** Why a request is refused before its body is looked at. */
export interface Refusal {
  readonly status: 401 | 404 | 405 | 415;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const openPaths = ['/', '/falco'];

/**
 * Judges a request by its head. Where a token or a secret path is set, either admits: Falcosidekick can send headers,
 * Falco itself cannot.
 */
export class Admission {
  readonly #tokens: readonly Buffer[];
  readonly #secretPaths: readonly Buffer[];

  constructor({ tokens = [], secretPaths = [] }: IntakeCredentials) {
    this.#tokens = tokens.map(digest);
    this.#secretPaths = secretPaths.flatMap((secret) => [digest(`/${secret}`), digest(`/falco/${secret}`)]);
  }

  /** @returns undefined when the body may be read */
  check(request: IncomingMessage): Refusal | undefined {
    return this.#checkPlace(request) ?? checkHead(request);
  }

  #checkPlace({ url = '/', headers }: IncomingMessage): Refusal | undefined {
    const [path = '/'] = url.split('?', 1);
    if (this.#secretPaths.length > 0 && isOneOf(this.#secretPaths, path)) return undefined;
    const guarded = this.#tokens.length > 0 || this.#secretPaths.length > 0;
    if (!openPaths.includes(path)) return { status: 404, message: 'events go to / or /falco' };
    if (!guarded) return undefined;
    // Without a token this path is no way in; it is not told which paths are.
    if (this.#tokens.length === 0) return { status: 404, message: 'no events are taken here' };
    const sent = sentToken(headers.authorization);
    if (sent !== undefined && isOneOf(this.#tokens, sent)) return undefined;
    const message = `${sent === undefined ? 'no' : 'a wrong'} token in the Authorization header`;
    return { status: 401, message, headers: { 'www-authenticate': 'Bearer' } };
  }
}

function checkHead({ method, headers }: IncomingMessage): Refusal | undefined {
  if (method !== 'POST' && method !== 'PUT') {
    return { status: 405, message: 'events are sent by POST or PUT', headers: { allow: 'POST, PUT' } };
  }
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return undefined;
  return { status: 415, message: `content-encoding ${encoding.slice(0, 40)} is not read` };
}

/** The hash makes both sides equally long, as a comparison in constant time needs. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Each is compared, so that the time tells nothing. */
function isOneOf(secrets: readonly Buffer[], sent: string): boolean {
  const found = digest(sent);
  return secrets.filter((secret) => timingSafeEqual(secret, found)).length > 0;
}

/** `Bearer token`, or the password of `Basic`, as curl makes it of `https://falco:token@…`. */
function sentToken(header: string | undefined): string | undefined {
  const match = /^(bearer|basic) +(\S+) *$/i.exec(header ?? '');
  const value = match?.[2];
  if (value === undefined || match?.[1]?.toLowerCase() === 'bearer') return value;
  const pair = Buffer.from(value, 'base64').toString();
  return pair.slice(pair.indexOf(':') + 1);
}
