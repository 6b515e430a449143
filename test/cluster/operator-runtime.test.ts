import { expect } from 'chai';
import type { RuntimeReportStatus } from '../../src/api/runtime-report.ts';
import { runtimeReports } from '../../src/api/resources.ts';
import { systemClock } from '../../src/base/clock.ts';
import { eventually } from '../kube/support.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  caughtUp,
  counter,
  deleteNamespace,
  metricLines,
  namespaceWithPod,
  patch,
  post,
  remove,
  reportOf,
  startOperator,
  useOperatorCluster,
} from '../operator/live.ts';
import { runtimeFinding } from '../support/builders.ts';
import { falcoEvent } from '../support/falco.ts';
import { pathOf } from '../support/kept.ts';

const hour = 3_600_000;

interface LiveRuntimeReport {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
  readonly status?: RuntimeReportStatus;
}

describe('the operator and runtime events', function () {
  this.timeout(60_000);
  const cluster = useOperatorCluster();
  let clock: JumpClock;
  let running: Running;

  beforeEach(async () => {
    clock = new JumpClock();
    running = await startOperator(cluster(), { clock });
  });
  afterEach(() => running.stop());

  const path = (namespace: string) => pathOf(runtimeReports, namespace, 'runtime');

  const runtimeOf = async (namespace: string) => {
    const { status, body } = await cluster().request('GET', path(namespace));
    return status === 200 ? (body as LiveRuntimeReport) : undefined;
  };

  /** Waits until the RuntimeReport counts so many events. */
  const awaitTotal = async (namespace: string, total: number) => {
    const holds = async () => (await runtimeOf(namespace))?.status?.total === total;
    await eventually(holds, `${total} events in ${namespace}`);
    const report = await runtimeOf(namespace);
    if (report?.status === undefined) throw new Error('it was there just now');
    return { metadata: report.metadata, status: report.status };
  };

  /** Posts an event as Falco does; each a nanosecond later, so that none repeats another. */
  const send = async (namespace: string | null, overrides: Record<string, unknown> = {}) => {
    const at = new Date(clock.now()).toISOString().replace('Z', '');
    const time = `${at}${String(++sent).padStart(6, '0')}Z`;
    const fields = { 'k8s.ns.name': namespace, 'k8s.pod.name': namespace === null ? null : 'app' };
    const event = falcoEvent({ time, ...overrides }, fields);
    return sendBody(JSON.stringify(event));
  };
  const sendBody = async (body: string) => {
    const headers = { 'content-type': 'application/json' };
    const { status } = await fetch(running.operator.intakeAddress ?? '', { method: 'POST', headers, body });
    return status;
  };
  let sent = 0;

  it('show in the RuntimeReport and fail RD-2.5.2, soon', async () => {
    const namespace = await namespaceWithPod(cluster(), 'events');
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail', 'RD-2.5.2': 'Unknown NoEvidence' });
    const start = systemClock.monotonic();
    expect(await send(namespace)).to.equal(204);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.5.2': 'Fail' });
    const { status } = await awaitTotal(namespace, 1);
    // About a second when the machine is free; far more would mean that it came with some other wake-up.
    expect(systemClock.monotonic() - start).to.be.lessThan(10_000);
    expect(status).to.deep.include({ worst: 'Warning', findingsTotal: 1, dropped: 0 });
    expect(status.findings[0]).to.deep.include({
      rule: 'Terminal shell in container',
      priority: 'Warning',
      subject: { kind: 'Pod', name: 'app', container: 'app' },
      count: 1,
    });
    expect(
      await metricLines(running, `plumbline_runtime_events_total{namespace="${namespace}"`),
    ).to.deep.equal([`plumbline_runtime_events_total{namespace="${namespace}",priority="Warning"} 1`]);
    expect(await counter(running, 'plumbline_evidence_available', 'source="falco"')).to.equal(1);
  });

  it('are counted once, however often they are sent', async () => {
    const namespace = await namespaceWithPod(cluster(), 'events');
    const time = new Date(clock.now()).toISOString();
    for (let count = 0; count < 3; count++) expect(await send(namespace, { time })).to.equal(204);
    await send(namespace);
    await awaitTotal(namespace, 2);
    expect(await counter(running, 'plumbline_falco_events_total', 'result="duplicate"')).to.equal(2);
    expect(await counter(running, 'plumbline_falco_events_total', 'result="accepted"')).to.equal(2);
  });

  it('are refused with a reason when they cannot be read, and change nothing', async () => {
    expect(await sendBody('Notice something happened')).to.equal(400);
    expect(await counter(running, 'plumbline_falco_events_total', 'result="rejected"')).to.equal(1);
  });

  it('of a namespace that does not exist leave no series and no object', async () => {
    expect(await send('no-such-namespace')).to.equal(204);
    await caughtUp(cluster());
    expect(await metricLines(running, 'plumbline_runtime_events_total')).to.deep.equal([]);
    expect(await runtimeOf('no-such-namespace')).to.equal(undefined);
    expect(running.log.filter(({ level }) => level === 'error')).to.deep.equal([]);
  });

  it('of a namespace that does not come are counted as belonging to none, after five minutes', async () => {
    expect(await send('no-such-namespace')).to.equal(204);
    clock.jump(6 * 60_000);
    const told = () =>
      running.log.find(({ message }) => message === 'runtime events name a namespace that does not exist');
    await eventually(async () => told() !== undefined, 'it is told');
    expect(told()?.fields).to.deep.equal({ namespace: 'no-such-namespace', events: 1 });
  });

  it('that name no namespace are those of the pod that they name otherwise', async () => {
    const namespace = await namespaceWithPod(cluster(), 'events');
    const { body } = await cluster().request('GET', `/api/v1/namespaces/${namespace}/pods/app`);
    const { uid } = (body as { metadata: { uid: string } }).metadata;
    const fields = { 'k8s.ns.name': null, 'k8s.pod.name': '', 'k8s.pod.uid': uid };
    const time = new Date(clock.now()).toISOString();
    await caughtUp(cluster());
    expect(await sendBody(JSON.stringify(falcoEvent({ time }, fields)))).to.equal(204);
    const { status } = await awaitTotal(namespace, 1);
    expect(status.findings[0]?.subject).to.deep.equal({ kind: 'Pod', name: 'app', container: 'app' });
  });

  it('go with their namespace', async () => {
    const namespace = await namespaceWithPod(cluster(), 'events');
    await send(namespace);
    await awaitTotal(namespace, 1);
    await deleteNamespace(cluster(), namespace);
    const series = () => metricLines(running, `plumbline_runtime_events_total{namespace="${namespace}"`);
    await eventually(async () => (await series()).length === 0, 'no series');
    await send(namespace);
    await caughtUp(cluster());
    expect(await series()).to.deep.equal([]);
  });

  it('are not cleared by deleting or editing the RuntimeReport', async () => {
    const namespace = await namespaceWithPod(cluster(), 'events');
    await send(namespace);
    const first = await awaitTotal(namespace, 1);
    await remove(cluster(), path(namespace));
    const second = await awaitTotal(namespace, 1);
    expect(second.metadata.uid).to.not.equal(first.metadata.uid);
    expect(second.status).to.deep.equal(first.status);
    await patch(cluster(), `${path(namespace)}/status`, {
      status: { findings: [], findingsTotal: 0, total: 0 },
    });
    expect((await awaitTotal(namespace, 1)).status).to.deep.equal(first.status);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.5.2': 'Fail' });
  });

  it('outlive a restart, which counts nothing twice', async () => {
    const namespace = await namespaceWithPod(cluster(), 'events');
    await send(namespace);
    await send(namespace);
    const first = await awaitTotal(namespace, 2);
    const tellsOfBoth = async () => JSON.stringify(await reportOf(cluster(), namespace)).includes('2 times');
    await eventually(tellsOfBoth, 'the report tells of both');
    const report = await awaitVerdicts(cluster(), namespace, { 'RD-2.5.2': 'Fail' });
    await running.stop();
    running = await startOperator(cluster(), { clock });
    await caughtUp(cluster());
    expect((await awaitTotal(namespace, 2)).metadata.resourceVersion).to.equal(
      first.metadata.resourceVersion,
    );
    const after = await awaitVerdicts(cluster(), namespace, { 'RD-2.5.2': 'Fail' });
    expect(after.metadata.resourceVersion).to.equal(report.metadata.resourceVersion);
    expect(await counter(running, 'plumbline_evidence_available', 'source="falco"')).to.equal(1);
    await send(namespace);
    const { status } = await awaitTotal(namespace, 3);
    expect(status.findings).to.have.length(1);
  });

  it('that an earlier process could not keep stay counted as lost', async () => {
    const namespace = await namespaceWithPod(cluster(), 'events');
    await running.stop();
    const lastSeen = new Date(clock.now() - hour).toISOString();
    const finding = runtimeFinding({ count: 3, firstSeen: lastSeen, lastSeen, hours: [] });
    // Three events are listed of three hundred: the report had no room for the others.
    const status = {
      findings: [finding],
      findingsTotal: 2,
      total: 300,
      dropped: 1,
      lastSeen,
      worst: 'Warning',
    };
    const object = {
      apiVersion: 'plumbline.dev/v1alpha1',
      kind: 'RuntimeReport',
      metadata: { name: 'runtime' },
    };
    await post(cluster(), pathOf(runtimeReports, namespace), object);
    await patch(cluster(), `${path(namespace)}/status`, { status });
    running = await startOperator(cluster(), { clock });
    const { status: kept } = await awaitTotal(namespace, 3);
    expect(kept).to.include({ findingsTotal: 1, dropped: 298 });
    await send(namespace);
    expect((await awaitTotal(namespace, 4)).status).to.include({ dropped: 298 });
    await running.stop();
    running = await startOperator(cluster(), { clock });
    await send(namespace);
    expect((await awaitTotal(namespace, 5)).status).to.include({ dropped: 298 });
  });

  it('that the budget put off are written at the stop', async () => {
    await running.stop();
    // Longer than it takes to send them.
    running = await startOperator(cluster(), { clock, intervals: { write: 60_000 } });
    const namespaces = await Promise.all(
      Array.from({ length: 6 }, () => namespaceWithPod(cluster(), 'events')),
    );
    for (const namespace of namespaces) await send(namespace);
    for (const namespace of namespaces) await awaitTotal(namespace, 1);
    for (const namespace of namespaces) for (let count = 0; count < 3; count++) await send(namespace);
    expect((await runtimeOf(namespaces[0] ?? ''))?.status?.total).to.equal(1);
    await running.stop();
    const totals = await Promise.all(namespaces.map(async (each) => (await runtimeOf(each))?.status?.total));
    expect(totals).to.deep.equal(namespaces.map(() => 4));
  });

  it('end by time alone: the alert after a day, the finding after a week', async () => {
    const namespace = await namespaceWithPod(cluster(), 'events');
    await send(namespace);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.5.2': 'Fail' });
    clock.jump(25 * hour);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.5.2': 'Unknown NoEvidence' });
    await awaitTotal(namespace, 1);
    clock.jump(6 * 24 * hour);
    const { status } = await awaitTotal(namespace, 0);
    expect(status).to.deep.equal({ findings: [], findingsTotal: 0, total: 0, dropped: 0 });
  });
});
