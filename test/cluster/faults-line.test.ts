import { expect } from 'chai';
import type { ControlPlane } from '../../tools/control-plane/control-plane.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import { FaultWorld, useFaultCluster } from '../support/fault-world.ts';

describe('the operator when the line to the API server', function () {
  this.timeout(90_000);
  const cluster: () => ControlPlane = useFaultCluster();
  const clock = new JumpClock();
  let world: FaultWorld;

  before(async () => {
    world = await FaultWorld.start(cluster(), { clock });
  });
  after(() => world.stop());
  afterEach(() => world.proxy.restore());

  it('is reset, sees what happened in the gap', async () => {
    const holding = world.proxy.fault({ verb: 'watch' }, { do: 'hold' });
    expect(world.proxy.cut({ verb: 'watch' })).to.be.greaterThan(20);
    await world.stir();
    holding.lift();
    await world.check();
    await world.sawRestart('cut');
  });
});
