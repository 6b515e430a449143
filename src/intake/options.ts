import { isLoopback } from '../base/loopback.ts';

/** Who may send. */
export interface IntakeCredentials {
  /** One is asked for as `Authorization: Bearer …`, or as the password of Basic: Falco itself can only send that, in its URL. */
  readonly tokens?: readonly string[] | undefined;
  /** A path segment that only senders know: the other way for Falco itself, which can set no header. */
  readonly secretPaths?: readonly string[] | undefined;
  /** PEM. With `ca` every sender must show a certificate that it has signed. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
}

/** Where the intake listens, and who may send. */
export interface IntakeAddress extends IntakeCredentials {
  /** Default: loopback. */
  readonly host?: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Listens beyond loopback although anybody may then send events. */
  readonly insecure?: boolean;
  readonly limits?: Partial<IntakeLimits>;
}

export interface IntakeLimits {
  /** Bytes of one event. */
  readonly body: number;
  /** Bytes of all events that are being received. */
  readonly buffered: number;
  readonly connections: number;
  /** Milliseconds for the headers, for the whole request, and for a connection without one. */
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly idleTimeout: number;
  /** Milliseconds that a request may still take after `close`. */
  readonly closeTimeout: number;
}

export const defaultLimits: IntakeLimits = {
  body: 1_048_576,
  buffered: 64 * 1_048_576,
  connections: 512,
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  idleTimeout: 65_000,
  closeTimeout: 5_000,
};

/** The options contradict each other, or the address cannot be had. */
export class IntakeError extends Error {
  override readonly name = 'IntakeError';
  readonly code: 'IntakeOpen' | 'IntakeOption' | 'IntakeListen';

  constructor(code: IntakeError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

const shortestSecret = 16;

/** @throws IntakeError */
export function checkAddress(options: IntakeAddress): void {
  const { host = '127.0.0.1', tokens = [], secretPaths = [], tls, insecure = false } = options;
  const guarded = tokens.length > 0 || secretPaths.length > 0 || tls?.ca !== undefined;
  if (!isLoopback(host) && !guarded && !insecure) {
    throw new IntakeError(
      'IntakeOpen',
      `the Falco intake would listen on ${host === '' ? 'every address' : host}, and anybody could send events: set a token, a secret path or a CA for client certificates, or say that it may be insecure`,
    );
  }
  const secrets = [
    ...tokens.map((secret) => ['token', secret] as const),
    ...secretPaths.map((secret) => ['secret path', secret] as const),
  ];
  for (const [name, secret] of secrets) {
    if (secret.length < shortestSecret) {
      throw new IntakeError(
        'IntakeOption',
        `the ${name} of the Falco intake has fewer than ${shortestSecret} characters`,
      );
    }
  }
  if (secretPaths.some((secret) => !/^[\w.~-]+$/.test(secret))) {
    throw new IntakeError(
      'IntakeOption',
      'the secret path of the Falco intake must be one path segment of letters, digits, ".", "_", "~" and "-"',
    );
  }
}
