import type { Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** What is not right yet, one sentence each; none when all is well. */
export type Check = () => readonly string[];

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  /** The process should be restarted while this names anything. */
  readonly alive: Check;
  /** The process should get no traffic while this names anything. */
  readonly ready: Check;
  /** What else there is to know, told beneath `ok`. */
  readonly notes?: () => readonly string[];
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

/** Serves `/metrics`, `/healthz` and `/readyz`. */
export class HttpServer {
  readonly #server: Server;
  readonly #options: HttpServerOptions;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000 }, (request, response) => {
      const path = request.url?.split('?')[0];
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      } else if (path === '/metrics') {
        void this.#writeMetrics(response);
      } else if (path === '/healthz') {
        answer(response, options.alive());
      } else if (path === '/readyz') {
        answer(response, options.ready(), options.notes?.());
      } else {
        response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Try /metrics, /healthz or /readyz.\n');
      }
    });
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
    return this.#server.address() as AddressInfo;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #writeMetrics(response: ServerResponse): Promise<void> {
    try {
      response.writeHead(200, { 'Content-Type': this.#options.metrics.contentType });
      for await (const chunk of this.#options.metrics.expose()) {
        // A reader that has gone drains nothing more.
        if (response.destroyed) return;
        // Waiting lets the event loop turn between chunks, and a slow reader hold back the writer.
        if (!response.write(chunk)) await drained(response);
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    } catch (error) {
      this.#options.logger.error('metrics could not be written', { error });
      response.destroy();
    }
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}

function answer(response: ServerResponse, problems: readonly string[], notes: readonly string[] = []): void {
  const lines = problems.length === 0 ? ['ok', ...notes] : problems;
  response.writeHead(problems.length === 0 ? 200 : 503, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${lines.join('\n')}\n`);
}
