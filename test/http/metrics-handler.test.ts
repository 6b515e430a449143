import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { systemClock } from '../../src/base/clock.ts';
import type { Access } from '../../src/http/guard.ts';
import type { HttpServerOptions } from '../../src/http/server.ts';
import { HttpServer } from '../../src/http/server.ts';
import type { Fields, Logger } from '../../src/telemetry/log.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { VerdictSeries } from '../../src/telemetry/verdict-series.ts';
import { parseExposition } from '../support/exposition.ts';
import { parseOpenMetrics } from '../support/openmetrics.ts';

const openMetrics = { accept: 'application/openmetrics-text' };

describe('/metrics', () => {
  const servers: HttpServer[] = [];
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

  async function serve(overrides: Partial<HttpServerOptions> = {}): Promise<number> {
    const server = new HttpServer({
      host: '127.0.0.1',
      port: 0,
      metrics: someMetrics(),
      alive: () => [],
      ready: () => [],
      clock: systemClock,
      logger: silentLogger,
      ...overrides,
    });
    servers.push(server);
    return (await server.listen()).port;
  }

  async function begin(port: number, path: string, headers: OutgoingHttpHeaders = {}, options = {}) {
    const isTls = 'rejectUnauthorized' in options;
    const all = { host: '127.0.0.1', port, path, headers, agent: false, ...options };
    const asked = (isTls ? requestTls(all) : request(all)).end();
    return ((await once(asked, 'response')) as [IncomingMessage])[0];
  }
  async function read(response: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }
  async function ask(...args: Parameters<typeof begin>) {
    const response = await begin(...args);
    const body = await read(response);
    return { status: response.statusCode, headers: response.headers, body, text: body.toString() };
  }

  /** Counts how often it is computed, and waits in the midst of it until it is let go. */
  function slowMetrics() {
    const all = { computed: 0, ended: 0, release: () => {} };
    const wait = new Promise<void>((resolve) => (all.release = resolve));
    const metrics = someMetrics();
    metrics.expose = async function* () {
      all.computed++;
      try {
        yield '# HELP plumbline_leader x\n';
        await wait;
        yield '# TYPE plumbline_leader gauge\nplumbline_leader 1\n';
      } finally {
        all.ended++;
      }
    };
    return { ...all, all, metrics };
  }

  it('is OpenMetrics where that is asked for, and text where not', async () => {
    const port = await serve();
    const open = await ask(port, '/metrics', openMetrics);
    expect(open.headers['content-type']).to.equal(
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    );
    expect(parseOpenMetrics(open.text).get('plumbline_report_compliant')?.samples).to.have.length(300);
    const text = await ask(port, '/metrics');
    expect(text.headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8');
    expect(parseExposition(text.text).get('plumbline_report_compliant')?.samples).to.have.length(300);
    expect(text.headers.vary).to.equal('Accept, Accept-Encoding');
  });

  it('is compressed where that is asked for, and is the same then', async () => {
    const port = await serve();
    const plain = await ask(port, '/metrics', openMetrics);
    expect(plain.headers).to.not.have.property('content-encoding');
    const packed = await ask(port, '/metrics', { ...openMetrics, 'accept-encoding': 'gzip' });
    expect(packed.headers['content-encoding']).to.equal('gzip');
    expect(packed.body.length).to.be.below(plain.body.length / 5);
    expect(gunzipSync(packed.body).toString()).to.equal(plain.text);
  });

  it('computes nothing for a HEAD, and says what a GET would', async () => {
    const { metrics, all } = slowMetrics();
    const port = await serve({ metrics });
    const { status, headers, text } = await ask(port, '/metrics', openMetrics, { method: 'HEAD' });
    expect([status, text]).to.deep.equal([200, '']);
    expect(headers['content-type']).to.contain('openmetrics');
    expect(all.computed).to.equal(0);
  });

  for (const encoding of ['identity', 'gzip']) {
    it(`breaks off when the reader waits no longer, and computes no more (${encoding})`, async () => {
      const { metrics, all } = slowMetrics();
      const port = await serve({ metrics });
      const headers = { 'x-prometheus-scrape-timeout-seconds': '0.2', 'accept-encoding': encoding };
      const start = systemClock.monotonic();
      const failure = await ask(port, '/metrics', headers).then(
        () => undefined,
        (error: NodeJS.ErrnoException) => error.code,
      );
      expect(failure).to.equal('ECONNRESET');
      expect(systemClock.monotonic() - start).to.be.within(150, 5_000);
      all.release();
      while (all.ended === 0) await new Promise((resolve) => setImmediate(resolve));
      expect(all.ended).to.equal(1);
    });
  }

  it('takes four at once, tells others to come again, and takes those when one is through', async () => {
    const { metrics, all } = slowMetrics();
    const port = await serve({ metrics });
    const four = await Promise.all(Array.from({ length: 4 }, () => begin(port, '/metrics')));
    const fifth = await ask(port, '/metrics');
    expect([fifth.status, fifth.headers['retry-after']]).to.deep.equal([503, '5']);
    expect((await ask(port, '/healthz')).status).to.equal(200);
    all.release();
    await Promise.all(four.map(read));
    expect((await ask(port, '/metrics')).status).to.equal(200);
  });

  it('counts a reader that has left no longer', async () => {
    const { metrics, all } = slowMetrics();
    const port = await serve({ metrics });
    const four = await Promise.all(Array.from({ length: 4 }, () => begin(port, '/metrics')));
    for (const response of four) response.destroy();
    all.release();
    while (all.ended < 4) await new Promise((resolve) => setImmediate(resolve));
    expect((await ask(port, '/metrics')).status).to.equal(200);
  });

  describe('over TLS, with a question who asks', () => {
    const tls = { rejectUnauthorized: false };
    const known: Record<string, Access> = { reader: 'allowed', stranger: 'forbidden' };
    let asked: string[] = [];
    beforeEach(() => (asked = []));
    const access = (token: string): Promise<Access> => {
      asked.push(token);
      return Promise.resolve(known[token] ?? 'unauthenticated');
    };
    const secure = { files: undefined, access };

    const cases: Record<string, [authorization: string | undefined, status: number]> = {
      'lets a reader in': ['Bearer reader', 200],
      'knows the word in any case, and more than one space': ['bearer   reader', 200],
      'forbids it to a stranger': ['Bearer stranger', 403],
      'does not know who shows nonsense': ['Bearer nonsense', 401],
      'does not know who shows nothing': [undefined, 401],
      'does not know who shows an empty token': ['Bearer ', 401],
      'does not know who shows a password': ['Basic cmVhZGVyOnJlYWRlcg==', 401],
      'does not pass over what follows a token': ['Bearer reader stranger', 401],
      'does not take two tokens for one': ['Bearer reader, Bearer x', 401],
    };
    for (const [sentence, [authorization, status]] of Object.entries(cases)) {
      it(sentence, async () => {
        const port = await serve({ secure });
        const headers = authorization === undefined ? {} : { authorization };
        const answer = await ask(port, '/metrics', headers, tls);
        expect(answer.status).to.equal(status);
        expect(answer.text.includes('plumbline_')).to.equal(status === 200);
        if (status === 401) expect(answer.headers['www-authenticate']).to.equal('Bearer');
        const head = await ask(port, '/metrics', headers, { ...tls, method: 'HEAD' });
        expect([head.status, head.text]).to.deep.equal([status, '']);
      });
    }

    it('asks nobody about who shows nothing that could be a token', async () => {
      await ask(await serve({ secure }), '/metrics', {}, tls);
      expect(asked).to.deep.equal([]);
    });

    it('answers probes without a question: the kubelet shows nothing', async () => {
      const port = await serve({ secure });
      for (const path of ['/healthz', '/readyz']) {
        expect((await ask(port, path, {}, tls)).text, path).to.equal('ok\n');
      }
      expect(asked).to.deep.equal([]);
    });

    it('answers nothing that is not TLS', async () => {
      const port = await serve({ secure });
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer reader\r\n\r\n');
      let received = '';
      socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
      await once(socket, 'close');
      expect(received).to.not.contain('plumbline_');
      expect(received).to.not.contain('HTTP/1.1 200');
    });

    it('lets nobody in while it cannot ask, says so once, and tells no token', async () => {
      const logged: [string, Fields | undefined][] = [];
      const logger: Logger = { ...silentLogger, error: (...line) => void logged.push([line[0], line[1]]) };
      let broken = true;
      const check = (token: string) => (broken ? Promise.reject(new Error('no answer')) : access(token));
      const port = await serve({ logger, secure: { files: undefined, access: check } });
      for (let round = 0; round < 3; round++) {
        const { status, text } = await ask(port, '/metrics', { authorization: 'Bearer reader' }, tls);
        expect([status, text]).to.deep.equal([503, 'Who you are cannot be found out now.\n']);
      }
      expect(logged).to.have.length(1);
      expect(JSON.stringify(logged)).to.not.contain('reader');
      expect((await ask(port, '/healthz', {}, tls)).status).to.equal(200);
      broken = false;
      expect((await ask(port, '/metrics', { authorization: 'Bearer reader' }, tls)).status).to.equal(200);
    });

    it('does not keep a reader waiting beyond his time while it asks', async () => {
      const port = await serve({ secure: { files: undefined, access: () => new Promise(() => {}) } });
      const headers = { authorization: 'Bearer reader', 'x-prometheus-scrape-timeout-seconds': '0.2' };
      expect((await ask(port, '/metrics', headers, tls)).status).to.equal(503);
    });
  });
});

function someMetrics(): Metrics {
  const verdicts = new VerdictSeries();
  for (let index = 0; index < 300; index++) {
    verdicts.set({
      namespace: `namespace-${index}`,
      profile: 'reference-design',
      compliant: true,
      controls: [{ id: 'RD-2.2.7', severity: 'critical', status: 'Pass' }],
      findings: { critical: 0, high: 1, medium: 2, low: 3 },
      evaluatedAt: 0,
    });
  }
  verdicts.open();
  return new Metrics(verdicts);
}
