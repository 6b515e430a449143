import { get } from 'node:http';
import { isIP } from 'node:net';
import type { Clock } from '../base/clock.ts';
import type { MetricsAddress } from '../evidence/falco/metrics-address.ts';
import type { MetricsProblem } from '../evidence/falco/metrics-text.ts';

/** From the call to the last byte. */
const deadlineMs = 5_000;

/** In the words of the machine, which are the same each time. */
const codes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was broken',
  EHOSTUNREACH: 'the address cannot be reached',
  ENETUNREACH: 'the address cannot be reached',
  ETIMEDOUT: 'there is no answer',
};

/**
 * Reads `/metrics` of a pod. It goes to an address, shows no credential, and follows nobody elsewhere.
 * @returns the page, or why there is none, in words that are the same each time
 */
export function fetchMetrics(
  { host, port }: MetricsAddress,
  mostBytes: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<string | MetricsProblem> {
  if (isIP(host) === 0) return Promise.resolve({ problem: 'its pod has no address' });
  const { promise, resolve } = Promise.withResolvers<string | MetricsProblem>();
  const end = (result: string | MetricsProblem): void => {
    timer.cancel();
    resolve(result);
    request.destroy();
  };
  const headers = { accept: 'text/plain', 'user-agent': 'plumbline' };
  const request = get({ host, port, path: '/metrics', headers, agent: false, signal }, (response) => {
    if (response.statusCode !== 200) return end({ problem: `the answer is ${response.statusCode}` });
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > mostBytes) end({ problem: 'the answer is too long' });
    });
    response.on('end', () => end(Buffer.concat(chunks).toString('utf8')));
    // Also for one that ends before all of it has come.
    response.on('error', () => end({ problem: 'the connection was broken' }));
  });
  const timer = clock.timer(deadlineMs, () => end({ problem: 'there is no answer within 5 seconds' }));
  request.on('error', (error: NodeJS.ErrnoException) =>
    end({ problem: codes[error.code ?? ''] ?? 'the answer is no HTTP' }),
  );
  return promise;
}
