import { expect } from 'chai';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { systemClock } from '../../src/base/clock.ts';
import { HttpServer, ListenError } from '../../src/http/server.ts';
import type { HttpServerOptions } from '../../src/http/server.ts';
import type { Fields, Logger } from '../../src/telemetry/log.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { VerdictSeries } from '../../src/telemetry/verdict-series.ts';
import { parseExposition } from '../support/exposition.ts';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

describe('HttpServer', () => {
  const servers: HttpServer[] = [];
  const sockets: Socket[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  async function serve(overrides: Partial<HttpServerOptions> = {}): Promise<number> {
    const server = new HttpServer({
      host: '127.0.0.1',
      port: 0,
      metrics: new Metrics(new VerdictSeries()),
      alive: () => [],
      ready: () => [],
      clock: systemClock,
      logger: silentLogger,
      ...overrides,
    });
    servers.push(server);
    return (await server.listen()).port;
  }

  async function ask(port: number, path: string, method = 'GET'): Promise<Answer> {
    const asked = request({ host: '127.0.0.1', port, path, method, agent: false }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    let body = '';
    for await (const chunk of response.setEncoding('utf8')) body += chunk as string;
    return { status: response.statusCode, headers: response.headers, body };
  }

  /** A connection that has asked for `/metrics` and reads nothing of the answer. */
  async function askAndStall(port: number): Promise<Socket> {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    sockets.push(socket);
    await once(socket, 'connect');
    socket.pause().write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    return socket;
  }

  /** Far more than the sockets between the two ends hold. */
  function manyReports(count = 2_000): Metrics {
    const verdicts = new VerdictSeries();
    const controls = Array.from({ length: 100 }, (_, index) => ({
      id: `RD-2.2.${index}`,
      severity: 'high',
      status: 'Pass',
    }));
    for (let index = 0; index < count; index++) {
      verdicts.set({
        namespace: `namespace-${index}`,
        profile: 'reference-design',
        compliant: true,
        controls,
        findings: {},
        evaluatedAt: 0,
      });
    }
    verdicts.open();
    return new Metrics(verdicts);
  }

  const problem = 'pods have not been read yet';
  const cases: Record<
    string,
    [overrides: Partial<HttpServerOptions>, path: string, method: string, expected: Partial<Answer>]
  > = {
    'says that it lives': [{}, '/healthz', 'GET', { status: 200, body: 'ok\n' }],
    'says why it does not live': [
      { alive: () => ['one', 'two'] },
      '/healthz',
      'GET',
      { status: 503, body: 'one\ntwo\n' },
    ],
    'says that it is ready': [{}, '/readyz', 'GET', { status: 200, body: 'ok\n' }],
    'says what else there is to know when it is ready': [
      { notes: () => ['leader: a'] },
      '/readyz',
      'GET',
      { status: 200, body: 'ok\nleader: a\n' },
    ],
    'says why it is not ready, and nothing else': [
      { ready: () => [problem], notes: () => ['leader: a'] },
      '/readyz',
      'GET',
      { status: 503, body: `${problem}\n` },
    ],
    'says why it is not ready': [
      { ready: () => [problem] },
      '/readyz',
      'GET',
      { status: 503, body: `${problem}\n` },
    ],
    'lives though it is not ready': [{ ready: () => [problem] }, '/healthz', 'GET', { status: 200 }],
    'passes over a query': [{}, '/readyz?verbose', 'GET', { status: 200 }],
    'answers HEAD without a body': [{}, '/healthz', 'HEAD', { status: 200, body: '' }],
    'answers HEAD for metrics too': [{}, '/metrics', 'HEAD', { status: 200, body: '' }],
    'knows no other path': [{}, '/', 'GET', { status: 404, body: 'Try /metrics, /healthz or /readyz.\n' }],
    'knows no path below its own': [{}, '/metrics/', 'GET', { status: 404 }],
    'takes no POST': [{}, '/metrics', 'POST', { status: 405, body: '' }],
    'takes no DELETE, on any path': [{}, '/nowhere', 'DELETE', { status: 405 }],
  };
  for (const [sentence, [overrides, path, method, expected]] of Object.entries(cases)) {
    it(sentence, async () => {
      const answer = await ask(await serve(overrides), path, method);
      expect(answer).to.include(expected);
      if (answer.status === 405) expect(answer.headers.allow).to.equal('GET, HEAD');
    });
  }

  it('asks anew each time whether it is ready', async () => {
    let problems = [problem];
    const port = await serve({ ready: () => problems });
    expect((await ask(port, '/readyz')).status).to.equal(503);
    problems = [];
    expect((await ask(port, '/readyz')).status).to.equal(200);
  });

  it('serves metrics that Prometheus can read, however many', async function () {
    this.timeout(20_000);
    const { status, headers, body } = await ask(await serve({ metrics: manyReports(500) }), '/metrics');
    expect(status).to.equal(200);
    expect(headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8');
    expect(parseExposition(body).get('plumbline_control_status')?.samples).to.have.length(50_000);
  });

  it('answers probes while a reader of metrics stalls, and holds no more for it than a little', async function () {
    this.timeout(20_000);
    const metrics = manyReports();
    let written = 0;
    const expose = metrics.expose.bind(metrics);
    metrics.expose = async function* () {
      for await (const chunk of expose()) {
        written += chunk.length;
        yield chunk;
      }
    };
    const port = await serve({ metrics });
    await askAndStall(port);
    for (let round = 0; round < 50; round++) {
      expect((await ask(port, '/healthz')).status).to.equal(200);
    }
    const stalledAt = written;
    expect(stalledAt).to.be.within(1, 15_000_000);
    for (let round = 0; round < 20; round++) await ask(port, '/healthz');
    expect(written).to.equal(stalledAt);
  });

  it('cuts a connection that nothing moves on', async function () {
    this.timeout(20_000);
    const port = await serve({ metrics: manyReports(), idleMs: 100 });
    const socket = await askAndStall(port);
    await new Promise((resolve) => setTimeout(resolve, 500));
    let received = '';
    socket.setEncoding('latin1').on('data', (text: string) => (received = (received + text).slice(-1_000)));
    socket.resume();
    await once(socket, 'close');
    expect(received).to.contain('plumbline_');
    // What ends a whole answer.
    expect(received.endsWith('0\r\n\r\n')).to.equal(false);
    expect((await ask(port, '/healthz')).status).to.equal(200);
  });

  it('goes on after a reader that leaves in the middle', async function () {
    this.timeout(20_000);
    const logged: string[] = [];
    const logger: Logger = { ...silentLogger, error: (message) => void logged.push(message) };
    const port = await serve({ metrics: manyReports(), logger });
    const socket = await askAndStall(port);
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    expect((await ask(port, '/metrics')).status).to.equal(200);
    expect(logged).to.deep.equal([]);
  });

  it('breaks off, and logs why, when a metric cannot be computed: half a scrape must not look whole', async () => {
    const logged: [string, Fields | undefined][] = [];
    const logger: Logger = { ...silentLogger, error: (...line) => void logged.push([line[0], line[1]]) };
    const metrics = new Metrics(new VerdictSeries());
    const error = new Error('defect');
    metrics.collect('plumbline_leader', () => {
      throw error;
    });
    const port = await serve({ metrics, logger });
    const failure = await ask(port, '/metrics').then(
      () => undefined,
      (reason: NodeJS.ErrnoException) => reason.code,
    );
    expect(failure).to.equal('ECONNRESET');
    expect(logged).to.deep.equal([['metrics could not be written', { error }]]);
    expect((await ask(port, '/healthz')).status).to.equal(200);
  });

  it('says which address it cannot have', async () => {
    const port = await serve();
    const failure = await serve({ port }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).to.be.instanceOf(ListenError).with.property('code', 'Listen');
    expect((failure as Error).message).to.match(
      new RegExp(`^metrics and probes cannot be served on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`),
    );
  });

  it('closes at once, whoever still reads', async function () {
    this.timeout(5_000);
    const server = new HttpServer({
      host: '127.0.0.1',
      port: 0,
      metrics: manyReports(),
      alive: () => [],
      ready: () => [],
      clock: systemClock,
      logger: silentLogger,
    });
    const { port } = await server.listen();
    await askAndStall(port);
    await server.close();
    const refused = await ask(port, '/healthz').then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error.code,
    );
    expect(refused).to.equal('ECONNREFUSED');
  });
});
