import { expect } from 'chai';
import { JumpClock } from '../operator/jump-clock.ts';
import { FaultWorld, useFaultCluster } from '../support/fault-world.ts';

const watches = { verb: 'watch' };

describe('the operator and its line to the API server', function () {
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

  const cuts = { 'with an RST': 'reset', 'without one': 'close' } as const;
  for (const [title, by] of Object.entries(cuts)) {
    it(`sees all that happened while every watch was cut ${title}, a name given to another object too`, async () => {
      const relists = await world.metric('plumbline_watch_relists_total');
      const gap = world.proxy.fault(watches, { do: 'hold' });
      expect(world.proxy.cut(watches, by)).to.be.greaterThan(20);
      await world.sawRestart('cut', 'pods');
      await world.stir();
      gap.lift();
      await world.check();
      expect(await world.metric('plumbline_watch_relists_total'), 'it resumes').to.equal(relists);
    });
  }

  const ends = { 'by an RST': 'reset', 'by its end': 'end' } as const;
  for (const [title, by] of Object.entries(ends)) {
    it(`takes no half of a frame for a whole one, nor loses it, when a watch breaks in it ${title}`, async () => {
      const restarts = await world.metric('plumbline_watch_restarts_total', 'reason="cut"');
      const half = world.proxy.fault(watches, { do: 'cut-frame', frame: 0, by });
      expect(world.proxy.end(watches)).to.be.greaterThan(20);
      await world.until(() => world.proxy.open(watches) > 20, 'all watch again');
      await world.stir();
      await world.sawRestart('cut', undefined, restarts + 5);
      half.lift();
      await world.check();
    });
  }

  it('begins a list again that breaks in the middle of an object, and takes nothing for gone by it', async () => {
    const lists = { ...watches, test: ({ path }: { path: string }) => path.includes('sendInitialEvents') };
    const half = world.proxy.fault(lists, { do: 'cut', afterBytes: 1_500 }, 10);
    world.proxy.inject({ resource: ['pods', 'deployments.apps', 'namespaces'] }, expired);
    await world.until(() => half.hits > 2, 'lists break');
    expect(world.running.operator.state.pods.store.size).to.be.greaterThan(0);
    await world.stir();
    half.lift();
    await world.check();
  });

  it('notices a black hole, and goes on when it is over', async () => {
    const hole = world.proxy.fault({}, { do: 'hold' });
    expect(world.proxy.hold()).to.be.greaterThan(20);
    await world.stir();
    clock.jump(90_001);
    await world.sawRestart('idle', 'pods');
    hole.lift();
    world.proxy.resume();
    await world.check();
  });
});

const expired = JSON.stringify({
  type: 'ERROR',
  object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 1 (2)' },
});
