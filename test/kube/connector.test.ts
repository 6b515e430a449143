import { EventEmitter, once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createPlainServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createServer } from 'node:tls';
import { expect } from 'chai';
import { buildConnector } from 'undici';
import { SharingConnector } from '../../src/kube/connector.ts';
import { makeCertificates } from '../support/certificates.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { eventually } from './support.ts';

const certificates = makeCertificates();

describe('connections that begin together', () => {
  const open: { destroy(): void }[] = [];
  const closing: (() => void)[] = [];
  let clock: FakeClock;
  beforeEach(() => void (clock = new FakeClock()));
  afterEach(() => {
    for (const socket of open.splice(0)) socket.destroy();
    for (const close of closing.splice(0)) close();
  });

  const target = (port: number, protocol = 'https:'): buildConnector.Options => ({
    hostname: '127.0.0.1',
    host: `127.0.0.1:${port}`,
    protocol,
    port: String(port),
  });

  async function listen(server: ReturnType<typeof createPlainServer>): Promise<number> {
    server.listen(0, '127.0.0.1');
    closing.push(() => server.close());
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** Counts the handshakes in full and those that took up a session. */
  async function serve(options: { maxVersion?: 'TLSv1.2' } = {}) {
    const seen = { full: 0, resumed: 0 };
    const server = createServer({ ...certificates.server, ...options }, (socket) => {
      seen[socket.isSessionReused() ? 'resumed' : 'full']++;
      socket.on('error', () => undefined);
    });
    return { seen, port: await listen(server) };
  }

  const connectorTo = (ca: string = certificates.ca) =>
    new SharingConnector(buildConnector({ allowH2: false, timeout: 5_000, ca }), clock);

  function connect(connector: SharingConnector, to: buildConnector.Options): Promise<Socket | TLSSocket> {
    return new Promise((resolve, reject) => {
      connector.connect(to, (error, socket) => {
        if (error !== null) return reject(error);
        open.push(socket);
        // A session comes with what is read.
        resolve(socket.resume());
      });
    });
  }

  for (const maxVersion of [undefined, 'TLSv1.2'] as const) {
    it(`shake hands in full once, and take up that session (${maxVersion ?? 'TLS 1.3'})`, async () => {
      const { seen, port } = await serve(maxVersion === undefined ? {} : { maxVersion });
      const connector = connectorTo();
      await Promise.all(Array.from({ length: 20 }, () => connect(connector, target(port))));
      await eventually(() => seen.full + seen.resumed === 20, 'all have come');
      expect(seen).to.deep.equal({ full: 1, resumed: 19 });
      expect(clock.pendingTimers).to.equal(0);
    });
  }

  it('have each its own handshake, a moment later, where the server gives no session', async () => {
    let begun = 0;
    const silent = Object.assign(new EventEmitter(), { encrypted: true }) as unknown as TLSSocket;
    const connector = new SharingConnector((_target, callback) => {
      begun++;
      callback(null, silent);
    }, clock);
    const told: unknown[] = [];
    for (let n = 0; n < 3; n++) connector.connect(target(1), (...[error]) => void told.push(error));
    await clock.advance(249);
    expect([begun, told]).to.deep.equal([1, [null]]);
    await clock.advance(1);
    expect([begun, told]).to.deep.equal([3, [null, null, null]]);
  });

  it('are all tried when the first is refused, and each fails by itself', async () => {
    const { port } = await serve();
    const connector = connectorTo(makeCertificates().ca);
    const ended = await Promise.allSettled(Array.from({ length: 3 }, () => connect(connector, target(port))));
    expect(ended.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected', 'rejected']);
    expect(connector.hasSession).to.equal(false);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('are all told when the first cannot even begin', async () => {
    const { port } = await serve();
    const connector = connectorTo();
    const wrong = { ...target(port), servername: '127.0.0.1' };
    const ended = await Promise.allSettled(Array.from({ length: 3 }, () => connect(connector, wrong)));
    expect(ended.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected', 'rejected']);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('do not wait for a first that hangs', async () => {
    const accepted: Socket[] = [];
    const port = await listen(createPlainServer((socket) => void accepted.push(socket)));
    open.push({ destroy: () => accepted.forEach((socket) => socket.destroy()) });
    const connector = connectorTo();
    const all = Array.from({ length: 3 }, () => connect(connector, target(port)).catch(() => undefined));
    await eventually(() => accepted.length > 0, 'the first has come');
    expect(accepted.length).to.equal(1);
    await clock.advance(250);
    await eventually(() => accepted.length === 3, 'the others have come');
    for (const socket of accepted) socket.destroy();
    await Promise.all(all);
  });

  it('do not wait for a session where there is no TLS', async () => {
    const port = await listen(createPlainServer());
    const connector = connectorTo();
    await Promise.all(Array.from({ length: 3 }, () => connect(connector, target(port, 'http:'))));
    expect(clock.pendingTimers).to.equal(0);
  });
});
