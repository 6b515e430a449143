import type { RequestListener, Server } from 'node:http';
import { createServer as createPlainServer } from 'node:http';
import type { Server as TlsServer } from 'node:https';
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
    // Which name a sender has for us does not matter; Node would refuse it without a word to us.
    requireHostHeader: false,
    // Node looks only every 30 seconds for requests that are too slow, unless told otherwise.
    connectionsCheckingInterval: Math.min(1_000, headersTimeout, requestTimeout),
  };
  if (tls === undefined) return limited(createPlainServer(options, listener), limits);
  const trust = tls.ca === undefined ? {} : { requestCert: true, rejectUnauthorized: true };
  return withCertificate(() => {
    const secure = { ...secureContext(tls), ...trust, handshakeTimeout: headersTimeout };
    return limited(createTlsServer({ ...options, ...secure }, listener), limits);
  });
}

/**
 * Lets a server show another certificate, and trust another CA, from the next connection on.
 * @throws IntakeError with code IntakeOption; nothing has changed then
 */
export function renewCertificate(server: TlsServer, tls: NonNullable<IntakeAddress['tls']>): void {
  withCertificate(() => server.setSecureContext(secureContext(tls)));
}

const secureContext = ({ cert, key, ca }: NonNullable<IntakeAddress['tls']>) => ({
  cert,
  key,
  ...(ca === undefined ? {} : { ca }),
  minVersion: 'TLSv1.2' as const,
});

function withCertificate<T>(use: () => T): T {
  try {
    return use();
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
