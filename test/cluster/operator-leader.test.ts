import { expect } from 'chai';
import { sleep, systemClock } from '../../src/base/clock.ts';
import type { LeaseSpec } from '../../src/kube/lease-record.ts';
import { eventually } from '../kube/support.ts';
import type { Child } from '../operator/child.ts';
import {
  awaitVerdicts,
  namespaceWithPod,
  operatorKubeconfig,
  patch,
  remove,
  reportOf,
  useOperatorCluster,
  verdictsOf,
} from '../operator/live.ts';
import {
  leadersOf,
  leasePath,
  reads,
  Replicas,
  shortLease,
  steadyLease,
  within,
  writes,
} from '../operator/replicas.ts';
import { applyManifests } from '../support/cluster.ts';
import { expectReportsEqualFreshOnes } from '../support/consistency.ts';
import { removeDefinitions, trivyDefinitions } from '../support/definitions.ts';

const level = 'pod-security.kubernetes.io/enforce';

describe('several replicas of the operator', function () {
  this.timeout(240_000);
  const cluster = useOperatorCluster('consistency-tests');
  const replicas = new Replicas(cluster);
  let namespace = '';

  before(async () => {
    // With a scanner, whose settings a leader would have to wait for if it had not read them beforehand.
    await applyManifests(cluster(), ['examples/trivy/crds.yaml']);
  });
  after(() => removeDefinitions(cluster(), ...trivyDefinitions));
  beforeEach(async () => {
    namespace = await namespaceWithPod(cluster(), 'led');
  });
  afterEach(() => replicas.stop());

  /** Changes what RD-2.2.1 is judged by. */
  const enforce = (value: string | null, of = namespace) =>
    patch(cluster(), `/api/v1/namespaces/${of}`, { metadata: { labels: { [level]: value } } });
  const shows = async (verdict: string, of = namespace) =>
    verdictsOf(await reportOf(cluster(), of))['RD-2.2.1'] === verdict;
  const holder = async () => {
    const { body } = await cluster().request('GET', leasePath);
    return (body as { spec?: LeaseSpec }).spec?.holderIdentity;
  };
  const verdictSeries = async (replica: Child) => {
    const { text } = await replica.get('/metrics');
    return text.split('\n').filter((line) => line.startsWith('plumbline_control_status{')).length;
  };
  /** Of every namespace. Nobody sees into the stores of another process. */
  const check = () => expectReportsEqualFreshOnes(cluster(), { clock: systemClock });
  const written = async (replica: Child) =>
    (await writes(replica, 'compliancereports')) +
    (await writes(replica, 'compliancesummaries')) +
    (await writes(replica, 'complianceprofiles'));

  it('are one that works and one that takes over, without reading anew, when the first is killed: as shipped', async () => {
    const first = await replicas.start();
    await first.logged('every namespace was judged');
    const second = await replicas.start();
    expect(await leadersOf([first, second])).to.deep.equal([first]);
    await second.logged('another replica leads');
    const ready = await second.get('/readyz');
    expect(ready).to.deep.equal({ status: 200, text: `ok\nleader: ${await holder()}\n` });
    expect((await first.get('/readyz')).text).to.equal(`ok\nleader: ${await holder()} (this replica)\n`);
    await enforce('restricted');
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Pass' });
    expect(await written(second)).to.equal(0);
    expect([await verdictSeries(first), await verdictSeries(second)].map((count) => count > 0)).to.deep.equal(
      [true, false],
    );
    const before = await reads(second);
    await replicas.kill(first);
    const killedAt = systemClock.monotonic();
    await enforce(null);
    await within(60_000, async () => shows('Fail'));
    const took = systemClock.monotonic() - killedAt;
    expect(took, 'not before the lease is over: its holder might live').to.be.above(10_000);
    expect(await leadersOf([second])).to.deep.equal([second]);
    await second.logged('every namespace was judged');
    expect(await reads(second)).to.equal(before);
    expect(await verdictSeries(second)).to.be.above(0);
    await check();
  });

  it('elect one of those that are left, when there were three', async () => {
    const [first, ...others] = await replicas.startAll(3);
    await enforce('restricted');
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Pass' });
    const before = await Promise.all(others.map(reads));
    await replicas.kill(first);
    await enforce(null);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Fail' });
    const leader = await replicas.leader();
    const idle = others.filter((each) => each !== leader);
    expect(idle).to.have.length(1);
    expect(await Promise.all(others.map(reads))).to.deep.equal(before);
    expect(await written(idle[0] as Child)).to.equal(0);
    await check();
  });

  it('hand over at once when the leader is told to end, in the midst of its work', async () => {
    // The times as they ship: a standby looks every two seconds, and waits fifteen for a leader who only fell silent.
    const [first, second] = (await replicas.startAll(2, {})) as [Child, Child];
    const made = await Promise.all(Array.from({ length: 12 }, () => namespaceWithPod(cluster(), 'midst')));
    replicas.forget(first);
    const ended = first.terminate();
    const took = await within(20_000, async () => (await leadersOf([second])).length === 1);
    const { code } = await ended;
    expect(code).to.equal(0);
    // Far less than the fifteen seconds, on a machine under load too.
    expect(took).to.be.below(10_000);
    expect(first.log.filter(({ level: each }) => each === 'error')).to.deep.equal([]);
    for (const each of made) await awaitVerdicts(cluster(), each, { 'RD-2.2.16': 'Fail' });
    await check();
  });

  for (const count of [2, 3])
    it(`stop to work when somebody takes the Lease away from ${count} of them, and go on when he is silent`, async () => {
      const [first, ...others] = await replicas.startAll(count, steadyLease);
      await first.logged('every namespace was judged');
      await patch(cluster(), leasePath, { spec: { holderIdentity: 'thief' } });
      await first.logged('no longer leading');
      expect(await leadersOf([first, ...others])).to.deep.equal([]);
      expect(await verdictSeries(first)).to.equal(0);
      await enforce('restricted');
      await sleep(systemClock, 1_000);
      expect(await shows('Fail'), 'nobody leads, so nobody writes').to.equal(true);
      expect((await first.get('/readyz')).text).to.equal('ok\nleader: thief\n');
      await within(60_000, () => shows('Pass'));
      const leader = await replicas.leader();
      for (const idle of [first, ...others].filter((each) => each !== leader))
        expect(await verdictSeries(idle)).to.equal(0);
      await check();
    });

  it('keep their leader when somebody deletes the Lease', async () => {
    // The times as they ship.
    const [first, second] = (await replicas.startAll(2, {})) as [Child, Child];
    // One that has not looked yet would find no Lease, nor know that there was one, and make its own.
    await second.logged('another replica leads');
    const before = await holder();
    await remove(cluster(), leasePath);
    await eventually(async () => (await holder()) === before, `${before} has put it back`);
    await enforce('restricted');
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Pass' });
    expect(await leadersOf([first, second])).to.deep.equal([first]);
    expect(first.log.filter(({ message }) => message === 'leading')).to.have.length(1);
    await check();
  });

  it('say once, and in /readyz, which right to the Lease is missing', async () => {
    const home = { PLUMBLINE_LEASE_NAMESPACE: 'default' };
    const kubeconfig = await operatorKubeconfig(cluster());
    const replica = replicas.launch(kubeconfig, { lease: shortLease, write: 100 }, home);
    const problem =
      'the right to get leases.coordination.k8s.io "plumbline" in namespace "default" is missing';
    await eventually(async () => (await replica.get('/readyz')).text.includes(problem), problem, 60_000);
    expect((await replica.get('/readyz')).status).to.equal(503);
    const gets = () => replica.metric('plumbline_api_requests_total', 'resource="leases', 'code="403"');
    await eventually(async () => (await gets()) >= 4, 'it tries on');
    const errors = replica.log.filter(({ level: each }) => each === 'error');
    expect(errors).to.have.length(1);
    expect(errors[0]).to.deep.include({
      message: 'the Lease of the leader cannot be had',
      namespace: 'default',
      name: 'plumbline',
    });
    expect(errors[0]).to.have.nested.property('error.message', problem);
    expect(await written(replica)).to.equal(0);
  });
});
