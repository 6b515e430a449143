import { expect } from 'chai';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { ApiError } from '../../src/kube/errors.ts';
import { eventually } from '../kube/support.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import { patch, remove } from '../operator/live.ts';
import { applyManifests } from '../support/cluster.ts';
import { expectReportsEqualFreshOnes, expectStoresEqualServer } from '../support/consistency.ts';
import { FaultWorld, pathsOf, useFaultCluster } from '../support/fault-world.ts';
import type { Match } from '../support/fault-proxy.ts';
import type { Seen } from '../support/fault.ts';

const watches = { verb: 'watch' };
const isList = ({ path }: Seen) => path.includes('sendInitialEvents');
const longestGraceMs = 24 * 3_600_000;
const profileDefinition =
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/complianceprofiles.plumbline.dev';
const rolePath = '/apis/rbac.authorization.k8s.io/v1/clusterroles/plumbline-operator';

describe('the operator and an API server that refuses', function () {
  this.timeout(120_000);
  const cluster = useFaultCluster();
  const clock = new JumpClock();
  let world: FaultWorld;

  before(async () => {
    world = await FaultWorld.start(cluster(), { clock });
  });
  after(() => world.stop());
  beforeEach(() => world.watchesAll());
  afterEach(() => world.proxy.restore());

  const throttled: Record<string, { match: Match; provoke: () => unknown }> = {
    'a list': {
      match: { verb: 'watch', resource: 'pods', test: isList },
      provoke: () => world.proxy.inject({ resource: 'pods' }, expired),
    },
    'a watch': {
      match: { verb: 'watch', resource: 'pods' },
      provoke: () => world.proxy.end({ verb: 'watch', resource: 'pods' }),
    },
    'a creation': {
      match: { verb: 'create', resource: 'compliancereports.plumbline.dev' },
      provoke: () => undefined,
    },
    'the question what it is': {
      match: { verb: 'get', resource: 'version' },
      provoke: () => patch(cluster(), profileDefinition, { metadata: { labels: { touched: 'yes' } } }),
    },
    'the write of a status': {
      match: { verb: 'apply', resource: 'compliancereports.plumbline.dev/status' },
      provoke: () => undefined,
    },
  };
  for (const [title, { match, provoke }] of Object.entries(throttled)) {
    it(`waits as long as it is told when ${title} is throttled`, async () => {
      const rule = world.proxy.fault(match, { do: 'answer', status: 429, retryAfter: 2 }, 1);
      const logged = world.running.log.length;
      await provoke();
      await world.stir();
      await eventually(() => rule.hits === 1, 'it is throttled');
      const refused = world.proxy.seen.findLast(({ code }) => code === 429);
      const isRepeat = (one: Seen) => refused !== undefined && one.at > refused.at && isSame(one, refused);
      await eventually(() => world.proxy.seen.some(isRepeat), 'it is asked again');
      const again = world.proxy.seen.find(isRepeat);
      expect((again?.at ?? 0) - (refused?.at ?? 0)).to.be.greaterThan(1_950);
      await world.check();
      const failed = world.running.log.slice(logged).filter(({ fields }) => isThrottled(fields['error']));
      expect(failed.map(({ message }) => message)).to.deep.equal([]);
    });
  }

  it('writes no report sooner than it is told, whatever happens in the namespace meanwhile', async () => {
    const enforce = (level: string) =>
      patch(cluster(), `/api/v1/namespaces/${world.namespace}`, {
        metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } },
      });
    const match: Match = {
      verb: 'apply',
      resource: 'compliancereports.plumbline.dev/status',
      test: ({ path }) => path.includes(`/${world.namespace}/`),
    };
    const rule = world.proxy.fault(match, { do: 'answer', status: 429, retryAfter: 60 }, 1);
    const reconciles = () => world.metric('plumbline_reconcile_total');
    // None that stirring leaves behind.
    await enforce('privileged');
    await eventually(() => rule.hits === 1, 'it is throttled');
    const tried = world.proxy.count(match);
    for (const level of ['restricted', 'baseline']) {
      const before = await reconciles();
      await enforce(level);
      await eventually(async () => (await reconciles()) > before, 'it sees the change');
      // What was put off by the budget would be written now.
      await world.elapse(clock, 15_000);
    }
    expect(world.proxy.count(match)).to.equal(tried);
    await world.elapse(clock, 40_000);
    await eventually(() => world.proxy.count(match) > tried, 'it is written');
    await world.check();
  });

  it('keeps what it knows through a minute of 500s, asks seldom, tells it once and goes on', async () => {
    // A second look that is refused would be told too.
    await world.passSecondLooks(clock);
    const logged = world.running.log.length;
    const since = world.proxy.seen.length;
    world.proxy.fault({}, { do: 'answer', status: 500 });
    const cut = world.proxy.cut(watches);
    await world.stir();
    for (let second = 0; second < 60; second++) {
      clock.jump(1_000);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const asked = world.proxy.seen.slice(since).filter(({ verb }) => verb === 'watch');
    // The ceilings of the waits are 0.8, 1.6, … 25.6, 30 s: on the average eight attempts a minute.
    expect(asked.length).to.be.within(cut, cut * 14);
    const errors = world.said('error', logged).filter((message) => message !== 'a reconcile failed');
    expect(errors).to.deep.equal(['the API server cannot be worked with; trying on']);
    expect((await fetch(`${world.running.operator.metricsAddress}/readyz`)).status).to.equal(200);
    world.proxy.restore();
    await world.check();
  });

  it('shows as Forbidden the one kind that it may no longer read, and sees all of it when it may again', async () => {
    const { body } = await cluster().request('GET', rolePath);
    const { rules } = body as { rules: { resources: string[] }[] };
    const without = rules.map((rule) => ({
      ...rule,
      resources: rule.resources.filter((resource) => resource !== 'networkpolicies'),
    }));
    await patch(cluster(), rolePath, { rules: without.filter(({ resources }) => resources.length > 0) });
    const available = () => world.metric('plumbline_evidence_available', 'source="networkpolicies"');
    try {
      await eventually(async () => {
        world.proxy.end({ resource: 'networkpolicies.networking.k8s.io' });
        clock.jump(1_000);
        return (await available()) === 0;
      }, 'it is missed');
      await world.stir();
      await expectReportsEqualFreshOnes(cluster(), world.running);
    } finally {
      await patch(cluster(), rolePath, { rules });
    }
    await eventually(async () => {
      clock.jump(1_000);
      return (await available()) === 1;
    }, 'it is there again');
    await world.check();
  });

  it('makes its reports anew when their definition was away, though it was told that none may be made', async () => {
    const definition =
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/compliancereports.plumbline.dev';
    const ofReports = { ...watches, resource: 'compliancereports.plumbline.dev' };
    const report = `${pathsOf(world.namespace).reports}/reference-design`;
    // One report that must not go keeps the definition from being gone.
    const hold = (finalizers: string[] | null) => patch(cluster(), report, { metadata: { finalizers } });
    await hold(['example.com/held']);
    try {
      const before = world.proxy.seen.length;
      await remove(cluster(), definition);
      const isRefused = ({ verb, resource, code }: Seen) =>
        verb === 'create' && resource === ofReports.resource && code === 403;
      await eventually(() => world.proxy.seen.slice(before).some(isRefused), 'a report must not be made');
      // From here on no watch of the reports sees anything.
      const gap = world.proxy.fault(ofReports, { do: 'hold' });
      world.proxy.cut(ofReports);
      await world.until(() => gap.hits > 0, 'it watches again');
      await hold(null);
      await eventually(async () => (await cluster().request('GET', definition)).status === 404, 'it is gone');
      await applyManifests(cluster(), ['crds']);
      gap.lift();
    } finally {
      await applyManifests(cluster(), ['crds']);
    }
    // By its own backoff, which is not longer than it was away; what was refused for good is tried again in an hour.
    await eventually(async () => {
      clock.jump(1_000);
      const { status, body } = await cluster().request('GET', report);
      return status === 200 && (body as { status?: object }).status !== undefined;
    }, 'it is there again');
    await world.check();
  });

  it('follows kinds that are removed, installed again and filled while it runs', async () => {
    const { vulnerabilityReports } = pathsOf(world.namespace);
    const name = 'vulnerabilityreports.aquasecurity.github.io';
    const available = () => world.metric('plumbline_evidence_available', 'source="vulnerabilityreports"');
    const { body } = await cluster().request('GET', `${vulnerabilityReports}/app`);
    const { metadata, ...report } = body as { metadata: { name: string; labels: object } };
    // In a gap: else a watch would be told of each object that goes with its kind.
    const gap = world.proxy.fault({ ...watches, resource: name }, { do: 'hold' });
    expect(world.proxy.cut({ ...watches, resource: name })).to.equal(1);
    await world.until(() => gap.hits > 0, 'it watches again');
    await remove(cluster(), `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`);
    await eventually(
      async () => (await cluster().request('GET', vulnerabilityReports)).status === 404,
      'it is not served',
    );
    gap.lift();
    await eventually(async () => (await available()) === 0, 'it is gone');
    await expectStoresEqualServer(cluster(), world.running);
    await applyManifests(cluster(), ['examples/trivy/crds.yaml']);
    await eventually(async () => {
      const again = { ...report, metadata: { name: metadata.name, labels: metadata.labels } };
      const { status } = await cluster().request('POST', vulnerabilityReports, again);
      return status === 201;
    }, 'a report is taken');
    // By the definition that comes, and looks within half a minute: without it the next is five minutes away.
    for (let second = 0; second < 40 && (await available()) === 0; second++) {
      clock.jump(1_000);
      await sleep(systemClock, 200);
    }
    expect(await available(), 'it is there again').to.equal(1);
    // Until then the last results of the deleted reports stand, and whoever has just come does not know them.
    clock.jump(longestGraceMs);
    await world.check();
    expect(world.running.operator.state.vulnerabilityReports.store.size).to.equal(1);
  });
});

const isThrottled = (error: unknown) => error instanceof ApiError && error.status === 429;
const placeOf = ({ verb, path }: Seen) => `${verb} ${path.split('?')[0]}`;
const isSame = (one: Seen, other: Seen) => placeOf(one) === placeOf(other);

const expired = JSON.stringify({
  type: 'ERROR',
  object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 1 (2)' },
});
