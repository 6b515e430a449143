import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { RuntimeAggregate } from '../../src/evidence/falco/runtime-aggregate.ts';
import { FalcoIntake } from '../../src/intake/falco-intake.ts';
import type { IntakeLimits } from '../../src/intake/options.ts';
import { eventually } from '../kube/support.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { falcoEvent, throughFalcosidekick } from '../support/falco.ts';

/** What a body holds, how it is written, and how many results it has to end in when it arrives whole. */
interface Content {
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly results: number;
}

const envelope = (data: unknown) => ({ specversion: '1.0', id: '1', source: 's', type: 't', data });
const binary = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': 's', 'ce-type': 't' };
const json = { 'content-type': 'application/json' };

/** An event that is sound, or not quite. */
const event = fc.oneof(
  fc.nat(1e9).map((at) => falcoEvent({ time: `2025-12-31T23:30:00.${String(at).padStart(9, '0')}Z` })),
  fc
    .dictionary(
      fc.constantFrom('time', 'rule', 'priority', 'output', 'output_fields', 'source', 'tags', 'hostname'),
      fc.jsonValue(),
      { maxKeys: 3 },
    )
    .map((overrides) => ({ ...falcoEvent(), ...overrides })),
);
const one = (headers: Content['headers'], text: string): Content => ({ headers, text, results: 1 });
const content: fc.Arbitrary<Content> = fc.oneof(
  event.map((each) => one(json, JSON.stringify(each))),
  event.map((each) =>
    one({ 'content-type': 'application/json; charset=utf-8', 'user-agent': 'Falcosidekick' }, relayed(each)),
  ),
  event.map((each) => one({ ...json, ...binary }, JSON.stringify(each))),
  event.map((each) =>
    one({ 'content-type': 'application/cloudevents+json' }, JSON.stringify(envelope(each))),
  ),
  event.map((each) => {
    const { data, ...rest } = envelope(each);
    const encoded = { ...rest, data_base64: Buffer.from(JSON.stringify(data)).toString('base64') };
    return one({ 'content-type': 'application/cloudevents+json' }, JSON.stringify(encoded));
  }),
  fc.array(fc.oneof(event.map(envelope), fc.jsonValue()), { maxLength: 5 }).map((list) => ({
    headers: { 'content-type': 'application/cloudevents-batch+json; charset=UTF-8' },
    text: JSON.stringify(list),
    results: list.length,
  })),
  fc.json().map((text) => one(json, text)),
  fc.string({ unit: 'binary', maxLength: 200 }).map((text) => one({ 'content-type': 'text/plain' }, text)),
  fc.string({ unit: 'binary', maxLength: 200 }).map((text) => one({ ...json, 'ce-specversion': '2' }, text)),
);
const relayed = (each: object) => {
  const { output_fields: fields, tags } = each as Record<string, unknown>;
  const whole = typeof fields === 'object' && fields !== null && Array.isArray(tags);
  return JSON.stringify(whole ? throughFalcosidekick(each as never) : each);
};

/** Text to bytes, some of which are not what the headers say. `whole`: they are still read as what they are. */
const encodings: Readonly<
  Record<string, { whole: boolean; header?: string; bytes: (text: string) => Buffer }>
> = {
  plain: { whole: true, bytes: (text) => Buffer.from(text) },
  identity: { whole: true, header: 'identity', bytes: (text) => Buffer.from(text) },
  'with a mark of the byte order': { whole: true, bytes: (text) => Buffer.from(`\uFEFF${text}`) },
  'UTF-16': { whole: false, bytes: (text) => Buffer.from(`\uFEFF${text}`, 'utf16le') },
  'compressed, and says so': { whole: false, header: 'gzip', bytes: (text) => gzipSync(text) },
  'compressed, and does not say so': { whole: false, bytes: (text) => gzipSync(text) },
  'said to be compressed': { whole: false, header: 'br', bytes: (text) => Buffer.from(text) },
  'cut off': { whole: false, bytes: (text) => Buffer.from(text).subarray(0, -1) },
};

/** How a request ends. All but `whole` never come to an end that could be read. */
const ends = ['whole', 'whole', 'whole', 'fin', 'reset', 'nonsense', 'silent'] as const;

interface Sent {
  readonly content: Content;
  readonly encoding: string;
  readonly chunks: readonly number[] | undefined;
  readonly end: (typeof ends)[number];
  readonly method: string;
  readonly path: string;
  readonly host: boolean;
  readonly expect: string | undefined;
  readonly padding: number;
  readonly pause: boolean;
}

const sent: fc.Arbitrary<Sent> = fc.record({
  content,
  encoding: fc.oneof(
    { weight: 5, arbitrary: fc.constant('plain') },
    fc.constantFrom(...Object.keys(encodings)),
  ),
  chunks: fc.option(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 4 }), {
    nil: undefined,
  }),
  end: fc.constantFrom(...ends),
  method: fc.constantFrom('POST', 'POST', 'POST', 'PUT', 'GET', 'DELETE', 'CONNECT', 'BREW'),
  path: fc.constantFrom('/', '/falco', '/falco?x=1', '/elsewhere'),
  host: fc.boolean(),
  expect: fc.constantFrom(undefined, undefined, undefined, '100-continue', 'miracles'),
  padding: fc.constantFrom(0, 0, 0, 100, 40_000, 1_200_000),
  pause: fc.boolean(),
});

describe('the intake against whatever comes over the wire', function () {
  this.timeout(120_000);
  let total = 0;
  let intake: FalcoIntake;
  let url = '';
  const start = async (limits: Partial<IntakeLimits>) => {
    intake = new FalcoIntake({
      port: 0,
      limits: { body: 1_000_000, ...limits },
      aggregate: new RuntimeAggregate(),
      clock: new FakeClock(),
      count: () => (total += 1),
      onEvent: () => {},
      logger: { warn: (message) => void warnings.add(message) },
    });
    url = await intake.listen();
  };
  const warnings = new Set<string>();
  afterEach(() => intake.close());

  /** What is counted after the answer, of a sender that has gone, is waited for. */
  const awaitTotal = (wanted: number) => eventually(() => total >= wanted, 'all is counted');

  /** @returns what was answered */
  async function send(parts: readonly (Buffer | 'pause')[], end: Sent['end']): Promise<string> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    socket.on('error', () => {});
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    await once(socket, 'connect');
    // An answer that comes early ends what is left of the request.
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('end', () => socket.end());
    for (const part of parts) {
      if (part === 'pause') await new Promise((resolve) => setTimeout(resolve, 1));
      else if (!socket.destroyed && socket.writable) socket.write(part);
    }
    if (end === 'fin') socket.end();
    if (end === 'reset') {
      // What is reset before it was read was never there.
      await new Promise((resolve) => setTimeout(resolve, 15));
      socket.resetAndDestroy();
    }
    const late = setTimeout(() => socket.destroy(new Error('it hangs')), 20_000);
    await closed;
    clearTimeout(late);
    return answer;
  }

  /** The bytes of a request, in pieces. */
  function wire({ content: { headers, text }, padding, ...request }: Sent): (Buffer | 'pause')[] {
    const { header, bytes } = encodings[request.encoding] ?? { bytes: (text: string) => Buffer.from(text) };
    const body = bytes(text + ' '.repeat(padding));
    const missing = request.end === 'whole' ? 0 : 10;
    const lines = [
      `${request.method} ${request.path} HTTP/1.1`,
      'connection: close',
      ...(request.host ? ['host: plumbline'] : []),
      ...(request.expect === undefined ? [] : [`expect: ${request.expect}`]),
      ...(header === undefined ? [] : [`content-encoding: ${header}`]),
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      request.chunks === undefined
        ? `content-length: ${body.length + missing}`
        : 'transfer-encoding: chunked',
    ];
    const parts: (Buffer | 'pause')[] = [Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)];
    if (request.pause) parts.push('pause');
    if (request.chunks === undefined) parts.push(body);
    else {
      let at = 0;
      for (const size of [...request.chunks, body.length]) {
        const piece = body.subarray(at, at + size);
        at += piece.length;
        if (piece.length === 0) continue;
        parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
        if (request.pause) parts.push('pause');
      }
      if (request.end === 'whole') parts.push(Buffer.from('0\r\n\r\n'));
      if (request.end === 'nonsense') parts.push(Buffer.from('what?\r\n\r\n'));
    }
    // With a length that is promised any bytes are the body.
    if (request.chunks === undefined && request.end === 'nonsense') parts.push(Buffer.alloc(missing, '}'));
    return parts;
  }

  /** How many results it ends in, by what the documentation says. */
  function resultsOf({ content: { results }, method, path, encoding, padding, ...request }: Sent): number {
    const isTaken = (method === 'POST' || method === 'PUT') && path !== '/elsewhere';
    const isRead = request.end === 'whole' && padding < 1_000_000 && encodings[encoding]?.whole === true;
    return isTaken && isRead ? results : 1;
  }

  it('ends each request in an answer and in one result for each event, counted once', async () => {
    await start({ headersTimeout: 2_000, requestTimeout: 2_000 });
    await fc.assert(
      fc.asyncProperty(
        sent.filter(({ end }) => end !== 'silent'),
        async (request) => {
          const before = total;
          const answer = await send(wire(request), request.end);
          const wanted = before + resultsOf(request);
          await awaitTotal(wanted);
          expect(total - before).to.equal(wanted - before);
          // Who writes on and on where no event is taken sees a reset in place of the answer.
          const isRude = /BREW|CONNECT/.test(request.method) && (request.padding > 0 || request.pause);
          if (request.end === 'whole' && !isRude)
            expect(answer).to.match(/^(HTTP\/1\.1 100 Continue\r\n\r\n)?HTTP\/1\.1 [2-5]\d\d /);
        },
      ),
      { numRuns: 400 },
    );
    const good = JSON.stringify(falcoEvent());
    expect((await fetch(url, { method: 'POST', body: good })).status).to.equal(204);
    expect([...warnings]).not.to.include('falco event could not be taken');
  });

  it('ends each request whose sender falls silent, in its time, and counts it', async () => {
    await start({ headersTimeout: 150, requestTimeout: 200 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(sent, { minLength: 1, maxLength: 20 }),
        fc.nat(400),
        async (requests, cut) => {
          const before = total;
          const silent = requests.filter(({ padding }) => padding < 1_000);
          await Promise.all(
            silent.map((request) => {
              const whole = Buffer.concat(
                wire({ ...request, end: 'silent' }).flatMap((part) => (part === 'pause' ? [] : part)),
              );
              // Also in the middle of the head; a byte is sent at least.
              return send([whole.subarray(0, Math.max(1, cut))], 'silent');
            }),
          );
          await awaitTotal(before + silent.length);
          expect(total - before).to.equal(silent.length);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('answers each of several requests that come at once on one connection, and counts the nonsense after them once', async () => {
    await start({});
    await fc.assert(
      fc.asyncProperty(
        fc.array(content, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (contents, nonsense) => {
          const before = total;
          const requests = contents.map(({ headers, text }) => {
            const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
            return `POST / HTTP/1.1\r\n${head.join('')}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
          });
          // Sent first and alone: nonsense cuts off what has no answer yet, which its sender then knows.
          const bytes = Buffer.from(requests.join(''));
          const answer = await send(
            nonsense ? [bytes, 'pause', 'pause', Buffer.from('hello\r\n\r\n')] : [bytes],
            'fin',
          );
          const wanted = contents.reduce((sum, { results }) => sum + results, nonsense ? 1 : 0);
          expect(total - before).to.equal(wanted);
          expect(answer.match(/HTTP\/1\.1 [2-5]\d\d /g) ?? []).to.have.length(
            contents.length + (nonsense ? 1 : 0),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it('counts no connection on which nothing was sent', async () => {
    await start({ headersTimeout: 100, requestTimeout: 150 });
    const before = total;
    await Promise.all([send([], 'silent'), send([], 'fin'), send([], 'reset')]);
    expect(total).to.equal(before);
  });
});
