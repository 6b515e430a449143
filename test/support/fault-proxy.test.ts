import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { systemClock } from '../../src/base/clock.ts';
import { ApiClient } from '../../src/kube/client.ts';
import { ApiError, ConnectionError } from '../../src/kube/errors.ts';
import { loadKubeConfig } from '../../src/kube/kube-config.ts';
import { eventually } from '../kube/support.ts';
import { makeCertificates } from './certificates.ts';
import { FaultProxy } from './fault-proxy.ts';

const pods = '/api/v1/namespaces/a/pods';

/** Answers what it was asked, and writes whatever a test wants into watches. */
class Upstream {
  readonly certificates = makeCertificates();
  readonly asked: string[] = [];
  readonly watches = new Set<ServerResponse>();
  readonly #server = createServer(this.certificates.server, (request, response) =>
    this.#answer(request, response),
  );

  async listen(): Promise<{ url: string; ca: string }> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as { port: number };
    return { url: `https://127.0.0.1:${port}`, ca: this.certificates.ca };
  }

  send(text: string): void {
    for (const watch of this.watches) watch.write(text);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.asked.push(`${request.method} ${request.url} as ${request.headers.authorization ?? 'nobody'}`);
    response.setHeader('content-type', 'application/json');
    if (!request.url?.includes('watch=true')) return void response.end('{"items":[]}');
    response.flushHeaders();
    this.watches.add(response);
    response.once('close', () => this.watches.delete(response));
  }
}

for (const plain of [false, true]) {
  describe(`the fault proxy, ${plain ? 'without' : 'with'} TLS`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'plumbline-proxy-'));
    let upstream: Upstream;
    let proxy: FaultProxy;
    let client: ApiClient;

    beforeEach(async () => {
      upstream = new Upstream();
      const target = await upstream.listen();
      proxy = await FaultProxy.start(target, { plain });
      const path = join(folder, 'kubeconfig');
      const config = {
        clusters: [{ name: 'one', cluster: { server: target.url } }],
        users: [{ name: 'one', user: { token: 'secret' } }],
        contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
        'current-context': 'one',
      };
      writeFileSync(path, JSON.stringify(config));
      client = new ApiClient({
        config: loadKubeConfig({ kubeconfig: proxy.kubeconfig(path) }),
        clock: systemClock,
      });
    });
    afterEach(async () => {
      await client.close();
      await proxy.close();
      await upstream.close();
    });
    after(() => rmSync(folder, { recursive: true }));

    const get = (path = pods) => client.request({ method: 'GET', path });
    const failureOf = (run: Promise<unknown>) =>
      run.then(
        () => expect.fail('it did not fail'),
        (error: unknown) => error,
      );

    /** Opens a watch; what it has received so far, and how it ended. */
    async function watch() {
      const abort = new AbortController();
      const stream = await client.stream({ path: pods, query: { watch: true }, signal: abort.signal });
      const state = { text: '', end: undefined as unknown };
      const read = async () => {
        for await (const chunk of stream.chunks) state.text += chunk.toString();
      };
      const done = read().then(
        () => (state.end = 'ended'),
        (error: unknown) => (state.end = error),
      );
      return { state, done };
    }

    it('hands on requests with their identity, and counts them by verb, resource and code', async () => {
      await get();
      await client.request({ method: 'POST', path: `${pods}?dryRun=All`, body: { a: 1 } });
      await get(`${pods}/one/status`);
      expect(upstream.asked[0]).to.equal(`GET ${pods} as Bearer secret`);
      expect(proxy.counts()).to.deep.equal({
        'list pods 200': 1,
        'create pods 200': 1,
        'get pods/status 200': 1,
      });
      expect(proxy.count({ verb: ['list', 'get'], resource: 'pods' })).to.equal(1);
    });

    it('answers in the server’s place as often as it is told', async () => {
      const rule = proxy.fault({ resource: 'pods' }, { do: 'answer', status: 429, retryAfter: 7 }, 1);
      const error = (await failureOf(get())) as ApiError;
      expect(error).to.be.instanceOf(ApiError);
      expect([error.status, error.retryAfterMs]).to.deep.equal([429, 7_000]);
      await get();
      expect(upstream.asked).to.have.length(1);
      expect(rule.hits).to.equal(1);
    });

    it('resets a request, and lets the next one through', async () => {
      proxy.fault({}, { do: 'reset' }, 1);
      const error = (await failureOf(get())) as ConnectionError;
      expect(error).to.be.instanceOf(ConnectionError);
      expect((error.cause as { code: string }).code).to.equal('ECONNRESET');
      await get();
      expect(upstream.asked).to.have.length(1);
    });

    it('refuses connections, and takes them again', async () => {
      await proxy.down();
      const error = (await failureOf(get())) as ConnectionError;
      expect(error.code).to.equal('ConnectionFailed');
      await proxy.up();
      expect((await get()).status).to.equal(200);
    });

    it('loses the answer to what the server has done', async () => {
      proxy.fault({}, { do: 'lose-answer' }, 1);
      expect(await failureOf(get())).to.be.instanceOf(ConnectionError);
      expect(upstream.asked).to.have.length(1);
    });

    it('holds a request until it is told to go on', async () => {
      const rule = proxy.fault({}, { do: 'hold' });
      const answer = get();
      await eventually(() => rule.hits === 1, 'it is held');
      expect(upstream.asked).to.have.length(0);
      rule.lift();
      expect((await answer).status).to.equal(200);
    });

    it('breaks an answer after so many bytes', async () => {
      proxy.fault({}, { do: 'cut', afterBytes: 4 }, 1);
      expect(await failureOf(get())).to.be.instanceOf(ConnectionError);
    });

    it('breaks a watch in the middle of a frame', async () => {
      proxy.fault({ verb: 'watch' }, { do: 'cut-frame', frame: 1 });
      const { state, done } = await watch();
      upstream.send('{"a":1}\n{"b":22}\n{"c":3}\n');
      await done;
      expect(state.text).to.equal('{"a":1}\n{"b"');
      expect(state.end).to.be.instanceOf(ConnectionError);
    });

    it('rewrites the frames of a watch', async () => {
      proxy.fault(
        { verb: 'watch' },
        {
          do: 'rewrite',
          frame: (frame, n) => (n === 1 ? Buffer.from('junk') : frame),
        },
      );
      const { state } = await watch();
      upstream.send('{"a":1}\n{"b"');
      upstream.send(':22}\n{"c":3}\n');
      await eventually(() => state.text.split('\n').length === 4, 'all is through');
      expect(state.text).to.equal('{"a":1}\njunk\n{"c":3}\n');
    });

    it('puts a frame of its own between two of the server’s, never into one', async () => {
      const { state } = await watch();
      upstream.send('{"a":1}\n{"b"');
      await eventually(() => state.text.endsWith('"b"'), 'half a frame is through');
      expect(proxy.inject({ resource: 'pods' }, '{"x":0}')).to.equal(1);
      upstream.send(':2}\n');
      await eventually(() => state.text.endsWith('{"x":0}\n'), 'it is through');
      expect(state.text).to.equal('{"a":1}\n{"b":2}\n{"x":0}\n');
    });

    it('cuts, ends and holds what is open', async () => {
      const one = await watch();
      expect(proxy.hold({ verb: 'watch' })).to.equal(1);
      upstream.send('{"a":1}\n');
      await get();
      expect(one.state.text).to.equal('');
      proxy.resume();
      await eventually(() => one.state.text === '{"a":1}\n', 'it goes on');
      expect(proxy.end({ verb: 'watch' })).to.equal(1);
      await one.done;
      expect(one.state.end).to.equal('ended');
      const other = await watch();
      expect(proxy.cut()).to.equal(1);
      await other.done;
      expect(other.state.end).to.be.instanceOf(ConnectionError);
      await eventually(() => proxy.open() === 0, 'nothing is open');
    });
  });
}
