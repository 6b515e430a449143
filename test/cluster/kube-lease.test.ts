import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { systemClock } from '../../src/base/clock.ts';
import { LeaderElector } from '../../src/kube/lease.ts';
import type { Lease, LeaseSpec } from '../../src/kube/lease-record.ts';
import type { RequestReport } from '../../src/kube/request-label.ts';
import { freshNamespace, useCluster } from '../support/cluster.ts';
import { clientFor, eventually } from '../kube/support.ts';

/** Shorter than what is shipped, for nobody to wait; long enough for a machine under load. */
const durations = { leaseDurationMs: 3_000, renewDeadlineMs: 2_000, retryPeriodMs: 250 };
/** For what must come long before the lease is over, or must not cost the leader its term. */
const steady = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 250 };

interface Candidate {
  readonly elector: LeaderElector;
  readonly events: string[];
  readonly requests: RequestReport[];
  stop(): Promise<void>;
}

describe('an election on a real API server', function () {
  this.timeout(120_000);
  const cluster = useCluster({ users: [{ name: 'watcher' }] });
  const running: Candidate[] = [];
  const children: ChildProcess[] = [];
  let namespace = '';
  let path = '';

  beforeEach(async () => {
    namespace = await freshNamespace(cluster(), 'lease');
    path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/plumbline`;
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const one of running.splice(0)) await one.stop();
  });

  function start(identity: string, times = durations, kubeconfig = cluster().kubeconfigPath): Candidate {
    const { client, requests } = clientFor(kubeconfig);
    const events: string[] = [];
    const elector = new LeaderElector({
      client,
      clock: systemClock,
      namespace,
      name: 'plumbline',
      identity,
      ...times,
      onStarted: () => events.push('started'),
      onStopped: (reason) => events.push(reason),
    });
    const abort = new AbortController();
    const done = elector.run(abort.signal);
    const stop = async () => {
      abort.abort();
      await done;
      await client.close();
    };
    const one = { elector, events, requests, stop };
    running.push(one);
    return one;
  }

  async function startLeader(identity: string, times = durations): Promise<Candidate> {
    const one = start(identity, times);
    await eventually(() => one.elector.leading, `${identity} leads`);
    return one;
  }

  /** A candidate in a process of its own, with what it has said so far. */
  function startChild(times = durations): { child: ChildProcess; said: string[] } {
    const file = fileURLToPath(new URL('../kube/elector-process.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      [file, cluster().kubeconfigPath, namespace, JSON.stringify(times)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    children.push(child);
    const said: string[] = [];
    child.stdout.on('data', (text: Buffer) => said.push(...text.toString().trim().split('\n')));
    return { child, said };
  }

  const read = async () => (await cluster().request('GET', path)).body as Lease;

  async function write(change: LeaseSpec): Promise<void> {
    const options = { contentType: 'application/merge-patch+json' };
    expect(await cluster().request('PATCH', path, { spec: change }, options)).to.include({ status: 200 });
  }

  /** @returns milliseconds until `one` leads */
  async function untilLeading(one: Candidate, since: number): Promise<number> {
    await eventually(() => one.elector.leading, 'it leads');
    return systemClock.monotonic() - since;
  }

  it('writes a record that the server takes as it is, and counts on', async () => {
    const one = await startLeader('a');
    const { spec } = await read();
    expect(spec).to.deep.include({
      holderIdentity: one.elector.identity,
      leaseDurationSeconds: 3,
      leaseTransitions: 0,
    });
    expect(spec.acquireTime).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    await eventually(async () => (await read()).spec.renewTime !== spec.renewTime, 'it renews');
    const renewed = await read();
    expect(renewed.spec).to.deep.equal({ ...spec, renewTime: renewed.spec.renewTime });
    expect(one.events).to.deep.equal(['started']);
  });

  it('costs one renewal of the leader and one look of the standby in each period', async () => {
    const leader = await startLeader('a', steady);
    const standby = start('b', steady);
    await eventually(() => standby.elector.holder === leader.elector.identity, 'the standby sees the leader');
    for (const { requests } of [leader, standby]) requests.length = 0;
    const since = systemClock.monotonic();
    await eventually(() => leader.requests.length >= 8, 'eight renewals');
    const periods = (systemClock.monotonic() - since) / durations.retryPeriodMs;
    for (const { requests, verb } of [
      { requests: leader.requests, verb: 'update' },
      { requests: standby.requests, verb: 'get' },
    ]) {
      expect(new Set(requests.map((one) => `${one.verb} ${one.resource} ${one.code}`))).to.deep.equal(
        new Set([`${verb} leases.coordination.k8s.io 200`]),
      );
      expect(requests.length).to.be.within(1, periods + 1);
    }
  });

  it('hands over at the next look when the leader stops', async () => {
    const leader = await startLeader('a', steady);
    const standby = start('b', steady);
    await eventually(() => standby.elector.holder === leader.elector.identity, 'the standby sees the leader');
    const since = systemClock.monotonic();
    await leader.stop();
    expect(leader.events).to.deep.equal(['started', 'stopped']);
    // Less than the lease that a standby waits for a leader who only fell silent.
    expect(await untilLeading(standby, since)).to.be.below(10_000);
    expect((await read()).spec).to.deep.include({
      holderIdentity: standby.elector.identity,
      leaseTransitions: 1,
    });
  });

  it('leaves a record without a holder when the last one stops', async () => {
    await (await startLeader('a')).stop();
    const { spec } = await read();
    expect(spec).to.deep.include({ leaseDurationSeconds: 1, leaseTransitions: 0 });
    expect(spec.holderIdentity ?? '').to.equal('');
  });

  it('takes over from a leader that was killed when the lease is over, not before', async () => {
    const { child, said } = startChild();
    await eventually(() => said.includes('leading'), 'the other process leads');
    const standby = start('b');
    await eventually(() => standby.elector.holder?.startsWith('child_') === true, 'the standby sees it');
    child.kill('SIGKILL');
    await once(child, 'exit');
    let last: LeaseSpec = {};
    const isOver = async () => {
      const { spec } = await read();
      if (spec.holderIdentity?.startsWith('child_') === true) last = spec;
      return standby.elector.leading;
    };
    await eventually(isOver, 'the standby leads');
    // One machine, so one wall clock: here the times in the records may be compared.
    const { acquireTime = '', leaseTransitions } = (await read()).spec;
    const waited = Date.parse(acquireTime) - Date.parse(last.renewTime ?? '');
    expect(waited).to.be.within(durations.leaseDurationMs, durations.leaseDurationMs + 3_000);
    expect(leaseTransitions).to.equal(1);
  });

  it('does not let a leader that was paused believe, when it goes on, that it still leads', async () => {
    const { child, said } = startChild(steady);
    await eventually(() => said.includes('leading'), 'the other process leads');
    const standby = start('b', steady);
    child.kill('SIGSTOP');
    await eventually(() => standby.elector.leading, 'the standby leads', 60_000);
    expect(said).to.deep.equal(['following', 'leading']);
    child.kill('SIGCONT');
    await eventually(() => said.length > 2, 'the other process says something');
    expect(said).to.deep.equal(['following', 'leading', 'following']);
    const renewals = () => standby.requests.filter(({ verb }) => verb === 'update').length;
    const before = renewals();
    await eventually(() => renewals() > before + 5, 'the new leader renews');
    expect([standby.events, said.length]).to.deep.equal([['started'], 3]);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).to.deep.equal([0, null]);
  });

  it('does not lead after an event loop that stood still, before any timer has run', async () => {
    const one = await startLeader('a');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durations.renewDeadlineMs);
    expect([one.elector.leading, one.events]).to.deep.equal([false, ['started']]);
    await eventually(() => one.elector.leading, 'it leads again');
    expect(one.events).to.deep.equal(['started', 'expired', 'started']);
  });

  it('stops at its next renewal when the Lease was stolen, and has it back when the thief is silent', async () => {
    const one = await startLeader('a');
    const since = systemClock.monotonic();
    await write({ holderIdentity: 'thief' });
    await eventually(() => one.events.length > 1, 'it stops');
    expect(one.events).to.deep.equal(['started', 'lost']);
    expect([one.elector.leading, one.elector.holder]).to.deep.equal([false, 'thief']);
    expect(await untilLeading(one, since)).to.be.above(durations.leaseDurationMs);
    expect((await read()).spec).to.deep.include({ leaseTransitions: 1 });
  });

  it('puts back a Lease that was deleted, under the eyes of a standby', async () => {
    const leader = await startLeader('a', steady);
    const standby = start('b', steady);
    await eventually(() => standby.elector.holder === leader.elector.identity, 'the standby sees the leader');
    const { metadata, spec } = await read();
    expect(await cluster().request('DELETE', path)).to.include({ status: 200 });
    await eventually(async () => (await cluster().request('GET', path)).status === 200, 'it is back');
    const again = await read();
    expect(again.metadata.uid).to.not.equal(metadata.uid);
    expect(again.spec).to.deep.equal({ ...spec, renewTime: again.spec.renewTime });
    // By a create: an update without the uid would have made it too, unasked.
    expect(leader.requests.map(({ verb, code }) => `${verb} ${code}`)).to.include.members([
      'update 409',
      'get 404',
      'create 201',
    ]);
    expect([leader.events, standby.events]).to.deep.equal([['started'], []]);
  });

  it('stays in office when others label the Lease, and keeps the label', async () => {
    const one = await startLeader('a', steady);
    const label = { metadata: { labels: { team: 'x' } } };
    await cluster().request('PATCH', path, label, { contentType: 'application/merge-patch+json' });
    one.requests.length = 0;
    await eventually(
      () => one.requests.filter(({ code }) => code === '200').length > 4,
      'it renews some times',
    );
    expect(one.events).to.deep.equal(['started']);
    expect((await read()).metadata).to.deep.include({ labels: { team: 'x' } });
  });

  it('names the right that is missing, and leads when it was given', async () => {
    const one = start('a', durations, cluster().kubeconfigFor('watcher'));
    const problem = () => one.elector.problem?.message;
    const home = `in namespace "${namespace}" is missing`;
    const lease = 'leases.coordination.k8s.io';
    await eventually(() => problem() !== undefined, 'there is a problem');
    expect(problem()).to.equal(`the right to get ${lease} "plumbline" ${home}`);
    await grant(namespace, [{ verbs: ['get'], resourceNames: ['plumbline'] }]);
    await eventually(() => problem() === `the right to create ${lease} ${home}`, 'the next is missing');
    await grant(namespace, [
      { verbs: ['get', 'update'], resourceNames: ['plumbline'] },
      { verbs: ['create'] },
    ]);
    await eventually(() => one.elector.leading, 'it leads');
    expect(problem()).to.equal(undefined);
    await eventually(() => one.requests.filter(({ verb }) => verb === 'update').length > 1, 'it renews');
    expect(one.elector.leading).to.equal(true);
  });

  /** Gives the user `watcher` these rights on Leases, and no others. */
  async function grant(home: string, rules: readonly object[]): Promise<void> {
    const apiGroup = 'rbac.authorization.k8s.io';
    const common = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
    const objects = {
      roles: { kind: 'Role', rules: rules.map((rule) => ({ ...common, ...rule })) },
      rolebindings: {
        kind: 'RoleBinding',
        roleRef: { apiGroup, kind: 'Role', name: 'elect' },
        subjects: [{ apiGroup, kind: 'User', name: 'watcher' }],
      },
    };
    for (const [plural, object] of Object.entries(objects)) {
      const at = `/apis/${apiGroup}/v1/namespaces/${home}/${plural}/elect?fieldManager=test&force=true`;
      const body = { apiVersion: `${apiGroup}/v1`, metadata: { name: 'elect' }, ...object };
      const { status } = await cluster().request('PATCH', at, body, {
        contentType: 'application/apply-patch+yaml',
      });
      expect(status).to.be.oneOf([200, 201]);
    }
  }
});
