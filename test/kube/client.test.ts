import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { expect } from 'chai';
import { ApiClient, type ApiClientOptions, type ApiRequest } from '../../src/kube/client.ts';
import { protobufType } from '../../src/kube/protobuf.ts';
import type { RequestReport } from '../../src/kube/request-label.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { encode, envelope } from '../support/protobuf.ts';
import { eventually, plainConfig } from './support.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers that the real API server does not give on demand. */
describe('the client, when the answer is odd', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function serve(answer: Answer, options: Partial<ApiClientOptions> = {}) {
    const server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const requests: RequestReport[] = [];
    const clock = new FakeClock();
    const client = new ApiClient({
      config: plainConfig(port),
      clock,
      onRequest: (report) => requests.push(report),
      ...options,
    });
    closers.push(async () => {
      await client.close();
      server.closeAllConnections();
      server.close();
    });
    return { client, clock, requests, server };
  }

  const pods: ApiRequest = { method: 'GET', path: '/api/v1/pods' };
  const failed = (run: Promise<unknown>): Promise<unknown> =>
    run.then(
      () => undefined,
      (error: unknown) => error,
    );

  const refusals: Record<
    string,
    { status: number; headers?: Record<string, string>; body: string | Buffer; error: object }
  > = {
    'a Status': {
      status: 422,
      body: '{"kind":"Status","reason":"Invalid","message":"no","details":{"causes":[{"reason":"FieldValueInvalid"}]}}',
      error: { status: 422, reason: 'Invalid', message: 'no', retryAfterMs: undefined },
    },
    'a page of a proxy': {
      status: 502,
      body: `<html>\n<h1>Bad   Gateway</h1>${'x'.repeat(500)}`,
      error: {
        status: 502,
        reason: '',
        message: `the API server answered 502: <html> <h1>Bad Gateway</h1>${'x'.repeat(173)}`,
      },
    },
    'nothing at all': {
      status: 503,
      body: '',
      error: { status: 503, message: 'the API server answered 503' },
    },
    'JSON that is no Status': {
      status: 500,
      body: '{"error":"x"}',
      error: { status: 500, message: 'the API server answered 500: {"error":"x"}' },
    },
    'a Status in protobuf': {
      status: 404,
      headers: { 'content-type': protobufType },
      body: envelope('v1', 'Status', encode([[3, 'no pods'], [4, 'NotFound'], [5, [[5, 4]]]])), // prettier-ignore
      error: { code: 'NotFound', status: 404, reason: 'NotFound', message: 'no pods', retryAfterMs: 4_000 },
    },
    'protobuf that is none': {
      status: 503,
      headers: { 'content-type': protobufType },
      body: Buffer.from('k8s\0no protobuf'),
      error: { status: 503, message: 'the API server answered 503' },
    },
    'a time to wait': {
      status: 429,
      headers: { 'retry-after': '3' },
      body: '',
      error: { status: 429, retryAfterMs: 3_000 },
    },
    'a time to wait in the Status': {
      status: 429,
      body: '{"kind":"Status","details":{"retryAfterSeconds":4}}',
      error: { retryAfterMs: 4_000 },
    },
    'a day to wait': {
      status: 503,
      headers: { 'retry-after': '86400' },
      body: '',
      error: { retryAfterMs: 300_000 },
    },
    'a date to wait for': {
      status: 503,
      headers: { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' },
      body: '',
      error: { retryAfterMs: undefined },
    },
  };
  for (const [title, { status, headers = {}, body, error }] of Object.entries(refusals)) {
    it(`reads a refusal that is ${title}`, async () => {
      const { client, requests } = await serve((_, response) =>
        response.writeHead(status, headers).end(body),
      );
      const { message } = error as { message?: string };
      const thrown = await failed(client.request(pods));
      expect(thrown).to.deep.include(error);
      if (message !== undefined) expect((thrown as Error).message).to.equal(message);
      expect(requests.map(({ code }) => code)).to.deep.equal([String(status)]);
    });
  }

  it('says that an answer is not JSON', async () => {
    const { client } = await serve((_, response) =>
      response.setHeader('content-type', 'application/json').end('{'),
    );
    expect(await failed(client.request(pods))).to.deep.include({ code: 'NotJson' });
  });

  it('gives no json for an answer of another type', async () => {
    const { client } = await serve((_, response) =>
      response.setHeader('content-type', 'text/plain').end('ok'),
    );
    expect(await client.request({ method: 'GET', path: '/readyz' })).to.deep.include({
      status: 200,
      json: undefined,
    });
  });

  it('stops reading an answer that is too large', async () => {
    const { client } = await serve((_, response) => response.end('x'.repeat(100_000)));
    expect(await failed(client.request({ ...pods, maxBytes: 1_000 }))).to.deep.include({ code: 'TooLarge' });
  });

  it('waits no longer than it is told', async () => {
    const { client, clock, requests } = await serve(() => undefined);
    const asked = failed(client.request({ ...pods, timeoutMs: 7_000 }));
    await clock.advance(7_000);
    expect(await asked).to.deep.include({ code: 'Timeout' });
    expect(requests).to.deep.equal([{ verb: 'list', resource: 'pods', code: 'timeout', seconds: 7 }]);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('waits no longer for the rest of an answer', async () => {
    let began = false;
    const { client, clock } = await serve((_, response) => {
      response.write('{"items":[');
      began = true;
    });
    const asked = failed(client.request(pods));
    await eventually(() => began, 'the answer begins');
    await clock.advance(30_000);
    expect(await asked).to.deep.include({ code: 'Timeout' });
  });

  it('lets its caller give up, and throws the reason', async () => {
    const { client, clock, requests } = await serve(() => undefined);
    const abort = new AbortController();
    const asked = failed(client.request({ ...pods, signal: abort.signal }));
    await clock.advance(10);
    const reason = new Error('enough');
    abort.abort(reason);
    expect(await asked).to.equal(reason);
    expect(requests[0]?.code).to.equal('aborted');
    expect(await failed(client.request({ ...pods, signal: abort.signal }))).to.equal(reason);
  });

  it('says that a line broke in the middle of an answer', async () => {
    const { client } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{', () => response.destroy());
    });
    expect(await failed(client.request(pods))).to.deep.include({ code: 'ConnectionLost' });
  });

  it('keeps the path of the server before its own', async () => {
    const paths: (string | undefined)[] = [];
    const { server } = await serve(({ url }, response) => {
      paths.push(url);
      response.end();
    });
    const address = server.address();
    const config = plainConfig(typeof address === 'object' && address !== null ? address.port : 0);
    const [cluster] = config.clusters;
    config.clusters =
      cluster === undefined ? [] : [{ ...cluster, server: `${cluster.server}/k8s/clusters/c-1` }];
    const client = new ApiClient({ config, clock: new FakeClock() });
    await client.request({ ...pods, query: { labelSelector: 'a=b,c', limit: 5, continue: undefined } });
    await client.close();
    expect(paths).to.deep.equal(['/k8s/clusters/c-1/api/v1/pods?labelSelector=a%3Db%2Cc&limit=5']);
  });

  it('has no more requests under way than it may, and keeps their order', async () => {
    const waiting: ServerResponse[] = [];
    const seen: string[] = [];
    const { client } = await serve(
      ({ url = '' }, response) => {
        seen.push(url);
        waiting.push(response);
      },
      { maxRequests: 2 },
    );
    const answers = ['/a', '/b', '/c', '/d'].map((path) => client.request({ method: 'GET', path }));
    const impatient = new AbortController();
    const left = failed(client.request({ ...pods, signal: impatient.signal }));
    await eventually(() => waiting.length === 2, 'two are under way');
    impatient.abort(new Error('enough'));
    expect(await left).to.deep.include({ message: 'enough' });
    for (let n = 0; n < 4; n++) {
      await eventually(() => waiting.length > 0, 'the next is under way');
      expect(waiting.length).to.be.at.most(2);
      waiting.shift()?.end();
    }
    await Promise.all(answers);
    expect(seen.toSorted()).to.deep.equal(['/a', '/b', '/c', '/d']);
    expect(seen.slice(0, 2).toSorted()).to.deep.equal(['/a', '/b']);
  });

  it('asks once more with fresh credentials after 401, and then gives up', async () => {
    let left = 1;
    let asked = 0;
    const { client } = await serve((_, response) => {
      asked++;
      response.writeHead(left-- > 0 ? 401 : 200).end();
    });
    expect(await client.request(pods)).to.deep.include({ status: 200 });
    expect(asked).to.equal(2);
    left = 100;
    expect(await failed(client.request(pods))).to.deep.include({ status: 401 });
    expect(asked).to.equal(3);
  });

  it('lets go of a stream whose reader leaves', async () => {
    let closed = false;
    const { client } = await serve((_, response) => {
      response.on('close', () => (closed = true));
      response.write('one\n');
    });
    const { status, chunks } = await client.stream({ path: '/x', signal: new AbortController().signal });
    expect(status).to.equal(200);
    for await (const chunk of chunks) {
      expect(chunk.toString()).to.equal('one\n');
      break;
    }
    await eventually(() => closed, 'the connection is closed');
  });

  it('gives the reason of the signal to the reader of a stream', async () => {
    const { client } = await serve((_, response) => void response.write('one\n'));
    const abort = new AbortController();
    const { chunks } = await client.stream({ path: '/x', signal: abort.signal });
    const reason = new Error('enough');
    const read = async () => {
      for await (const chunk of chunks) if (chunk.length > 0) abort.abort(reason);
    };
    expect(await failed(read())).to.equal(reason);
  });
});
