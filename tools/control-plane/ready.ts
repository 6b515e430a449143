import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { type Clock, sleep } from '../../src/base/clock.ts';
import { ControlPlaneError } from './errors.ts';

/** A port of loopback that was free a moment ago. Somebody may take it before we do: callers try again. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}

/**
 * Asks `probe` every 50 ms until it gives something, and returns that. An error of `probe` is an answer for now: the
 * last one is told as the cause if `milliseconds` pass.
 */
export async function waitFor<T>(
  what: string,
  milliseconds: number,
  clock: Clock,
  probe: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = clock.monotonic() + milliseconds;
  let last: unknown;
  do {
    try {
      const found = await probe();
      if (found !== undefined) return found;
    } catch (error) {
      if (error instanceof ControlPlaneError) throw error;
      last = error;
    }
    await sleep(clock, 50);
  } while (clock.monotonic() < deadline);
  const message = `Waited ${Math.round(milliseconds / 1000)} s for ${what} in vain.`;
  throw new ControlPlaneError('NotReady', message, { cause: last });
}

/** The certificate that the API server made for itself with its issuer's, once both are written. */
export function readCertificates(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  return text.split('-----END CERTIFICATE-----').length > 2 ? text : undefined;
}
