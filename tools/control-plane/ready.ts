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
 * Asks `probe` every 50 ms until it gives something, and returns that. A ControlPlaneError of it ends the waiting;
 * any other error is its answer for now, and the cause of the NotReady that is thrown after `milliseconds`.
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
  const why = last instanceof Error ? `: ${last.message}` : '';
  const message = `Waited ${Math.round(milliseconds / 1000)} s in vain for ${what}${why}`;
  throw new ControlPlaneError('NotReady', message, { cause: last });
}

/** The issuer of the certificate that the API server made for itself: the last in its file, once that is written. */
export function readIssuer(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const certificates = readFileSync(path, 'utf8').match(
    /-----BEGIN[^-]+-----[^-]+-----END CERTIFICATE-----\n/g,
  );
  return certificates?.[1];
}
