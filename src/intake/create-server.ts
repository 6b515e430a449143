import type { RequestListener, Server } from 'node:http';
import { createServer as createPlainServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { IntakeLimits, IntakeAddress } from './options.ts';
import { IntakeError } from './options.ts';

/** @throws IntakeError with code IntakeOption when certificate, key or CA cannot be used */
export function createServer(
  { tls }: IntakeAddress,
  limits: IntakeLimits,
  listener: RequestListener,
): Server {
  const { headersTimeout, requestTimeout, idleTimeout } = limits;
  const options = {
    headersTimeout,
    requestTimeout,
    keepAliveTimeout: idleTimeout,
    // Node looks only every 30 seconds for requests that are too slow, unless told otherwise.
    connectionsCheckingInterval: Math.min(1_000, headersTimeout, requestTimeout),
  };
  if (tls === undefined) return limited(createPlainServer(options, listener), limits);
  const { cert, key, ca } = tls;
  const trust = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true };
  try {
    const server = createTlsServer({ ...options, cert, key, ...trust, minVersion: 'TLSv1.2' }, listener);
    return limited(server, limits);
  } catch (error) {
    const reason = (error as Error).message;
    throw new IntakeError(
      'IntakeOption',
      `the Falco intake cannot use its certificate or key: ${reason}`,
      error,
    );
  }
}

function limited<S extends Server>(server: S, { connections }: IntakeLimits): S {
  server.maxConnections = connections;
  return server;
}

/** @throws IntakeError with code IntakeListen */
export async function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => {
      const message = `the Falco intake cannot listen on ${host}:${port}: ${error.message}`;
      reject(new IntakeError('IntakeListen', message, error));
    };
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve();
    });
  });
  return server.address() as AddressInfo;
}
