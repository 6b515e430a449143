import { expect } from 'chai';
import type { ControlPlane } from '../../tools/control-plane/control-plane.ts';
import { startControlPlane } from '../../tools/control-plane/control-plane.ts';
import { eventually } from '../kube/support.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import { barePod, post } from '../operator/live.ts';
import { within } from '../operator/replicas.ts';
import { backUp, revisionOf } from '../support/etcd.ts';
import { FaultWorld, pathsOf, prepare } from '../support/fault-world.ts';

const summaryPath = '/apis/plumbline.dev/v1alpha1/compliancesummaries/reference-design';

interface Versioned {
  readonly metadata: { readonly resourceVersion: string };
}

/** By writes that no report cares about. */
async function raiseRevision(cluster: ControlPlane, above: number): Promise<void> {
  const { metadata } = (await post(cluster, '/api/v1/namespaces/default/configmaps', {
    metadata: { generateName: 'raise-' },
  })) as { metadata: { name: string } };
  const path = `/api/v1/namespaces/default/configmaps/${metadata.name}`;
  for (let n = 0; (await revisionOf(cluster)) <= above; n++)
    await cluster.request('PUT', path, { metadata: { name: metadata.name }, data: { n: String(n) } });
}

describe('the operator and an API server restored from a backup', function () {
  this.timeout(180_000);
  let cluster: ControlPlane;
  let restore: () => Promise<void>;
  let world: FaultWorld;
  let clock: JumpClock;
  /** Of the summary in the copy. */
  let copied: string;

  before(async () => {
    cluster = await startControlPlane({});
    await prepare(cluster);
    clock = new JumpClock();
    world = await FaultWorld.start(cluster, { clock, intervals: { write: 100, heartbeat: 2_000 } });
    await eventually(async () => (await summary()).status === 200, 'a summary is there');
    // Nobody writes meanwhile.
    await world.proxy.down();
    restore = await backUp(cluster);
    copied = ((await summary()).body as Versioned).metadata.resourceVersion;
    await world.proxy.up();
    await world.check();
  });
  after(async () => {
    await world.stop();
    await cluster.stop();
  });
  beforeEach(() => {
    logged = world.running.log.length;
  });
  afterEach(() => world.proxy.restore());

  const summary = () => cluster.request('GET', summaryPath);
  /** The copy is older than that: a beat is all that is written while no verdict changes, and meets what was restored. */
  const beaten = () =>
    eventually(
      async () => ((await summary()).body as Versioned).metadata.resourceVersion !== copied,
      'there was a beat since the copy was put back',
    );

  let logged = 0;
  const said = () =>
    world
      .said('warn', logged)
      .filter((message) => message === 'the API server was restored from a backup; everything is read again')
      .length;

  it('sees that versions went backwards, and believes nothing it knew', async () => {
    await world.stir();
    await world.check();
    await world.proxy.down();
    await restore();
    await world.proxy.up();
    await world.check();
    expect(said(), 'times that it is told').to.equal(1);
  });

  // A load balancer answers in the place of servers that are away, so that nobody is ever out of reach.
  const outages: Record<string, { begin: () => unknown; end: () => unknown }> = {
    'the server was out of reach': { begin: () => world.proxy.down(), end: () => world.proxy.up() },
    'something else answered in its place': {
      begin: () => {
        world.proxy.fault({}, { do: 'answer', status: 503 });
        world.proxy.cut();
      },
      end: () => world.proxy.restore(),
    },
  };
  for (const [title, { begin, end }] of Object.entries(outages)) {
    it(`is not deceived when versions have passed those it had seen while ${title}`, async () => {
      await world.stir();
      await beaten();
      await world.check();
      const seen = await revisionOf(cluster);
      await begin();
      await restore();
      await post(cluster, pathsOf(world.namespace).pods, barePod('between'));
      await raiseRevision(cluster, seen);
      await end();
      // A leader that was away so long may have to wait for its own Lease before it writes, and meets it.
      await within(60_000, async () => said() > 0);
      await world.check();
      expect(said(), 'times that it is told').to.equal(1);
    });
  }
});
