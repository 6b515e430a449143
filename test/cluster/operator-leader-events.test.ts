import { expect } from 'chai';
import type { RuntimeReportStatus } from '../../src/api/runtime-report.ts';
import { runtimeReports } from '../../src/api/resources.ts';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { eventually, kubeconfigAt } from '../kube/support.ts';
import { TcpProxy } from '../kube/tcp-proxy.ts';
import type { Child } from '../operator/child.ts';
import {
  awaitVerdicts,
  namespaceWithPod,
  operatorKubeconfig,
  patch,
  remove,
  useOperatorCluster,
} from '../operator/live.ts';
import {
  expectFresh,
  leadersOf,
  Replicas,
  sendEvent,
  shortLease,
  steadyLease,
  writes,
} from '../operator/replicas.ts';
import { pathOf } from '../support/kept.ts';

interface LiveRuntimeReport {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
  readonly status?: RuntimeReportStatus;
}

describe('events that several replicas take', function () {
  this.timeout(240_000);
  const cluster = useOperatorCluster();
  const replicas = new Replicas(cluster);
  let namespace = '';

  beforeEach(async () => {
    namespace = await namespaceWithPod(cluster(), 'shared');
  });
  afterEach(() => replicas.stop());

  const path = () => pathOf(runtimeReports, namespace, 'runtime');
  const runtimeOf = async () => {
    const { status, body } = await cluster().request('GET', path());
    return status === 200 ? (body as LiveRuntimeReport) : undefined;
  };
  const total = async () => (await runtimeOf())?.status?.total ?? 0;
  const awaitTotal = (expected: number) =>
    eventually(async () => (await total()) === expected, `${expected} events`);
  const send = async (replica: Child, count: number) => {
    for (let sent = 0; sent < count; sent++) expect(await sendEvent(replica, namespace)).to.equal(204);
  };
  /** Long enough for whatever two replicas might have to say to each other. */
  const idle = () => sleep(systemClock, 2_500);

  it('are added up in one report, each once, and reach the verdict of the leader', async () => {
    const [leader, standby] = (await replicas.startAll(2)) as [Child, Child];
    await send(standby, 1);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.5.2': 'Fail' });
    await Promise.all([send(leader, 25), send(standby, 24)]);
    await awaitTotal(50);
    await idle();
    const status = (await runtimeOf())?.status;
    expect(status).to.deep.include({ total: 50, dropped: 0, findingsTotal: 1 });
    expect(status?.replicas).to.have.length(2);
    expect(await leadersOf([leader, standby])).to.deep.equal([leader]);
    const taken = await Promise.all(
      [leader, standby].map((each) => each.metric('plumbline_runtime_events_total', namespace)),
    );
    expect(taken).to.deep.equal([25, 25]);
    await replicas.stop();
    expect(await total(), 'also when both end').to.equal(50);
    await expectFresh(cluster(), [namespace]);
  });

  it('are each counted once, though the leader is killed in between', async () => {
    const [leader, standby] = (await replicas.startAll(2, steadyLease)) as [Child, Child];
    for (let turn = 0; turn < 5; turn++) for (const each of [leader, standby]) await send(each, 1);
    await awaitTotal(10);
    await replicas.kill(leader);
    await send(standby, 10);
    // Nobody leads now, and yet nothing waits.
    await awaitTotal(20);
    expect(await leadersOf([standby])).to.deep.equal([]);
    await replicas.leader(60_000);
    const third = await replicas.start({ lease: steadyLease, write: 100 });
    await Promise.all([send(standby, 5), send(third, 5)]);
    await awaitTotal(30);
    await idle();
    const { status, metadata } = (await runtimeOf()) ?? {};
    expect(status).to.deep.include({ total: 30, dropped: 0 });
    expect(status?.replicas).to.have.length(3);
    await idle();
    expect((await runtimeOf())?.metadata.resourceVersion).to.equal(metadata?.resourceVersion);
    await replicas.stop();
    await expectFresh(cluster(), [namespace]);
  });

  it('are put back once when somebody deletes or edits the report, and then nobody writes', async () => {
    const all = (await replicas.startAll(2)) as [Child, Child];
    for (const each of all) await send(each, 2);
    await awaitTotal(4);
    await idle();
    const before = await runtimeOf();
    const count = async () => {
      const counts = await Promise.all(all.map((each) => writes(each, 'runtimereports')));
      return counts.reduce((sum, one) => sum + one, 0);
    };
    const hands: Record<string, { hand: () => Promise<unknown>; requests: number }> = {
      edited: {
        hand: () =>
          patch(cluster(), `${path()}/status`, { status: { findings: [], findingsTotal: 0, total: 0 } }),
        requests: 1,
      },
      // Made anew and filled.
      deleted: { hand: () => remove(cluster(), path()), requests: 2 },
    };
    for (const [what, { hand, requests }] of Object.entries(hands)) {
      const written = await count();
      await hand();
      await eventually(async () => (await total()) === 4, `it is put back when ${what}`);
      await idle();
      const after = await runtimeOf();
      expect(after?.status, what).to.deep.equal(before?.status);
      expect((await count()) - written, what).to.equal(requests);
      await idle();
      expect((await runtimeOf())?.metadata.resourceVersion, what).to.equal(after?.metadata.resourceVersion);
    }
    await awaitVerdicts(cluster(), namespace, { 'RD-2.5.2': 'Fail' });
    await replicas.stop();
    await expectFresh(cluster(), [namespace]);
  });

  it('are each counted once, though the answers to writes are lost', async () => {
    const proxy = new TcpProxy(Number(new URL(cluster().url).port));
    const kubeconfig = kubeconfigAt(await operatorKubeconfig(cluster()), await proxy.listen());
    try {
      const [leader] = await replicas.startAll(1);
      const standby = replicas.launch(kubeconfig, { lease: shortLease, write: 100 });
      await standby.ready();
      let sent = 0;
      // Cut at other moments of the write each time, whose request may have reached the server or not.
      for (const pause of [0, 3, 6, 10, 15, 20, 30, 45]) {
        await send(standby, 1);
        await sleep(systemClock, pause);
        proxy.cut();
        await send(leader, 1);
        sent += 2;
      }
      await awaitTotal(sent);
      await idle();
      expect((await runtimeOf())?.status).to.deep.include({ total: sent, dropped: 0 });
      await replicas.stop();
    } finally {
      await proxy.close();
    }
    await expectFresh(cluster(), [namespace]);
  });
});
