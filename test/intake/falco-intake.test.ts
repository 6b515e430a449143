import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Outcome } from '../../src/evidence/falco/runtime-aggregate.ts';
import { RuntimeAggregate } from '../../src/evidence/falco/runtime-aggregate.ts';
import type { EventResult, IntakeOptions, TakenEvent } from '../../src/intake/falco-intake.ts';
import { FalcoIntake } from '../../src/intake/falco-intake.ts';
import { IntakeError } from '../../src/intake/options.ts';
import { eventually } from '../kube/support.ts';
import { makeCertificates } from '../support/certificates.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { falcoEvent, throughFalcosidekick } from '../support/falco.ts';

const secret = 'a-token-of-some-length';

/** An intake on loopback with what it told whom. */
class Setup {
  readonly aggregate = new RuntimeAggregate();
  readonly counts: Partial<Record<EventResult, number>> = {};
  readonly events: TakenEvent[] = [];
  readonly warnings: [string, Readonly<Record<string, unknown>>][] = [];
  readonly clock = new FakeClock();
  readonly intake: FalcoIntake;
  url = '';

  constructor(options: Partial<IntakeOptions> = {}) {
    this.intake = new FalcoIntake({
      port: 0,
      aggregate: this.aggregate,
      clock: this.clock,
      count: (result) => (this.counts[result] = (this.counts[result] ?? 0) + 1),
      onEvent: (event) => this.events.push(event),
      logger: { warn: (message, fields = {}) => this.warnings.push([message, fields]) },
      ...options,
    });
  }

  get total(): number {
    return Object.values(this.counts).reduce((sum, each) => sum + each, 0);
  }

  async send(
    body: unknown,
    init: RequestInit & { path?: string } = {},
  ): Promise<{ status: number; text: string }> {
    const { path = '/', ...rest } = init;
    const response = await fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as never) : JSON.stringify(body),
      ...rest,
    });
    return { status: response.status, text: await response.text() };
  }

  /** A bare connection, for what no proper client would send. */
  connect(): Socket {
    const { hostname, port } = new URL(this.url);
    return connect(Number(port), hostname).on('error', () => {});
  }
}

/** Everything that the server sends until it closes the connection. */
async function untilClosed(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

const head = (length: number) => `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n`;

describe('FalcoIntake', () => {
  const running: Setup[] = [];

  async function start(options: Partial<IntakeOptions> = {}): Promise<Setup> {
    const setup = new Setup(options);
    setup.url = await setup.intake.listen();
    running.push(setup);
    return setup;
  }

  afterEach(async () => {
    for (const { intake } of running.splice(0)) await intake.close();
  });

  it('listens on loopback unless told otherwise', async () => {
    expect((await start()).url).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('takes what Falco sends: it is in the aggregate, counted and told before the answer', async () => {
    const setup = await start();
    expect(await setup.send(falcoEvent())).to.deep.equal({ status: 204, text: '' });
    expect(setup.aggregate.findings('shop', setup.clock.now())).to.have.length(1);
    expect(setup.counts).to.deep.equal({ accepted: 1 });
    expect(setup.events).to.deep.equal([
      {
        namespace: 'shop',
        kind: 'alert',
        priority: 'Warning',
        at: Date.parse('2025-12-31T23:30:00.123Z'),
        hostname: 'node-1',
      },
    ]);
  });

  it('takes what Falcosidekick sends, and knows an event that Falco has sent already', async () => {
    const setup = await start();
    const headers = { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'Falcosidekick' };
    expect(
      await setup.send(throughFalcosidekick(falcoEvent()), { method: 'PUT', path: '/falco', headers }),
    ).to.include({
      status: 204,
    });
    expect(await setup.send(falcoEvent())).to.include({ status: 204 });
    expect(setup.counts).to.deep.equal({ accepted: 1, duplicate: 1 });
    expect(setup.events).to.have.length(1);
  });

  const unattributed = falcoEvent({}, { 'k8s.ns.name': null });
  const requests: Record<
    string,
    [unknown, Parameters<Setup['send']>[1], number, RegExp, Partial<Record<EventResult, number>>]
  > = {
    'an event without a namespace is counted as that': [unattributed, {}, 204, /^$/, { unattributed: 1 }],
    "Falcosidekick's test is taken": [
      falcoEvent({ rule: 'Test rule', source: 'internal' }, { 'k8s.ns.name': null }),
      {},
      204,
      /^$/,
      { accepted: 1 },
    ],
    'a query does not matter': [falcoEvent(), { path: '/?a=b' }, 204, /^$/, { accepted: 1 }],
    'an event from long ago finds no place': [
      falcoEvent({ time: '2020-01-01T00:00:00Z' }),
      {},
      503,
      /^the event was not kept/,
      { dropped: 1 },
    ],
    'plain text is told how to become JSON': [
      '13:44:05.478: Critical A shell was spawned',
      { headers: { 'content-type': 'text/plain' } },
      400,
      /json_output: true/,
      { rejected: 1 },
    ],
    'JSON sent as text is JSON': [
      falcoEvent(),
      { headers: { 'content-type': 'text/plain' } },
      204,
      /^$/,
      { accepted: 1 },
    ],
    'nothing is told so': ['', {}, 400, /^the body is empty\n$/, { rejected: 1 }],
    'half an event is told so': ['{"rule": "x"', {}, 400, /^not valid JSON: /, { rejected: 1 }],
    'a list is told so': ['[]', {}, 400, /^expected one JSON object, found a list\n$/, { rejected: 1 }],
    'an unknown priority is named': [
      falcoEvent({ priority: 'Severe' }),
      {},
      400,
      /^priority: expected one of .*, found "Severe"\n$/,
      { rejected: 1 },
    ],
    'a compressed body is not read': [
      falcoEvent(),
      { headers: { 'content-encoding': 'gzip' } },
      415,
      /^content-encoding gzip is not read\n$/,
      { rejected: 1 },
    ],
    'another path is not found': [falcoEvent(), { path: '/metrics' }, 404, /^events go to/, { rejected: 1 }],
    'another method is told which': [
      falcoEvent(),
      { method: 'PATCH' },
      405,
      /^events are sent by/,
      { rejected: 1 },
    ],
    'bytes that are no text do no harm': [
      Uint8Array.from([0x7b, 0xff, 0xfe, 0x00]),
      {},
      400,
      /^not valid JSON: /,
      { rejected: 1 },
    ],
  };
  for (const [sentence, [body, init, status, text, counts]] of Object.entries(requests)) {
    it(sentence, async () => {
      const setup = await start();
      const answer = await setup.send(body, init);
      expect(answer.status).to.equal(status);
      expect(answer.text).to.match(text);
      expect(setup.counts).to.deep.equal(counts);
    });
  }

  it('answers a reader that it only takes events', async () => {
    const { url } = await start();
    const response = await fetch(url);
    expect(response.status).to.equal(405);
    expect(response.headers.get('allow')).to.equal('POST, PUT');
  });

  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  const basic = (token: string) => ({
    headers: { authorization: `Basic ${Buffer.from(`falco:${token}`).toString('base64')}` },
  });
  const admissions: Record<string, [Partial<IntakeOptions>, Parameters<Setup['send']>[1], number]> = {
    'a token is asked for': [{ tokens: [secret] }, {}, 401],
    'a wrong token is none': [{ tokens: [secret] }, bearer(`${secret}x`), 401],
    'the right token admits': [{ tokens: [secret] }, bearer(secret), 204],
    'the scheme may be written as it likes': [
      { tokens: [secret] },
      { headers: { authorization: `bearer ${secret}` } },
      204,
    ],
    'so does the password that a URL can hold': [{ tokens: [secret] }, basic(secret), 204],
    'a wrong password does not': [{ tokens: [secret] }, basic('x'), 401],
    'a scheme that nobody knows does not': [
      { tokens: [secret] },
      { headers: { authorization: `Token ${secret}` } },
      401,
    ],
    'with a secret path the open ones are gone': [{ secretPaths: [secret] }, {}, 404],
    'a wrong path is not found': [{ secretPaths: [secret] }, { path: `/${secret}x` }, 404],
    'the secret path admits': [{ secretPaths: [secret] }, { path: `/${secret}` }, 204],
    'below /falco too': [{ secretPaths: [secret] }, { path: `/falco/${secret}` }, 204],
    'with both, the path is enough': [
      { tokens: [`other-${secret}`], secretPaths: [secret] },
      { path: `/${secret}` },
      204,
    ],
    'with both, the token is enough': [
      { tokens: [secret], secretPaths: [`other-${secret}`] },
      bearer(secret),
      204,
    ],
    'with both, one of them is needed': [{ tokens: [secret], secretPaths: [`other-${secret}`] }, {}, 401],
  };
  for (const [sentence, [options, init, status]] of Object.entries(admissions)) {
    it(sentence, async () => {
      const setup = await start(options);
      expect((await setup.send(falcoEvent(), init)).status).to.equal(status);
      expect(setup.counts).to.deep.equal(status === 204 ? { accepted: 1 } : { rejected: 1 });
      expect(JSON.stringify(setup.warnings)).not.to.include(secret);
    });
  }

  it('takes a batch of CloudEvents, and says which of them it could not read', async () => {
    const setup = await start();
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    const of = (data: object) => ({ specversion: '1.0', id: '1', source: 's', type: 't', data });
    const events = [1, 2, 3].map((number) => falcoEvent({ time: `2025-12-31T23:30:00.00000000${number}Z` }));
    expect((await setup.send(events.map(of), { headers })).status).to.equal(204);
    expect(setup.counts).to.deep.equal({ accepted: 3 });
    const mixed = [events[0], falcoEvent({ priority: 'Severe' }), falcoEvent(), falcoEvent({ rule: '' })];
    expect(
      await setup.send(
        mixed.map((each) => of(each ?? {})),
        { headers },
      ),
    ).to.deep.equal({
      status: 400,
      text:
        '2 of 4 events were refused, the others were taken; event 2: priority: expected one of Emergency, Alert, Critical, ' +
        'Error, Warning, Notice, Informational, Debug, found "Severe"\n',
    });
    expect(setup.counts).to.deep.equal({ accepted: 4, duplicate: 1, rejected: 2 });
    const old = falcoEvent({ time: '2020-01-01T00:00:00Z' });
    const answer = await setup.send([of(old), of(falcoEvent())], { headers });
    expect(answer.text).to.match(/^1 of 2 events were not kept, the others were taken/);
    expect(answer.status).to.equal(503);
    expect((await setup.send([], { headers })).status).to.equal(204);
  });

  it('says so when the event is held in memory alone', async () => {
    const aggregate = { add: () => ({ result: 'accepted', stored: false }) as const };
    const setup = await start({ aggregate });
    expect(await setup.send(falcoEvent())).to.deep.equal({
      status: 202,
      text: 'held in memory alone until it can be stored\n',
    });
    expect(setup.counts).to.deep.equal({ accepted: 1 });
  });

  it('answers whatever comes, and counts each event of it', async () => {
    const setup = await start({ limits: { body: 20_000 } });
    const types = [
      'application/json',
      'text/plain',
      'application/cloudevents+json',
      'application/cloudevents-batch+json',
      'application/cloudevents+xml',
      '',
    ];
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => new TextEncoder().encode(text)),
      fc
        .jsonValue()
        .map((value) => new TextEncoder().encode(JSON.stringify([{ specversion: '1.0', data: value }]))),
      fc
        .dictionary(
          fc.constantFrom('time', 'rule', 'priority', 'output', 'output_fields', 'source', 'tags'),
          fc.jsonValue(),
        )
        .map((overrides) => new TextEncoder().encode(JSON.stringify({ ...falcoEvent(), ...overrides }))),
      fc.integer({ min: 19_900, max: 20_100 }).map((size) => new Uint8Array(size).fill(0x20)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...types),
        fc.constantFrom('POST', 'PUT'),
        body,
        async (type, method, bytes) => {
          const before = setup.total;
          const { status } = await setup.send(bytes, { method, headers: { 'content-type': type } });
          expect(status).to.be.oneOf([204, 400, 413, 503]);
          const empty = status === 204 && type.includes('batch') && bytes.length < 30;
          expect(setup.total - before, 'nothing is ignored').to.be.at.least(empty ? 0 : 1);
        },
      ),
      { numRuns: 400 },
    );
    expect((await setup.send(falcoEvent({ time: '2025-12-31T23:30:00.5Z' }))).status).to.equal(204);
    expect(setup.warnings.map(([message]) => message)).not.to.include('falco event could not be taken');
  });

  it('answers only when the event is taken', async () => {
    const waiting: ((outcome: Outcome) => void)[] = [];
    const aggregate = { add: () => new Promise<Outcome>((resolve) => waiting.push(resolve)) };
    const setup = await start({ aggregate });
    let answered = false;
    const answer = setup.send(falcoEvent()).then((it) => {
      answered = true;
      return it;
    });
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(answered).to.equal(false);
    waiting[0]?.({ result: 'accepted', namespace: 'shop' });
    expect((await answer).status).to.equal(204);
  });

  it('outlives who asks for a tunnel and is gone before the answer', async () => {
    const setup = await start();
    for (let round = 1; round <= 20; round++) {
      const socket = setup.connect();
      await once(socket, 'connect');
      socket.write('CONNECT a:1 HTTP/1.1\r\n\r\n');
      await new Promise((resolve) => setImmediate(resolve));
      socket.resetAndDestroy();
    }
    await eventually(() => Promise.resolve(setup.counts.rejected === 20), 'all were heard');
    expect((await setup.send(falcoEvent())).status).to.equal(204);
  });

  it('does not pretend when the event could not be taken', async () => {
    const aggregate = { add: () => Promise.reject(new Error('the disk is full')) };
    const setup = await start({ aggregate });
    expect((await setup.send(falcoEvent())).status).to.equal(500);
    expect(setup.counts).to.deep.equal({ dropped: 1 });
    expect(setup.warnings.map(([message]) => message)).to.deep.equal(['falco event could not be taken']);
  });

  describe('against large, slow and many', () => {
    const limits = { body: 10_000 };
    const padded = (size: number) => {
      const text = JSON.stringify(falcoEvent());
      return text + ' '.repeat(size - text.length);
    };

    it('takes an event of just the limit', async () => {
      const setup = await start({ limits });
      expect((await setup.send(padded(10_000))).status).to.equal(204);
    });

    it('refuses one that says it is larger', async () => {
      const setup = await start({ limits });
      const answer = await setup.send(padded(10_001));
      expect(answer).to.deep.equal({ status: 413, text: 'an event has at most 10000 bytes\n' });
      expect(setup.counts).to.deep.equal({ rejected: 1 });
    });

    it('refuses one that turns out to be larger', async () => {
      const setup = await start({ limits });
      const body = new ReadableStream({
        start(controller) {
          for (let part = 0; part < 5; part++)
            controller.enqueue(new TextEncoder().encode('x'.repeat(4_000)));
          controller.close();
        },
      });
      const response = await fetch(setup.url, { method: 'POST', body, duplex: 'half' });
      expect(response.status).to.equal(413);
      expect(setup.counts).to.deep.equal({ rejected: 1 });
    });

    it('cuts off a sender without end', async () => {
      const setup = await start({ limits });
      const socket = setup.connect();
      const closed = untilClosed(socket);
      socket.write('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
      const chunk = `1000\r\n${'x'.repeat(4_096)}\r\n`;
      while (!socket.destroyed) {
        socket.write(chunk);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await closed;
      expect(socket.bytesWritten).to.be.lessThan(50 * 10_000);
      expect(setup.counts).to.deep.equal({ rejected: 1 });
    });

    it('waits only so long for a body', async () => {
      const setup = await start({ limits: { headersTimeout: 100, requestTimeout: 200 } });
      const socket = setup.connect();
      socket.write(`${head(500)}{"rule":`);
      expect(await untilClosed(socket)).to.match(/^HTTP\/1\.1 408/);
      expect(setup.counts).to.deep.equal({ rejected: 1 });
    });

    it('waits only so long for the headers', async () => {
      const setup = await start({ limits: { headersTimeout: 100, requestTimeout: 200 } });
      const socket = setup.connect();
      socket.write('POST / HTTP/1.1\r\nhost:');
      expect(await untilClosed(socket)).to.match(/^HTTP\/1\.1 408/);
    });

    it('counts a sender that went away in the middle', async () => {
      const setup = await start();
      const socket = setup.connect();
      await once(socket, 'connect');
      socket.write(`${head(500)}{"rule":`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      socket.destroy();
      while (setup.total === 0) await new Promise((resolve) => setImmediate(resolve));
      expect(setup.counts).to.deep.equal({ rejected: 1 });
    });

    it('answers what is not HTTP', async () => {
      const setup = await start();
      const socket = setup.connect();
      socket.write('hello\r\n\r\n');
      expect(await untilClosed(socket)).to.match(/^HTTP\/1\.1 400/);
      expect((await setup.send(falcoEvent())).status).to.equal(204);
    });

    it('takes a bounded number of connections, and counts those that it could not', async () => {
      const setup = await start({ limits: { connections: 2 } });
      const sockets = [setup.connect(), setup.connect()];
      await Promise.all(sockets.map((socket) => once(socket, 'connect')));
      await new Promise((resolve) => setTimeout(resolve, 20));
      await untilClosed(setup.connect());
      expect(setup.counts).to.deep.equal({ dropped: 1 });
      for (const socket of sockets) socket.destroy();
    });

    it('holds a bounded number of bytes, and lets go of them', async () => {
      const setup = await start({ limits: { buffered: 1_000 } });
      const hoarder = setup.connect();
      await once(hoarder, 'connect');
      hoarder.write(head(900) + 'x'.repeat(800));
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await setup.send(falcoEvent())).to.deep.equal({
        status: 503,
        text: 'too many events at once: this one is lost\n',
      });
      hoarder.destroy();
      while (setup.total < 2) await new Promise((resolve) => setImmediate(resolve));
      expect((await setup.send(falcoEvent())).status).to.equal(204);
      expect(setup.counts).to.deep.equal({ dropped: 1, rejected: 1, accepted: 1 });
    });

    it('does not let a flood of refusals flood the log', async () => {
      const setup = await start();
      for (let index = 0; index < 20; index++) await setup.send('no');
      expect(setup.warnings).to.have.length(1);
      expect(setup.warnings[0]).to.deep.include('falco event refused');
      await setup.clock.advance(60_000);
      await setup.send('no');
      expect(setup.warnings).to.have.length(2);
      expect(setup.warnings[1]?.[1]).to.include({ status: 400, passedOver: 19 });
    });
  });

  describe('with TLS', () => {
    const { ca, server, client } = makeCertificates();

    function send(url: string, options: object): Promise<number> {
      return new Promise((resolve, reject) => {
        const request = httpsRequest(url, { method: 'POST', ca, agent: false, ...options }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        request.on('error', reject).end(JSON.stringify(falcoEvent()));
      });
    }

    it('takes events from whoever trusts its certificate', async () => {
      const setup = await start({ tls: server });
      expect(setup.url).to.match(/^https:/);
      expect(await send(setup.url, {})).to.equal(204);
    });

    it('takes them only from those with a certificate, where it asks for one', async () => {
      const setup = await start({ tls: { ...server, ca } });
      expect(await send(setup.url, client)).to.equal(204);
      let failed = false;
      await send(setup.url, {}).catch(() => (failed = true));
      expect(failed).to.equal(true);
      while (setup.total < 2) await new Promise((resolve) => setImmediate(resolve));
      expect(setup.counts).to.deep.equal({ accepted: 1, rejected: 1 });
      expect(setup.warnings.map(([message]) => message)).to.deep.equal([
        'connection of a falco sender refused',
      ]);
    });

    it('refuses a certificate from elsewhere', async () => {
      const setup = await start({ tls: { ...server, ca } });
      const stranger = makeCertificates().client;
      let failed = false;
      await send(setup.url, stranger).catch(() => (failed = true));
      expect(failed).to.equal(true);
    });

    it('says that a certificate cannot be used', async () => {
      const intake = new Setup({ tls: { cert: 'nonsense', key: 'nonsense' } }).intake;
      let error: unknown;
      await intake.listen().catch((caught: unknown) => (error = caught));
      expect(error).to.be.instanceOf(IntakeError).with.property('code', 'IntakeOption');
    });
  });

  it('names an address that it cannot have', async () => {
    const { url } = await start();
    const intake = new Setup({ port: Number(new URL(url).port) }).intake;
    let error: unknown;
    await intake.listen().catch((caught: unknown) => (error = caught));
    expect(error).to.be.instanceOf(IntakeError).with.property('code', 'IntakeListen');
    expect(String(error)).to.include(new URL(url).port);
  });

  describe('when it closes', () => {
    it('answers what it is taking, and takes no more', async () => {
      const waiting: ((outcome: Outcome) => void)[] = [];
      const aggregate = { add: () => new Promise<Outcome>((resolve) => waiting.push(resolve)) };
      const setup = await start({ aggregate });
      const answer = fetch(setup.url, { method: 'POST', body: JSON.stringify(falcoEvent()) });
      while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
      const closed = setup.intake.close();
      const refused = await fetch(setup.url, { method: 'POST', body: '{}' }).catch(() => 'refused');
      expect(refused).to.equal('refused');
      waiting[0]?.({ result: 'accepted' });
      expect((await answer).status).to.equal(204);
      expect((await answer).headers.get('connection')).to.equal('close');
      await closed;
      expect(setup.counts).to.deep.equal({ accepted: 1 });
      expect(setup.clock.pendingTimers).to.equal(0);
    });

    it('does not wait for ever for a sender that does not come to an end', async () => {
      const setup = await start();
      const socket = setup.connect();
      await once(socket, 'connect');
      socket.write(`${head(500)}{"rule":`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      const closed = setup.intake.close();
      await setup.clock.advance(5_000);
      await closed;
      expect(setup.counts).to.deep.equal({ rejected: 1 });
    });

    it('may be closed twice, and before it has begun', async () => {
      const { intake } = await start();
      await intake.close();
      await intake.close();
      await new Setup().intake.close();
    });
  });

  it('counts a thousand events from many connections exactly', async () => {
    const setup = await start();
    const events = Array.from({ length: 1_000 }, (_, index) =>
      falcoEvent({ time: `2025-12-31T23:30:00.${String(index % 800).padStart(9, '0')}Z` }),
    );
    const statuses = new Set<number>();
    const send = async (mine: typeof events) => {
      for (const event of mine) statuses.add((await setup.send(event)).status);
    };
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => send(events.slice(index * 20, index * 20 + 20))),
    );
    expect([...statuses]).to.deep.equal([204]);
    expect(setup.counts).to.deep.equal({ accepted: 800, duplicate: 200 });
    expect(setup.aggregate.findings('shop', setup.clock.now())[0]?.count).to.equal(800);
  });

  it('answers whatever bytes come, and counts each request once', async () => {
    const setup = await start({ limits: { body: 2_000 } });
    const text = JSON.stringify(falcoEvent());
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 3_000 }),
      fc.json().map((json) => new TextEncoder().encode(json)),
      fc.tuple(fc.nat(text.length), fc.uint8Array({ maxLength: 4 })).map(([at, bytes]) => {
        const mangled = new TextEncoder().encode(text);
        mangled.set(bytes.slice(0, mangled.length - at), at);
        return mangled;
      }),
    );
    await fc.assert(
      fc.asyncProperty(body, async (bytes) => {
        const before = setup.total;
        const { status, text: message } = await setup.send(bytes);
        expect(status).to.be.oneOf([204, 400, 413, 503]);
        if (status !== 204) expect(message).to.match(/./);
        expect(setup.total).to.equal(before + 1);
      }),
      { numRuns: 300 },
    );
    expect((await setup.send(falcoEvent({ time: '2025-12-31T23:59:59Z' }))).status).to.equal(204);
  });
});
