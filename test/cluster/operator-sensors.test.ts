import { expect } from 'chai';
import type { ComplianceSummaryStatus } from '../../src/api/compliance-summary.ts';
import { complianceSummaries } from '../../src/api/resources.ts';
import { eventually } from '../kube/support.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  barePod,
  caughtUp,
  metricLines,
  patch,
  post,
  probe,
  remove,
  reportOf,
  startOperator,
  testSettings,
  useOperatorCluster,
} from '../operator/live.ts';
import { shortLease } from '../operator/replicas.ts';
import { freshNamespace } from '../support/cluster.ts';
import { falcoEvent } from '../support/falco.ts';
import { pathOf } from '../support/kept.ts';

const minute = 60_000;
let serial = 0;

describe('the operator and runtime sensors', function () {
  this.timeout(240_000);
  const cluster = useOperatorCluster();
  const started: Running[] = [];
  afterEach(async () => {
    for (const each of started.splice(0)) await each.stop();
  });
  const start = async (options: Parameters<typeof startOperator>[1] = {}) => {
    const running = await startOperator(cluster(), options);
    started.push(running);
    return running;
  };

  /** A node of its own with a pod of a namespace, and a pod of Falco that is ready. */
  const watched = async () => {
    const node = `node-${process.pid}-${++serial}`;
    const namespace = await freshNamespace(cluster(), 'watched');
    const sensors = await freshNamespace(cluster(), 'falco');
    await post(cluster(), `/api/v1/namespaces/${namespace}/pods`, barePod('app', { nodeName: node }));
    withFalco.push(sensors);
    await falcoOn(node, sensors);
    return { node, namespace, sensors };
  };
  // For other tests of this cluster no sensor runs, also after one here has failed.
  const withFalco: string[] = [];
  afterEach(async () => {
    for (const sensors of withFalco.splice(0))
      await cluster().request('DELETE', `/api/v1/namespaces/${sensors}/pods/falco?gracePeriodSeconds=0`);
  });
  const falcoOn = async (node: string, sensors: string) => {
    const containers = [{ name: 'falco', image: 'falcosecurity/falco:0.44.0' }];
    await post(
      cluster(),
      `/api/v1/namespaces/${sensors}/pods`,
      barePod('falco', { nodeName: node, containers }),
    );
    await setReady(sensors, true);
  };
  const setReady = (sensors: string, ready: boolean) => {
    const condition = { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: stamp() };
    return patch(cluster(), `/api/v1/namespaces/${sensors}/pods/falco/status`, {
      status: { phase: 'Running', conditions: [condition] },
    });
  };
  const stamp = (at = now()) => new Date(at).toISOString().replace(/\.\d+/, '');
  let now: () => number = () => Date.now();
  const gone = (sensors: string) =>
    remove(cluster(), `/api/v1/namespaces/${sensors}/pods/falco?gracePeriodSeconds=0`);

  /** What a node sends that is quiet. @returns when it says that it was, to the second */
  const sign = async (
    { operator, clock }: Running,
    hostname: string,
    rule = 'Falco internal: metrics snapshot',
  ) => {
    const time = new Date(clock.now()).toISOString();
    const none = { 'k8s.ns.name': null, 'k8s.pod.name': null, 'container.id': 'host' };
    const body = JSON.stringify(falcoEvent({ rule, time, hostname, source: 'internal' }, none));
    const headers = { 'content-type': 'application/json' };
    const { status } = await fetch(operator.intakeAddress ?? '', { method: 'POST', headers, body });
    expect(status).to.equal(204);
    return stamp(Date.parse(time));
  };

  const summary = async () => {
    const { body } = await cluster().request('GET', pathOf(complianceSummaries, '', 'reference-design'));
    return (body as { status?: ComplianceSummaryStatus }).status;
  };
  /** A jump of the clock may cost a beat its answer; the next comes a minute later. */
  const awaitSummary = (id: string, status: string) =>
    eventually(
      async () => {
        const found = (await summary())?.controls?.find((control) => control.id === id);
        return found?.status === status;
      },
      `the summary says ${status} of ${id}`,
      90_000,
    );

  it('passes while they are heard, says why and since when they are not, and comes back', async () => {
    const clock = new JumpClock();
    now = () => clock.now();
    const { node, namespace, sensors } = await watched();
    const running = await start({ clock });
    const expectVerdicts = (expected: Record<string, string>) =>
      awaitVerdicts(cluster(), namespace, expected);
    const messageOf = async (id: string) =>
      (await reportOf(cluster(), namespace))?.status?.controls?.find((control) => control.id === id)?.message;

    await expectVerdicts({ 'RD-2.5.1': 'Unknown NoEvidence', 'RD-2.5.2': 'Unknown NoEvidence' });
    const heard = await sign(running, node);
    await expectVerdicts({ 'RD-2.5.1': 'Pass', 'RD-2.5.2': 'Pass', 'RD-3.5.1': 'Pass' });
    await awaitSummary('RD-3.5.3', 'Pass');
    expect(await messageOf('RD-2.5.2')).to.match(/^No alert since \d{4}-.*Z, while a runtime sensor/);
    await awaitSummary('RD-3.5.1', 'Pass');
    const lines = await metricLines(running, 'plumbline_control_status');
    expect(lines.filter((line) => line.includes('control="RD-3.5.1"'))).to.deep.equal([
      'plumbline_control_status{namespace="",profile="reference-design",control="RD-3.5.1",severity="high",status="Pass"} 1',
    ]);
    const rows = (await reportOf(cluster(), namespace))?.status?.controls;
    const row = rows?.find(({ id }) => id === 'RD-3.5.1');
    expect(row).to.include({ status: 'Pass', inherited: true, findingsTotal: 0 });

    // Nothing is heard any more.
    clock.jump(15 * minute + 16_000);
    await expectVerdicts({ 'RD-2.5.1': 'Unknown StaleEvidence', 'RD-2.5.2': 'Unknown StaleEvidence' });
    expect(await messageOf('RD-2.5.1')).to.include(`${node} since ${heard}`);
    await sign(running, node);
    await expectVerdicts({ 'RD-2.5.1': 'Pass', 'RD-2.5.2': 'Unknown PartialEvidence' });
    for (let hours = 0; hours < 25; hours++)
      for (let quarter = 0; quarter < 4; quarter++) {
        clock.jump(14.9 * minute);
        await sign(running, node);
      }
    await expectVerdicts({ 'RD-2.5.1': 'Pass', 'RD-2.5.2': 'Pass' });
    expect(await messageOf('RD-2.5.2')).to.match(/^No alert within runtime\.alertWindow, while/);

    // It says that it has lost events.
    await sign(running, node, 'Falco internal: syscall event drop');
    await expectVerdicts({ 'RD-2.5.1': 'Pass', 'RD-2.5.2': 'Unknown PartialEvidence' });
    await awaitSummary('RD-3.5.1', 'Warn');

    // It is not ready.
    await setReady(sensors, false);
    await awaitSummary('RD-3.5.1', 'Fail');
    clock.jump(15_000);
    await expectVerdicts({ 'RD-2.5.1': 'Warn', 'RD-2.5.2': 'Unknown NoEvidence' });
    clock.jump(5 * minute);
    await expectVerdicts({ 'RD-3.5.1': 'Fail' });
    clock.jump(26 * minute);
    await expectVerdicts({ 'RD-2.5.1': 'Fail' });
    await setReady(sensors, true);
    await expectVerdicts({ 'RD-2.5.1': 'Unknown StaleEvidence' });
    await sign(running, node);
    await expectVerdicts({ 'RD-2.5.1': 'Pass' });

    // It is gone, and there is no other.
    await gone(sensors);
    await awaitSummary('RD-3.5.1', 'Fail');
    clock.jump(15_000);
    await expectVerdicts({ 'RD-2.5.1': 'Warn', 'RD-2.5.2': 'Unknown NoEvidence' });
    clock.jump(31 * minute);
    await expectVerdicts({ 'RD-2.5.1': 'Fail' });
    await falcoOn(node, sensors);
    await sign(running, node);
    await expectVerdicts({ 'RD-2.5.1': 'Pass' });
    await gone(sensors);
  });

  it('hears of the leader what another replica hears, and after a restart what was heard before', async () => {
    now = () => Date.now();
    const { node, namespace, sensors } = await watched();
    const settings = (podName: string) => ({
      ...testSettings,
      podName,
      lease: { namespace: 'plumbline-system', name: 'plumbline' },
    });
    const intervals = { write: 100, heartbeat: 500, signs: 300, lease: shortLease };
    const began = now();
    const first = await start({ settings: settings('intake-a'), intervals });
    await eventually(
      async () => (await probe(first, '/metrics')).text.includes('plumbline_leader 1'),
      'it leads',
    );
    const second = await start({ settings: settings('intake-b'), intervals });
    await awaitVerdicts(cluster(), namespace, { 'RD-2.5.1': 'Unknown NoEvidence' });

    await sign(second, node);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.5.1': 'Pass', 'RD-2.5.2': 'Pass' });
    const record = '/api/v1/namespaces/plumbline-system/configmaps/plumbline-intake-intake-b';
    const { body } = await cluster().request('GET', record);
    expect((body as { data: Record<string, string> }).data['signs']).to.match(
      new RegExp(`^${node} \\d+ \\d+-\\d+$`, 'm'),
    );

    // What belongs to no namespace is counted by whoever took it.
    const isOurs = (heartbeat: number) => heartbeat > began && heartbeat <= now();
    await eventually(
      async () => isOurs(Date.parse((await summary())?.lastHeartbeat ?? '')),
      'the summary is not of an operator before',
    );
    const before = (await summary())?.runtime.unattributed ?? 0;
    const nowhere = { 'k8s.ns.name': null, 'k8s.pod.name': null, 'container.id': 'host' };
    for (const each of [first, second]) {
      const time = new Date().toISOString();
      await fetch(each.operator.intakeAddress ?? '', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(falcoEvent({ time, hostname: 'elsewhere' }, nowhere)),
      });
    }
    await eventually(
      async () => (await summary())?.runtime.unattributed === before + 2,
      'events of both replicas are counted',
    );

    for (const each of [second, first]) await each.stop();
    const report = await reportOf(cluster(), namespace);
    const third = await start({ settings: settings('intake-b'), intervals });
    await eventually(
      async () => (await probe(third, '/metrics')).text.includes('plumbline_leader 1'),
      'it leads',
    );
    await eventually(
      async () =>
        (await metricLines(third, 'plumbline_control_status')).some((line) => line.includes(namespace)),
      'it has judged',
    );
    await caughtUp(cluster());
    expect((await reportOf(cluster(), namespace))?.metadata.resourceVersion, 'nothing has changed').to.equal(
      report?.metadata.resourceVersion,
    );
    await gone(sensors);
  });
});
