import { createHash } from 'node:crypto';
import type { RequestOptions } from 'node:https';
import { createSecureContext } from 'node:tls';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, buildConnector, type Dispatcher, ProxyAgent, Socks5ProxyAgent } from 'undici';
import type { Clock } from '../base/clock.ts';
import { SharingConnector } from './connector.ts';
import { Deadline, isOverdue } from './deadline.ts';
import { ConnectionError, messageOf } from './errors.ts';
import { whatHangs } from './hung-login.ts';
import { SharedWait } from './shared-wait.ts';

/** With what a request is sent: over which connections, and in whose name. */
export interface Connection {
  readonly dispatcher: Dispatcher;
  readonly headers: Readonly<Record<string, string>>;
}

/** Within this time of the last look, milliseconds, credentials are not looked at again. */
const freshFor = 10_000;
/** So long a request waits for credentials, milliseconds; one that is to be answered sooner waits no longer than that. */
const longestLogin = 30_000;

/**
 * Keeps ONE dispatcher for all requests and asks the kubeconfig's authenticators (rotated token files, exec plugins,
 * client certificates, OIDC) for headers. client-node by itself makes a dispatcher for every request, which is a TLS
 * connection for every request. Only a change of certificates makes a new one here; what still runs on the old ends there.
 */
export class Credentials {
  #config: KubeConfig;
  readonly #clock: Clock;
  #dispatcher: { key: string; dispatcher: Dispatcher } | undefined;
  #current: { readonly at: number; readonly connection: SharedWait<Connection> } | undefined;
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor(config: KubeConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  /** The URL of the server, without a slash at its end. */
  get server(): string {
    return this.#config.getCurrentCluster()?.server.replace(/\/+$/, '') ?? '';
  }

  /**
   * Shared by all that ask within ten seconds, and by all that ask while a plugin has not answered: twenty watches that
   * start together run it once, and one that hangs is not started again and again. client-node waits for it for ever.
   * @throws ConnectionError, or `signal.reason`
   */
  async connection(signal: AbortSignal): Promise<Connection> {
    const current = this.#look();
    if (current.connection.settled) return current.connection.wait(signal);
    const limit = new Deadline(this.#clock, longestLogin, signal);
    try {
      return await current.connection.wait(limit.signal);
    } catch (error) {
      if (error !== limit.signal.reason || !isOverdue(limit.signal)) throw error;
      const hungMs = this.#clock.monotonic() - current.at;
      throw this.#failure(whatHangs(this.#config.getCurrentUser(), hungMs), error);
    } finally {
      limit.clear();
    }
  }

  #look(): { readonly at: number; readonly connection: SharedWait<Connection> } {
    const now = this.#clock.monotonic();
    if (this.#current !== undefined) {
      const { at, connection } = this.#current;
      if (!connection.settled || now - at <= freshFor) return this.#current;
    }
    const attempt = this.#connect();
    const current = { at: now, connection: new SharedWait(attempt) };
    this.#current = current;
    attempt.catch(() => {
      if (this.#current === current) this.#current = undefined;
    });
    return current;
  }

  /**
   * Throws away cached tokens after a 401: a token can be revoked before it expires.
   * @returns whether trying again makes sense; false within ten seconds of the last time, so that a user who has lost
   * his rights does not start an exec plugin for every request
   */
  renew(): boolean {
    const now = this.#clock.monotonic();
    if (now - this.#renewedAt < freshFor) return false;
    this.#renewedAt = now;
    this.#current = undefined;
    const renewed = new KubeConfig();
    renewed.loadFromOptions(this.#config);
    this.#config = renewed;
    return true;
  }

  /** Ends all connections, those of running watches too. */
  async close(): Promise<void> {
    await this.#dispatcher?.dispatcher.destroy();
  }

  async #connect(): Promise<Connection> {
    const options: RequestOptions = {};
    try {
      await this.#config.applyToHTTPSOptions(options);
      return { dispatcher: this.#dispatcherFor(options), headers: readHeaders(options) };
    } catch (error) {
      throw this.#failure(messageOf(error), error);
    }
  }

  #failure(why: string, cause: unknown): ConnectionError {
    const message = `no credentials for ${this.server} (context "${this.#config.currentContext}"): ${why}`;
    return new ConnectionError('AuthFailed', message, cause);
  }

  #dispatcherFor(options: RequestOptions): Dispatcher {
    const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
    const proxy = this.#config.getCurrentCluster()?.proxyUrl ?? '';
    const identity = digest([ca, cert, key, pfx, passphrase, rejectUnauthorized, servername, proxy]);
    if (this.#dispatcher?.key === identity) return this.#dispatcher.dispatcher;
    this.#dispatcher?.dispatcher.close().catch(() => undefined);
    const tls = {
      secureContext: readCertificates({ ca, cert, key, pfx, passphrase }),
      ...withoutUndefined({ rejectUnauthorized, servername }),
    };
    const dispatcher = createDispatcher(tls, proxy, this.#clock);
    this.#dispatcher = { key: identity, dispatcher };
    return dispatcher;
  }
}

/**
 * The number of connections has no limit here, for every watch holds one as long as it lives and a limit would let
 * watches starve the writes; ApiClient bounds the other requests. HTTP/1.1, so that one stalled connection is one
 * stalled watch. TCP keepalive of 30 s is under the idle limits of common load balancers; a connection unused for a
 * minute is closed before the API server (90 s) does it under a request.
 */
function createDispatcher(tls: object, proxy: string, clock: Clock): Dispatcher {
  const common = {
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: 60_000,
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const connect = { keepAlive: true, keepAliveInitialDelay: 30_000, timeout: 10_000 };
  if (proxy.startsWith('socks')) return new Socks5ProxyAgent(proxy, { ...common, requestTls: tls });
  if (proxy !== '') return new ProxyAgent({ ...common, uri: proxy, requestTls: tls, connect });
  const sharing = new SharingConnector(buildConnector({ allowH2: false, ...connect, ...tls }), clock);
  return new Agent({ ...common, connect: sharing.connect });
}

/** Once for all connections: each would read them anew, and hold them. */
function readCertificates(options: Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'pfx' | 'passphrase'>) {
  try {
    return createSecureContext(withoutUndefined(options));
  } catch (error) {
    const what = 'client-certificate and client-key in the kubeconfig';
    throw new Error(`a certificate or its key cannot be used; check ${what}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function readHeaders(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {}))
    headers[name.toLowerCase()] = String(value);
  if (typeof options.auth === 'string') {
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return headers;
}

function digest(values: readonly unknown[]): string {
  const hash = createHash('sha256');
  for (const value of values)
    hash.update(Buffer.isBuffer(value) ? value : JSON.stringify(value ?? null)).update('\0');
  return hash.digest('base64');
}

function withoutUndefined(options: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
