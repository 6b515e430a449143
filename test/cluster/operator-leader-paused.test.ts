import { expect } from 'chai';
import type { Clock } from '../../src/base/clock.ts';
import { sleep, systemClock } from '../../src/base/clock.ts';
import type { LeaseSpec } from '../../src/kube/lease-record.ts';
import { eventually } from '../kube/support.ts';
import type { Child } from '../operator/child.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import {
  awaitVerdicts,
  counter,
  namespaceWithPod,
  operatorKubeconfig,
  patch,
  reportOf,
  startOperator,
  testSettings,
  useOperatorCluster,
  verdictsOf,
} from '../operator/live.ts';
import { leadersOf, leasePath, reads, Replicas, steadyLease, within } from '../operator/replicas.ts';
import type { Seen } from '../support/fault.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { expectConsistent, expectReportsEqualFreshOnes } from '../support/consistency.ts';

/** A request that changes something of ours that the leader alone writes. */
const isWrite = ({ verb, resource }: Seen) =>
  resource.startsWith('compliance') && ['create', 'apply', 'delete'].includes(verb);

const level = 'pod-security.kubernetes.io/enforce';

describe('a leader that was paused', function () {
  this.timeout(240_000);
  const cluster = useOperatorCluster('consistency-tests');
  const replicas = new Replicas(cluster);
  let namespace = '';
  /** To the API server, for the replica whose line is disturbed. */
  let line: FaultProxy;

  beforeEach(async () => {
    line = await FaultProxy.start(cluster());
    namespace = await namespaceWithPod(cluster(), 'led');
  });
  afterEach(async () => {
    line.restore();
    await replicas.stop();
    await line.close();
  });

  const kubeconfig = async () => line.kubeconfig(await operatorKubeconfig(cluster()));
  /** Changes what RD-2.2.1 is judged by. */
  const enforce = (value: string | null, of = namespace) =>
    patch(cluster(), `/api/v1/namespaces/${of}`, { metadata: { labels: { [level]: value } } });
  const verdict = async (of = namespace) => verdictsOf(await reportOf(cluster(), of))['RD-2.2.1'];
  const holder = async () => {
    const { body } = await cluster().request('GET', leasePath);
    return (body as { spec?: LeaseSpec }).spec?.holderIdentity;
  };
  const verdictSeries = async (replica: Child) => {
    const { text } = await replica.get('/metrics');
    return text.split('\n').filter((each) => each.startsWith('plumbline_control_status{')).length;
  };

  for (const count of [2, 3])
    it(`past its lease leaves no report wrong, whatever of it was on its way: one of ${count}`, async () => {
      const times = { lease: steadyLease, write: 100 };
      const first = replicas.launch(await kubeconfig(), times);
      await first.ready();
      await first.logged('leading');
      const others = await Promise.all(Array.from({ length: count - 1 }, () => replicas.start(times)));
      expect(await replicas.leader(), 'it leads still').to.equal(first);
      const busy = await Promise.all(Array.from({ length: 12 }, () => namespaceWithPod(cluster(), 'paused')));
      const all = [namespace, ...busy];
      for (const each of all) await awaitVerdicts(cluster(), each, { 'RD-2.2.1': 'Fail' });
      // It stands still when what it has decided is on its way.
      const late = line.fault(
        { verb: 'apply', resource: 'compliancereports.plumbline.dev/status' },
        { do: 'hold' },
      );
      await Promise.all(all.map((each) => enforce('restricted', each)));
      // All that it works on at once has come: nothing is on its way that would come only when it goes on.
      await eventually(() => late.hits === 4, 'it is writing');
      first.pause();
      await within(60_000, async () => (await leadersOf(others)).length === 1);
      const [second] = (await leadersOf(others)) as [Child];
      for (const each of all) await awaitVerdicts(cluster(), each, { 'RD-2.2.1': 'Pass' });
      await Promise.all(all.map((each) => enforce(null, each)));
      for (const each of all) await awaitVerdicts(cluster(), each, { 'RD-2.2.1': 'Fail' });
      const decided = line.seen.filter(isWrite);
      const unanswered = decided.filter(({ code }) => code === undefined);
      expect(unanswered).to.have.length(late.hits);
      // Nobody tells it at once that another leads: it is to know by itself.
      const untold = line.fault(
        { resource: 'leases.coordination.k8s.io' },
        { do: 'delay', milliseconds: 1_000 },
      );
      const wrong = watchForWrong(all);
      // What it sent arrives before it has noticed anything.
      late.lift();
      await eventually(() => unanswered.every(({ code }) => code !== undefined), 'they are answered');
      first.resume();
      expect(await wrong).to.be.below(2_000);
      const codes = unanswered.map(({ code }) => code);
      expect(codes, 'what it had decided is refused').to.deep.equal(codes.map(() => 409));
      expect(line.seen.filter(isWrite), 'it decides nothing more').to.deep.equal(decided);
      untold.lift();
      expect(await leadersOf([first, ...others])).to.deep.equal([second]);
      expect(await verdictSeries(first), 'who leads no more shows no verdicts').to.equal(0);
      expect((await first.get('/readyz')).text).to.include(`leader: ${await holder()}\n`);
      // And it can lead again, from stores that were kept up to date, if no other of those is first.
      const before = await reads(first);
      replicas.forget(second);
      await Promise.all([second.terminate(), enforce('restricted')]);
      await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Pass' });
      expect(replicas.running).to.have.length(count - 1);
      await replicas.leader();
      expect(await reads(first)).to.equal(before);
      await expectReportsEqualFreshOnes(cluster(), { clock: systemClock });
    });

  /** For six seconds. @returns milliseconds that a report said the wrong thing, the longest */
  async function watchForWrong(namespaces: readonly string[]): Promise<number> {
    const wrong = new Map<string, number>();
    let longest = 0;
    for (const until = systemClock.monotonic() + 6_000; systemClock.monotonic() < until;) {
      const right = await Promise.all(namespaces.map(async (each) => (await verdict(each)) === 'Fail'));
      for (const [index, each] of namespaces.entries()) {
        if (right[index] === true) wrong.delete(each);
        else wrong.set(each, wrong.get(each) ?? systemClock.monotonic());
        longest = Math.max(longest, systemClock.monotonic() - (wrong.get(each) ?? Infinity));
      }
      await sleep(systemClock, 50);
    }
    return longest;
  }

  it('begins no write before it knows whether it still leads, though none of its timers has run', async () => {
    // Time goes on without them, as it does for who stood still until the next event is handled.
    let pausedMs = 0;
    const timers = new JumpClock();
    const clock: Clock = {
      now: () => timers.now() + pausedMs,
      monotonic: () => timers.monotonic() + pausedMs,
      timer: (milliseconds, run) => timers.timer(milliseconds, run),
    };
    const running = await startOperator(cluster(), {
      clock,
      kubeconfig: await kubeconfig(),
      settings: { ...testSettings, lease: { namespace: 'plumbline-system', name: 'plumbline' } },
      // It looks after its Lease once a minute, and this is over before.
      intervals: {
        write: 100,
        lease: { leaseDurationMs: 180_000, renewDeadlineMs: 120_000, retryPeriodMs: 60_000 },
      },
    });
    try {
      await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Fail' });
      await enforce('restricted');
      await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Pass' });
      const tries = () => counter(running, 'plumbline_reconcile_total');
      const [before, renewals] = [await tries(), line.count({ resource: 'leases.coordination.k8s.io' })];
      const decided = line.seen.filter(isWrite);
      pausedMs += 180_000;
      await enforce(null);
      await eventually(async () => (await tries()) > before, 'it sees the change');
      await sleep(systemClock, 1_000);
      expect(line.count({ resource: 'leases.coordination.k8s.io' }), 'nobody told it').to.equal(renewals);
      expect(line.seen.filter(isWrite)).to.deep.equal(decided);
      expect(await verdict()).to.equal('Pass');
      // It looks now, leads again, and makes up for it.
      timers.jump(60_000);
      await within(60_000, async () => (await verdict()) === 'Fail');
      await expectConsistent(cluster(), running);
    } finally {
      await running.stop();
    }
  });
});
