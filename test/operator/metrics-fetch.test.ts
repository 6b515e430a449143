import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { systemClock } from '../../src/base/clock.ts';
import { fetchMetrics } from '../../src/operator/metrics-fetch.ts';
import { FakeClock } from '../support/fake-clock.ts';

const host = '127.0.0.1';

describe('a page of metrics', () => {
  const servers: { close(): unknown }[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });
  const listen = async (server: Server | ReturnType<typeof createSocketServer>) => {
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    servers.push(server);
    return (server.address() as AddressInfo).port;
  };
  const serve = (listener: RequestListener) => listen(createServer(listener));
  const read = (port: number, clock: Parameters<typeof fetchMetrics>[2] = systemClock) =>
    fetchMetrics({ host, port }, 1_000_000, clock, new AbortController().signal);

  it('is asked for at the address of the pod, without a credential', async () => {
    let seen: object = {};
    const port = await serve(({ method, url, headers }, response) => {
      seen = { method, url, names: Object.keys(headers).sort() };
      response.end('a 1\n');
    });
    expect(await read(port)).to.equal('a 1\n');
    expect(seen).to.deep.equal({
      method: 'GET',
      url: '/metrics',
      names: ['accept', 'connection', 'host', 'user-agent'],
    });
  });

  const problems: Record<string, [RequestListener, string]> = {
    'that is not there': [(_, response) => response.writeHead(404).end(), 'the answer is 404'],
    'that is said to be elsewhere': [
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'the answer is 302',
    ],
    'that ends too soon': [
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('a 1\n', () => response.destroy());
      },
      'the connection was broken',
    ],
    'that does not end': [
      (_, response) => {
        const more = () => {
          while (!response.destroyed && response.write('a'.repeat(65_536)));
        };
        response.on('drain', more);
        more();
      },
      'the answer is too long',
    ],
  };
  for (const [what, [listener, problem]] of Object.entries(problems))
    it(`is none ${what}`, async () => expect(await read(await serve(listener))).to.deep.equal({ problem }));

  it('is none where nobody listens', async () => {
    const port = await serve(() => undefined);
    await new Promise((resolve) => (servers.pop() as Server).close(resolve));
    expect(await read(port)).to.deep.equal({ problem: 'the connection is refused' });
  });

  it('is none where somebody speaks otherwise', async () => {
    const port = await listen(
      createSocketServer((socket) => socket.on('error', () => undefined).end('hello\n')),
    );
    expect(await read(port)).to.deep.equal({ problem: 'the answer is no HTTP' });
  });

  it('is waited for five seconds, however slowly it comes', async () => {
    const clock = new FakeClock();
    const asked = Promise.withResolvers<void>();
    const port = await serve((_, response) => {
      response.write('a ');
      asked.resolve();
    });
    const reading = read(port, clock);
    await asked.promise;
    await clock.advance(5_000);
    expect(await reading).to.deep.equal({ problem: 'there is no answer within 5 seconds' });
  });

  it('is not asked for by a name', async () => {
    const address = { host: 'metrics.example', port: 80 };
    const result = await fetchMetrics(address, 1_000_000, systemClock, new AbortController().signal);
    expect(result).to.deep.equal({ problem: 'its pod has no address' });
  });

  it('is given up when the process ends', async () => {
    const stop = new AbortController();
    const port = await serve(() => stop.abort());
    expect(await fetchMetrics({ host, port }, 1_000_000, systemClock, stop.signal)).to.have.property(
      'problem',
    );
  });
});
