import { getEventListeners, once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { ApiClient, type ApiRequest } from '../../src/kube/client.ts';
import { loadKubeConfig } from '../../src/kube/kube-config.ts';
import { LeaseApi } from '../../src/kube/lease-api.ts';
import type { RequestReport } from '../../src/kube/request-label.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { eventually, runWatcher } from './support.ts';

/** Notes that it was started, and answers when there is a file that says so. */
const plugin = `#!/bin/sh
echo started >> "$1/starts"
while [ ! -e "$1/go" ]; do
  [ -e "$1" ] || exit 1
  sleep 0.05
done
echo '{"kind":"ExecCredential","status":{"token":"late"}}'
`;

const pods: ApiRequest = { method: 'GET', path: '/api/v1/pods' };
const things = { group: '', version: 'v1', plural: 'things', namespaced: true };
const failed = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('the client, when the plugin for credentials hangs', () => {
  let folder: string;
  let server: ReturnType<typeof createServer>;
  let client: ApiClient;
  let clock: FakeClock;
  const asked: (string | undefined)[] = [];
  const reports: RequestReport[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'plumbline-hung-'));
    asked.length = reports.length = 0;
    server = createServer(({ headers }, response) => {
      asked.push(headers.authorization);
      response.setHeader('content-type', 'application/json').end('{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const command = path.join(folder, 'slow-login');
    writeFileSync(command, plugin);
    chmodSync(command, 0o755);
    const config = {
      clusters: [
        { name: 'here', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
      ],
      users: [{ name: 'me', user: { exec: { command, args: [folder] } } }],
      contexts: [{ name: 'work', context: { cluster: 'here', user: 'me' } }],
      'current-context': 'work',
    };
    const kubeconfig = path.join(folder, 'config');
    writeFileSync(kubeconfig, JSON.stringify(config));
    clock = new FakeClock();
    client = new ApiClient({
      config: loadKubeConfig({ kubeconfig }),
      clock,
      maxRequests: 2,
      onRequest: (report) => reports.push(report),
    });
  });
  afterEach(async () => {
    // The plugin ends with it.
    rmSync(folder, { recursive: true });
    await client.close();
    server.closeAllConnections();
    server.close();
  });

  const starts = () =>
    existsSync(path.join(folder, 'starts'))
      ? readFileSync(path.join(folder, 'starts'), 'utf8').split('\n').length - 1
      : 0;

  it('ends a request at its limit, and says what hangs and what to do', async () => {
    const run = failed(client.request({ ...pods, timeoutMs: 7_000 }));
    await eventually(() => starts() === 1, 'the plugin runs');
    await clock.advance(7_000);
    const error = (await run) as Error;
    expect(error).to.deep.include({ name: 'ConnectionError', code: 'AuthFailed' });
    expect(error.message).to.match(
      /^no credentials for http:\S+ \(context "work"\): the plugin "\S+slow-login" has not answered for 7 s; /,
    );
    expect(error.message).to.match(/run it by hand/);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('gives back the places of those requests, and they do not wait for each other for ever', async () => {
    const runs = Array.from({ length: 6 }, () => failed(client.request(pods)));
    await clock.advance(90_000);
    for (const error of await Promise.all(runs)) expect(error).to.deep.include({ code: 'AuthFailed' });
    writeFileSync(path.join(folder, 'go'), '');
    const late = client.request(pods);
    expect(await late).to.deep.include({ status: 200 });
    expect(asked).to.deep.equal(['Bearer late']);
  });

  it('ends a stream that has no limit but its signal', async () => {
    const abort = new AbortController();
    const run = failed(client.stream({ path: pods.path, signal: abort.signal }));
    await clock.advance(30_000);
    expect(await run).to.match(/slow-login" has not answered for 30 s/);
    expect(getEventListeners(abort.signal, 'abort')).to.deep.equal([]);
  });

  it('lets its caller give up at once, and throws the reason', async () => {
    const abort = new AbortController();
    const runs = [
      failed(client.request({ ...pods, signal: abort.signal })),
      failed(client.stream({ path: pods.path, signal: abort.signal })),
    ];
    await clock.advance(10);
    const reason = new Error('enough');
    abort.abort(reason);
    for (const run of runs) expect(await run).to.equal(reason);
    expect(reports.map(({ code }) => code)).to.deep.equal(['aborted', 'aborted']);
    expect(clock.pendingTimers).to.equal(0);
    expect(getEventListeners(abort.signal, 'abort')).to.deep.equal([]);
  });

  it('runs the plugin once, however long it takes and however many ask', async () => {
    const abort = new AbortController();
    for (let minute = 0; minute < 10; minute++) {
      const run = failed(client.stream({ path: pods.path, signal: abort.signal }));
      await clock.advance(60_000);
      expect(await run).to.deep.include({ code: 'AuthFailed' });
    }
    await eventually(() => starts() > 0, 'the plugin runs');
    expect(starts()).to.equal(1);
    writeFileSync(path.join(folder, 'go'), '');
    expect(await client.request(pods)).to.deep.include({ status: 200 });
    expect(starts()).to.equal(1);
  });

  it('does not keep a watcher from telling it, from backing off or from its end', async () => {
    const { watcher, events, stop } = runWatcher<string>({
      client,
      clock,
      resource: things,
      project: () => '',
      random: () => 0.5,
    });
    await clock.advance(31_000);
    expect(events.map((event) => (event.type === 'restart' ? event.reason : event.type))).to.deep.equal([
      'unreachable',
    ]);
    expect(watcher.status.message).to.match(/slow-login" has not answered/);
    await stop();
    expect(clock.pendingTimers).to.equal(0);
  });

  it('does not keep an election from its next try', async () => {
    const ref = { namespace: 'plumbline-system', name: 'plumbline' };
    const lease = new LeaseApi({ client, clock, ref, limitMs: () => 5_000 });
    const abort = new AbortController();
    const run = failed(lease.get(abort.signal));
    await clock.advance(5_000);
    expect(await run).to.deep.include({ name: 'ConnectionError' });
    expect(((await run) as Error).message).to.match(/slow-login" has not answered for 5 s/);
    expect(getEventListeners(abort.signal, 'abort')).to.deep.equal([]);
  });
});
