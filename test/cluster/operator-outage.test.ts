import { expect } from 'chai';
import { eventually } from '../kube/support.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  caughtUp,
  counter,
  reportVersions,
  namespaceWithPod,
  patch,
  probe,
  remove,
  startOperator,
  useOperatorCluster,
} from '../operator/live.ts';
import { expectConsistent } from '../support/consistency.ts';

const restricted = { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } };

describe('the operator and an outage of the API server', function () {
  this.timeout(240_000);
  const cluster = useOperatorCluster('consistency-tests');
  let running: Running;

  before(async () => {
    running = await startOperator(cluster());
  });
  after(() => running.stop());

  it('tells of it once, keeps what it knows, and goes on where it was', async () => {
    const namespace = await namespaceWithPod(cluster(), 'outage');
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail', 'RD-2.2.1': 'Fail' });
    const series = () => counter(running, 'plumbline_control_status', `namespace="${namespace}"`);
    // A report is there for all to see a moment before the answer to its write has come.
    await eventually(async () => (await series()) > 20, 'the verdicts are among the metrics');
    const before = await reportVersions(cluster());
    await cluster().stopApiServer();
    const errors = () => running.log.filter(({ level }) => level === 'error').map(({ message }) => message);
    await eventually(() => errors().length > 0, 'it is told');
    // It goes on being ready: what it knows is as true as it was, and a restart would only forget it.
    expect((await probe(running, '/readyz')).status).to.equal(200);
    expect(await series()).to.be.greaterThan(20);
    await cluster().startApiServer();
    const told = () => running.log.some(({ message }) => message === 'the API server answers again');
    await eventually(told, 'its end is told', 60_000);
    const isBackingOff = () =>
      running.operator.watched.some(({ watcher }) => watcher.status.phase === 'backoff');
    await eventually(() => !isBackingOff(), 'every watch is open again', 60_000);
    await caughtUp(cluster());
    expect(errors()).to.deep.equal(['the API server cannot be worked with; trying on']);
    const after = await reportVersions(cluster());
    for (const [report, version] of Object.entries(before)) expect(after[report], report).to.equal(version);
    await patch(cluster(), `/api/v1/namespaces/${namespace}`, restricted);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Pass' });
    await remove(cluster(), `/api/v1/namespaces/${namespace}/pods/app?gracePeriodSeconds=0`);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'NotApplicable' });
    await expectConsistent(cluster(), running);
  });
});
