import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { AccessCheck } from './guard.ts';
import { answerText } from './guard.ts';
import { MetricsHandler } from './metrics-handler.ts';
import type { CertificateFiles } from './server-certificate.ts';
import { ServerCertificate } from './server-certificate.ts';
import type { Certificate } from './x509.ts';

/** What is not right yet, one sentence each; none when all is well. */
export type Check = () => readonly string[];

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  /** TLS, and a question who asks for `/metrics`; absent: plain HTTP, and no question. Probes are never asked. */
  readonly secure?:
    { readonly files: CertificateFiles | undefined; readonly access: AccessCheck } | undefined;
  /** The process should be restarted while this names anything. */
  readonly alive: Check;
  /** The process should get no traffic while this names anything. */
  readonly ready: Check;
  /** What else there is to know, told beneath `ok`. */
  readonly notes?: () => readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds after which a connection that nothing moves on is cut. Default: a minute. */
  readonly idleMs?: number;
}

/** The address for metrics and probes cannot be had. */
export class ListenError extends Error {
  readonly code = 'Listen';
  override readonly name = 'ListenError';

  constructor(host: string, port: number, cause: Error) {
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    super(`metrics and probes cannot be served on ${address}: ${cause.message}`, { cause });
  }
}

const limits = { headersTimeout: 10_000, requestTimeout: 30_000 };

/** Serves `/metrics`, `/healthz` and `/readyz`, all on one port. */
export class HttpServer {
  readonly #server: Server;
  readonly #options: HttpServerOptions;
  readonly #metrics: MetricsHandler;
  readonly #closing = new AbortController();
  readonly #renewing: () => void;

  /** @throws CertificateError */
  constructor(options: HttpServerOptions) {
    this.#options = options;
    const { secure } = options;
    this.#metrics = new MetricsHandler({ ...options, access: secure?.access });
    const listener: RequestListener = (request, response) => this.#answer(request, response);
    if (secure === undefined) {
      this.#server = createServer(limits, listener);
      this.#renewing = () => {};
    } else {
      const certificate = new ServerCertificate({ ...options, files: secure.files });
      const context = contextOf(certificate.current);
      const server = createTlsServer({ ...limits, ...context, handshakeTimeout: 10_000 }, listener);
      this.#server = server;
      this.#renewing = () =>
        void certificate.run((next) => server.setSecureContext(contextOf(next)), this.#closing.signal);
    }
    this.#server.maxConnections = 100;
    // Whoever neither reads nor writes for so long makes room for others.
    this.#server.setTimeout(options.idleMs ?? 60_000);
  }

  /** @returns the address that it listens on @throws ListenError when it cannot be had */
  async listen(): Promise<AddressInfo> {
    const { host, port, logger } = this.#options;
    await new Promise<void>((resolve, reject) => {
      const fail = (error: Error) => reject(new ListenError(host, port, error));
      this.#server.once('error', fail);
      this.#server.listen(port, host, () => {
        this.#server.off('error', fail);
        // Without a listener a connection that cannot be accepted would end the process.
        this.#server.on('error', (error) => logger.error('a connection could not be accepted', { error }));
        resolve();
      });
    });
    this.#renewing();
    return this.#server.address() as AddressInfo;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #answer(...[request, response]: Parameters<RequestListener>): void {
    const { alive, ready, notes } = this.#options;
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    } else if (path === '/metrics') {
      void this.#metrics.handle(request, response);
    } else if (path === '/healthz') {
      tell(response, alive());
    } else if (path === '/readyz') {
      tell(response, ready(), notes?.());
    } else {
      answerText(response, 404, 'Try /metrics, /healthz or /readyz.');
    }
  }
}

const contextOf = ({ cert, key }: Certificate) => ({ cert, key, minVersion: 'TLSv1.2' as const });

function tell(
  response: Parameters<RequestListener>[1],
  problems: readonly string[],
  notes: readonly string[] = [],
): void {
  const lines = problems.length === 0 ? ['ok', ...notes] : problems;
  answerText(response, problems.length === 0 ? 200 : 503, lines.join('\n'));
}
