import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { ComplianceSummaryStatus } from '../../src/api/compliance-summary.ts';
import { complianceSummaries, runtimeReports } from '../../src/api/resources.ts';
import { eventually } from '../kube/support.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  barePod,
  counter,
  createProfile,
  launchOperator,
  patch,
  post,
  probe,
  profilePath,
  remove,
  reportOf,
  startOperator,
  useOperatorCluster,
} from '../operator/live.ts';
import { freshNamespace } from '../support/cluster.ts';
import { falcoEvent } from '../support/falco.ts';
import { falcoPage, sidekickPage } from '../support/falco-metrics.ts';
import { pathOf } from '../support/kept.ts';

const minute = 60_000;
const profile = 'scraping';

/** Shows a page of metrics on loopback, as a pod would. */
async function serve(page: () => string | undefined): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    const text = request.url === '/metrics' ? page() : undefined;
    if (text === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

describe('the operator and the metrics of sensors', function () {
  this.timeout(240_000);
  const cluster = useOperatorCluster();
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  });

  const podPath = (namespace: string, name = '') => `/api/v1/namespaces/${namespace}/pods/${name}`;
  const readyPod = async (namespace: string, name: string, port: number, spec: object, more: object) => {
    const image = 'registry.example/sensor:1';
    const containers = [{ name: 'main', image, ports: [{ name: 'http', containerPort: port }] }];
    const pod = { ...barePod(name, { containers, ...spec }), metadata: { name, ...more } };
    await post(cluster(), podPath(namespace), pod);
    cleanups.push(() => cluster().request('DELETE', `${podPath(namespace, name)}?gracePeriodSeconds=0`));
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }];
    const status = { phase: 'Running', conditions, podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }] };
    await patch(cluster(), `${podPath(namespace, name)}/status`, { status });
  };
  const summary = async () => {
    const { body } = await cluster().request('GET', pathOf(complianceSummaries, '', profile));
    return (body as { status?: ComplianceSummaryStatus }).status;
  };
  /** A jump of the clock may cost a beat its answer; the next comes a minute later. */
  const awaitSummary = (id: string, status: string) =>
    eventually(
      async () => (await summary())?.controls?.find((control) => control.id === id)?.status === status,
      `the summary says ${status} of ${id}`,
      90_000,
    );
  const source = async () => (await summary())?.evidence.find((each) => each.source === 'falcometrics');
  const tellEvent = async ({ operator, clock }: Running, hostname: string) => {
    const time = new Date(clock.now()).toISOString();
    const none = { 'k8s.ns.name': null, 'k8s.pod.name': null, 'container.id': 'host' };
    const rule = 'Falco internal: metrics snapshot';
    const body = JSON.stringify(falcoEvent({ rule, time, hostname, source: 'internal' }, none));
    expect((await fetch(operator.intakeAddress ?? '', { method: 'POST', body })).status).to.equal(204);
  };

  it('judges by what they count, says why and since when they are not read, and asks for none by default', async () => {
    const shown: { falco: string | undefined; sidekick: string | undefined } = {
      falco: undefined,
      sidekick: sidekickPage(),
    };
    let [events, drops, live] = [1_000, 3, true];
    const falco = await serve(() => (live ? falcoPage({ events: (events += 1), drops }) : undefined));
    let looks = 0;
    const sidekick = await serve(() => {
      looks += 1;
      return shown.sidekick;
    });
    for (const { server } of [falco, sidekick]) cleanups.push(() => server.close());
    const node = `metrics-${process.pid}`;
    const namespace = await freshNamespace(cluster(), 'watched');
    const sensors = await freshNamespace(cluster(), 'falco');
    await post(cluster(), podPath(namespace), barePod('app', { nodeName: node }));
    const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'falco', uid: 'falco', controller: true };
    const ofFalco = { labels: { 'app.kubernetes.io/name': 'falco' }, ownerReferences: [owner] };
    await readyPod(sensors, 'falco', falco.port, { nodeName: node }, ofFalco);
    await createProfile(cluster(), profile, {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      parameters: { runtime: { scrapeFalcoMetrics: true } },
    });
    cleanups.push(() => remove(cluster(), profilePath(profile)));
    const clock = new JumpClock();
    const running = await startOperator(cluster(), {
      clock,
      intervals: { write: 100, heartbeat: 300, metrics: 200 },
    });
    cleanups.push(() => running.stop());
    const expectVerdicts = (expected: Record<string, string>) =>
      awaitVerdicts(cluster(), namespace, expected, profile);
    const messageOf = async (id: string, of = profile) =>
      (await reportOf(cluster(), namespace, of))?.status?.controls?.find((control) => control.id === id)
        ?.message;

    // A page that counts is a sign of life; that events reach us it does not prove.
    await expectVerdicts({ 'RD-2.5.1': 'Pass', 'RD-2.5.2': 'Unknown NoEvidence' });
    await awaitSummary('RD-3.5.1', 'Pass');
    await eventually(async () => (await source())?.available === true, 'the summary says that they are read');
    await awaitVerdicts(cluster(), namespace, { 'RD-2.5.1': 'Unknown NoEvidence' });
    await tellEvent(running, node);
    await expectVerdicts({ 'RD-2.5.2': 'Pass' });
    await awaitVerdicts(cluster(), namespace, { 'RD-2.5.1': 'Pass', 'RD-2.5.2': 'Pass' });

    // It loses system calls.
    drops += 1;
    await expectVerdicts({ 'RD-2.5.1': 'Pass', 'RD-2.5.2': 'Unknown PartialEvidence' });
    expect(await messageOf('RD-2.5.2')).to.match(new RegExp(`lost: ${node} since \\d{4}-.*Z\\.$`));
    await awaitSummary('RD-3.5.1', 'Warn');
    clock.jump(14 * minute);
    await tellEvent(running, node);

    // Nothing is to be read of it any more. Events still come.
    live = false;
    for (const minutes of [8, 8]) {
      clock.jump(minutes * minute);
      await tellEvent(running, node);
    }
    await eventually(
      async () => (await source())?.available === false,
      'the summary says that they are not read',
    );
    expect((await source())?.message).to.match(
      new RegExp(
        `^1 of 1 pages of metrics are not read: of falco on node ${node} not since .*Z \\(the answer is 404\\)\\.$`,
      ),
    );
    await eventually(
      async () =>
        (await messageOf('RD-2.5.1'))?.includes(`Metrics are not read of falco: ${node} since `) === true,
      'RD-2.5.1 tells it',
    );
    await awaitSummary('RD-3.5.1', 'Unknown');
    expect(await messageOf('RD-2.5.1', 'reference-design')).not.to.include('etrics');

    // What it lost has left the window, and it is read again; now Falcosidekick cannot pass on what it is sent.
    live = true;
    for (let quarter = 0; quarter < 100; quarter++) {
      clock.jump(14.5 * minute);
      await tellEvent(running, node);
      const before = events;
      await eventually(() => Promise.resolve(events > before + 1), 'it is looked at');
    }
    await expectVerdicts({ 'RD-2.5.2': 'Pass' });
    const labels = { 'app.kubernetes.io/name': 'falcosidekick', 'app.kubernetes.io/component': 'core' };
    await readyPod(sensors, 'falcosidekick', sidekick.port, { nodeName: node }, { labels });
    // What it had not passed on before the first look is not told.
    await eventually(() => Promise.resolve(looks > 1), 'it is looked at');
    shown.sidekick = sidekickPage({ errors: { webhook: 1 } });
    await expectVerdicts({ 'RD-2.5.2': 'Unknown PartialEvidence' });
    // Before its first page was read there was another gap.
    await eventually(
      async () => (await messageOf('RD-2.5.2'))?.startsWith('Events are known to be lost') === true,
      'RD-2.5.2 tells it',
    );

    // The way of events is cut; what Falco shows goes on, and proves that it lives.
    clock.jump(16 * minute);
    await expectVerdicts({ 'RD-2.5.1': 'Pass', 'RD-2.5.2': 'Unknown StaleEvidence' });
  });

  it('holds an event of a pod until the pods are read, and then knows whose it is', async () => {
    const namespace = await freshNamespace(cluster(), 'early');
    const { metadata } = (await post(cluster(), podPath(namespace), barePod('app'))) as {
      metadata: { uid: string };
    };
    const account = await freshNamespace(cluster(), 'accounts');
    await post(cluster(), `/api/v1/namespaces/${account}/serviceaccounts`, { metadata: { name: 'late' } });
    const kubeconfig = await cluster().kubeconfigForServiceAccount(account, 'late');
    const running = await launchOperator(cluster(), { kubeconfig });
    cleanups.push(() => running.stop());
    expect((await probe(running, '/readyz')).status).to.equal(503);
    const fields = { 'k8s.ns.name': null, 'k8s.pod.name': null, 'k8s.pod.uid': metadata.uid };
    const body = JSON.stringify(falcoEvent({ time: new Date().toISOString() }, fields));
    const send = () => fetch(running.operator.intakeAddress ?? '', { method: 'POST', body });
    expect((await send()).status).to.equal(202);
    expect((await send()).status).to.equal(202);
    expect(await counter(running, 'plumbline_falco_events_total')).to.equal(0);

    const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
    await post(cluster(), bindings, {
      metadata: { name: account },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', namespace: account, name: 'late' }],
    });
    cleanups.push(() => cluster().request('DELETE', `${bindings}/${account}`));
    const isReported = async () => {
      const path = pathOf(runtimeReports, namespace, 'runtime');
      const { status, body: report } = await cluster().request('GET', path);
      return status === 200 && (report as { status?: { total?: number } }).status?.total === 1;
    };
    // What is refused is asked for again within half a minute.
    await eventually(isReported, 'it is in the report of its namespace', 60_000);
    expect(await counter(running, 'plumbline_falco_events_total', 'result="accepted"')).to.equal(1);
    expect(await counter(running, 'plumbline_falco_events_total', 'result="duplicate"')).to.equal(1);
    expect((await send()).status).to.equal(204);
    expect(await counter(running, 'plumbline_falco_events_total', 'result="duplicate"')).to.equal(2);
  });
});
