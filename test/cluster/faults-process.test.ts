import { expect } from 'chai';
import { Child } from '../operator/child.ts';
import { eventually } from '../kube/support.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  namespaceWithPod,
  operatorKubeconfig,
  reportVersions,
  startOperator,
} from '../operator/live.ts';
import { expectReportsEqualFreshOnes } from '../support/consistency.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { FaultWorld, leased, pathsOf, useFaultCluster } from '../support/fault-world.ts';
import type { Seen } from '../support/fault.ts';
import { terminateSoon } from '../support/stop-time.ts';

const minute = 60_000;
const day = 86_400_000;
const reports = ['compliancereports.plumbline.dev', 'compliancereports.plumbline.dev/status'];

describe('the operator and time', function () {
  this.timeout(300_000);
  const cluster = useFaultCluster();
  const clock = new JumpClock();
  let world: FaultWorld;

  before(async () => {
    // The intervals as they ship.
    world = await FaultWorld.start(cluster(), { clock, intervals: {} });
  });
  after(() => world.stop());

  it('costs nothing while nothing changes but its watches and a heartbeat a minute', async () => {
    await world.passSecondLooks(clock);
    await quiet();
    const since = world.proxy.seen.length;
    const judged = await world.metric('plumbline_reconcile_total');
    // A step of the clock has everything judged anew: what is not written is not so for want of a judgement.
    clock.set(11_000);
    const already = await beatsDone();
    const counts = () => {
      const found: Record<string, number> = {};
      for (const { verb, resource } of world.proxy.seen.slice(since))
        if (resource !== 'leases.coordination.k8s.io')
          found[`${verb} ${resource}`] = (found[`${verb} ${resource}`] ?? 0) + 1;
      return found;
    };
    const beats = 'apply compliancesummaries.plumbline.dev/status';
    for (let beat = 1; beat <= 2; beat++) {
      for (let step = 0; step < 2; step++) await world.elapse(clock, minute / 2);
      await eventually(async () => (await beatsDone()) >= already + beat, 'it beats');
    }
    await quiet();
    expect(counts()).to.deep.equal({ [beats]: 2 });
    const anew = (await world.metric('plumbline_reconcile_total')) - judged;
    expect(anew).to.be.at.least(world.running.operator.state.namespaces.store.size);
    expect(world.proxy.count({ verb: 'watch' })).to.be.greaterThan(20);
  });

  const beatsDone = () =>
    world.metric(
      'plumbline_api_requests_total',
      'verb="apply"',
      'resource="compliancesummaries.plumbline.dev/status"',
      'code="200"',
    );

  /** Nothing is waiting any more, and nothing under way. */
  async function quiet(): Promise<void> {
    let before = -1;
    await eventually(
      async () => {
        const asked = world.proxy.seen.filter(
          ({ resource }) => resource !== 'leases.coordination.k8s.io',
        ).length;
        const now = asked + (await world.metric('plumbline_reconcile_total'));
        const isSame = now === before && (await world.metric('plumbline_workqueue_depth')) === 0;
        before = now;
        await new Promise((resolve) => setTimeout(resolve, 4_000));
        return isSame;
        // Reports of all the namespaces that the cluster has may wait for their turn before.
      },
      'it is quiet',
      90_000,
    );
  }

  const jumps = { 'a month forward': 30 * day, 'and back': -30 * day, 'a day back': -day };
  for (const [title, milliseconds] of Object.entries(jumps)) {
    it(`judges by the time that it is when somebody sets the clock ${title}`, async () => {
      clock.set(milliseconds);
      clock.jump(minute);
      await expectReportsEqualFreshOnes(cluster(), world.running);
      await world.stir();
      clock.jump(10_000);
      await world.check();
    });
  }
});

describe('two replicas and time', function () {
  this.timeout(300_000);
  const cluster = useFaultCluster();
  const clock = new JumpClock();
  // As often as it ships, but for longer: a step of the clock may be the end of a renewal that is under way.
  const intervals = { lease: { leaseDurationMs: 60_000, renewDeadlineMs: 45_000, retryPeriodMs: 2_000 } };
  let world: FaultWorld;
  let proxy: FaultProxy;
  let standby: Running;

  before(async () => {
    world = await FaultWorld.start(cluster(), { clock, intervals, settings: leased });
    proxy = await FaultProxy.start(cluster());
    const kubeconfig = proxy.kubeconfig(await operatorKubeconfig(cluster()));
    const settings = { ...leased, podName: 'standby' };
    standby = await startOperator(cluster(), { clock, intervals, settings, kubeconfig });
  });
  after(async () => {
    await standby.stop();
    await proxy.close();
    await world.stop();
  });

  /** In steps that a Lease outlives. */
  async function pass(milliseconds: number): Promise<void> {
    for (let left = milliseconds; left > 0; left -= 5_000) {
      world.keepAlive(proxy);
      await world.elapse(clock, Math.min(5_000, left));
    }
  }

  /** How often each kind of request was sent; watches are counted by the kinds that are not installed alone. */
  function countsOf(all: readonly Seen[], { operator }: Running): Record<string, number> {
    const absent = new Set(operator.state.all.flatMap((each) => (each.absent ? each.name : [])));
    expect(absent.size).to.be.greaterThan(0);
    const found: Record<string, number> = {};
    const add = (request: string) => void (found[request] = (found[request] ?? 0) + 1);
    for (const { verb, resource, path } of all) {
      const isProbe = verb === 'watch' && absent.has(resource);
      // What is there is never read again; its watches go on when the server ends them.
      if (verb === 'watch' && !isProbe) expect(path).to.not.include('sendInitialEvents');
      else add(`${verb} ${isProbe ? 'absent' : resource}`);
    }
    return found;
  }

  const onceAMinute = ['apply configmaps', 'apply compliancesummaries.plumbline.dev/status'];
  const onceInTenMinutes = ['get version', 'get api', 'get apis'];

  it('cost no request of another kind than docs/engine.md names, while nothing changes', async () => {
    // All second looks at what definitions define.
    await pass(2 * minute);
    const since = [world.proxy, proxy].map(({ seen }) => seen.length);
    const began = clock.monotonic();
    await pass(12 * minute);
    const minutes = (clock.monotonic() - began) / minute;
    const leader = countsOf(world.proxy.seen.slice(since[0]), world.running);
    const other = countsOf(proxy.seen.slice(since[1]), standby);
    const common = ['apply configmaps', ...onceInTenMinutes, 'watch absent'];
    const leads = ['update leases.coordination.k8s.io', ...onceAMinute];
    expect(leader).to.have.all.keys([...common, ...leads]);
    expect(other).to.have.all.keys([...common, 'get leases.coordination.k8s.io']);
    for (const counts of [leader, other]) {
      for (const each of onceAMinute)
        if (each in counts) expect(counts[each]).to.be.within(minutes - 2, minutes + 1);
      for (const each of onceInTenMinutes) expect(counts[each]).to.be.within(1, 2);
    }
  });
});

describe('plumbline run and SIGTERM', function () {
  this.timeout(120_000);
  const cluster = useFaultCluster();

  const moments: Record<string, (request: Seen) => boolean> = {
    'before it makes a report': ({ verb, resource }) => verb === 'create' && reports.includes(resource),
    'between making it and writing its status': ({ verb, resource }) =>
      verb === 'apply' && reports.includes(resource),
  };
  for (const [title, test] of Object.entries(moments)) {
    it(`in the middle of a reconcile, ${title}: ends with 0 soon, and the next start is right`, async () => {
      const proxy = await FaultProxy.start(cluster());
      const kubeconfig = await operatorKubeconfig(cluster());
      const child = new Child({ KUBECONFIG: proxy.kubeconfig(kubeconfig) });
      try {
        await child.ready();
        const held = proxy.fault({ test }, { do: 'hold' });
        const namespace = await namespaceWithPod(cluster(), 'midst');
        await eventually(() => held.hits > 0, 'it is in the midst of it');
        const { code, stderr } = await terminateSoon(child);
        expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
        held.lift();
        const { reports: path } = pathsOf(namespace);
        const { body } = await cluster().request('GET', `${path}/reference-design`);
        // Whatever is there is without a status, never with half of one.
        expect(body).to.not.have.property('status.summary');
        const next = await FaultWorld.start(cluster());
        try {
          await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' });
          await next.check();
        } finally {
          await next.stop();
        }
        expect(await reportVersions(cluster())).to.have.property(`${namespace}/reference-design`);
      } finally {
        await child.kill();
        await proxy.close();
      }
    });
  }
});
