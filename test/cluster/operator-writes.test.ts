import { expect } from 'chai';
import type { ComplianceReportStatus } from '../../src/api/compliance-report.ts';
import { complianceReports } from '../../src/api/resources.ts';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { eventually } from '../kube/support.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  caughtUp,
  counter,
  deleteNamespace,
  namespaceWithPod,
  patch,
  post,
  remove,
  reportOf,
  reportVersions,
  startOperator,
  useOperatorCluster,
  verdictsOf,
} from '../operator/live.ts';
import { freshNamespace } from '../support/cluster.ts';
import { pathOf } from '../support/kept.ts';

const hour = 3_600_000;
/** Least time between two writes of one report: longer than as it ships, so that none is over before the clock is pushed. */
const writeMs = 30_000;
const reports = 'resource="compliancereports.plumbline.dev';

describe('what the operator writes', function () {
  this.timeout(180_000);
  const cluster = useOperatorCluster();
  let clock: JumpClock;
  let running: Running;

  beforeEach(async () => {
    clock = new JumpClock();
    await start();
  });
  afterEach(() => running.stop());

  /** Resolves when everything that was there is judged. */
  async function start(): Promise<void> {
    running = await startOperator(cluster(), { clock, intervals: { write: writeMs } });
    const judged = () => running.log.some(({ message }) => message === 'every namespace was judged');
    await eventually(judged, 'every namespace was judged', 60_000);
    await quiet();
  }

  const reconciles = () => counter(running, 'plumbline_reconcile_total');
  /** Requests that change a report: they are told apart from reads by their verb. */
  const writes = async () => {
    const all = ['create', 'apply', 'delete'].map((verb) =>
      counter(running, 'plumbline_api_requests_total', reports, `verb="${verb}"`),
    );
    return (await Promise.all(all)).reduce((sum, one) => sum + one, 0);
  };

  /** Waits until nothing is under way any more, nor waiting: for half a second nothing was done. */
  async function quiet(): Promise<void> {
    let [before, now, waiting] = [-1, await reconciles(), 0];
    while (now !== before || waiting > 0) {
      before = now;
      await sleep(systemClock, 500);
      [now, waiting] = [await reconciles(), await counter(running, 'plumbline_workqueue_depth')];
    }
  }

  /** With a pod in it, its report up to date, and the time over in which it may not be written again. */
  async function judgedNamespace(prefix: string): Promise<string> {
    const namespace = await namespaceWithPod(cluster(), prefix);
    await quiet();
    clock.jump(writeMs);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' });
    clock.jump(writeMs);
    await quiet();
    return namespace;
  }

  it('is nothing while nothing changes, though everything is judged anew every hour', async () => {
    await judgedNamespace('quiet');
    const [written, judged] = [await writes(), await reconciles()];
    const namespaces = Object.keys(await reportVersions(cluster())).length;
    clock.jump(2 * hour);
    await eventually(async () => (await reconciles()) >= judged + namespaces, 'all were judged anew');
    await quiet();
    expect(await writes()).to.equal(written);
  });

  it('is two requests for a new namespace, which is judged once: its own echo is no news', async () => {
    const [written, judged] = [await writes(), await reconciles()];
    const namespace = await freshNamespace(cluster(), 'once');
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Fail' });
    await quiet();
    const failures = running.log.filter(({ message }) => message === 'a reconcile failed');
    expect({ writes: await writes(), reconciles: await reconciles(), failures }).to.deep.equal({
      writes: written + 2,
      reconciles: judged + 1,
      failures: [],
    });
  });

  it('is nothing when something changes that no control reads, and nobody is woken', async () => {
    const namespace = await judgedNamespace('restless');
    const [written, judged] = [await writes(), await reconciles()];
    const pod = `/api/v1/namespaces/${namespace}/pods/app`;
    for (let count = 1; count <= 20; count++) {
      const ready = { type: 'Ready', status: count % 2 === 0 ? 'True' : 'False' };
      const change = { podIP: `10.0.0.${count}`, message: `restart ${count}`, conditions: [ready] };
      await patch(cluster(), `${pod}/status`, { status: change });
    }
    await patch(cluster(), `/api/v1/namespaces/${namespace}`, {
      metadata: { annotations: { note: 'none' } },
    });
    await quiet();
    expect({ writes: await writes(), reconciles: await reconciles() }).to.deep.equal({
      writes: written,
      reconciles: judged,
    });
  });

  it('is one write at once, and one with the latest state when its time has come, in a storm', async () => {
    const namespace = await freshNamespace(cluster(), 'storm');
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Fail' });
    clock.jump(writeMs);
    await quiet();
    const [written, at] = [await writes(), clock.monotonic()];
    const path = `/api/v1/namespaces/${namespace}`;
    const enforce = (level: string) =>
      patch(cluster(), path, { metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } });
    await enforce('restricted');
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Pass' });
    for (const level of ['privileged', 'baseline', 'privileged', 'restricted', 'privileged']) {
      await enforce(level);
      await sleep(systemClock, 150);
    }
    await quiet();
    expect(await writes()).to.equal(written + 1);
    expect(verdictsOf(await reportOf(cluster(), namespace))).to.include({ 'RD-2.2.1': 'Pass' });
    // Nothing but time passes now.
    clock.jump(Math.max(0, at + writeMs - 1_000 - clock.monotonic()));
    expect(await writes()).to.equal(written + 1);
    clock.jump(2_000);
    const { status } = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Fail' });
    await quiet();
    expect(await writes()).to.equal(written + 2);
    const told = status?.transitions?.filter(({ control }) => control === 'RD-2.2.1') ?? [];
    expect(told.slice(0, 2).map(({ from, to }) => `${from} ${to}`)).to.deep.equal(['Pass Fail', 'Fail Pass']);
  });

  it('is, at the stop, what the time between two writes had put off', async () => {
    const namespace = await judgedNamespace('put-off');
    const path = `/api/v1/namespaces/${namespace}`;
    const enforce = (level: string) =>
      patch(cluster(), path, { metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } });
    await enforce('restricted');
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Pass' });
    await enforce('privileged');
    await quiet();
    expect(verdictsOf(await reportOf(cluster(), namespace))).to.include({ 'RD-2.2.1': 'Pass' });
    await running.stop();
    expect(verdictsOf(await reportOf(cluster(), namespace))).to.include({ 'RD-2.2.1': 'Fail' });
  });

  it('is to put right at once what another hand has written, and then no oftener than any other change', async () => {
    const namespace = await judgedNamespace('foreign');
    const status = `${pathOf(complianceReports, namespace, 'reference-design')}/status`;
    const scoreOf = async () => (await reportOf(cluster(), namespace))?.status?.score;
    const right = await scoreOf();
    const label = { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } };
    await patch(cluster(), `/api/v1/namespaces/${namespace}`, label);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Pass' });
    await quiet();
    await patch(cluster(), status, { status: { score: 1 } });
    await eventually(async () => ((await scoreOf()) ?? 0) > 1, 'it is put right, though it was just written');
    expect(await scoreOf()).to.be.above(right ?? 0);
    await patch(cluster(), status, { status: { score: 1 } });
    await quiet();
    expect(await scoreOf(), 'who fights on waits').to.equal(1);
    clock.jump(writeMs);
    await eventually(async () => ((await scoreOf()) ?? 0) > 1, 'it is put right in time');
  });

  it('is nothing after a restart', async () => {
    await judgedNamespace('restart');
    const before = await reportVersions(cluster());
    await running.stop();
    await start();
    expect(await writes()).to.equal(0);
    expect(await reportVersions(cluster())).to.deep.equal(before);
  });

  it('is the same, but for the times, whoever writes it', async () => {
    const namespace = await namespaceWithPod(cluster(), 'twice');
    for (const name of ['b', 'a', 'c']) {
      const containers = ['z', 'y'].map((each) => ({ name: each, image: `elsewhere.example/${each}` }));
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name },
        spec: { containers, hostNetwork: true },
      };
      await post(cluster(), `/api/v1/namespaces/${namespace}/pods`, pod);
    }
    clock.jump(writeMs);
    await quiet();
    const complete = async () => (await reportOf(cluster(), namespace))?.status?.workloads.total === 4;
    await eventually(complete, 'all four are judged');
    const first = await reportOf(cluster(), namespace);
    await running.stop();
    await remove(cluster(), pathOf(complianceReports, namespace, 'reference-design'));
    await start();
    await eventually(complete, 'all four are judged again');
    const second = await reportOf(cluster(), namespace);
    expect(second?.metadata.uid).to.not.equal(first?.metadata.uid);
    expect(timeless(second?.status)).to.equal(timeless(first?.status));
    await deleteNamespace(cluster(), namespace);
    await caughtUp(cluster());
  });
});

/** The bytes of a status without its times and its history. */
function timeless(status: ComplianceReportStatus | undefined): string {
  const hidden = ['lastTransitionTime', 'transitions'];
  return JSON.stringify(status, (key, value: unknown) => (hidden.includes(key) ? undefined : value));
}
