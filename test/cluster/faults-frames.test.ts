import { expect } from 'chai';
import { JumpClock } from '../operator/jump-clock.ts';
import { FaultWorld, useFaultCluster } from '../support/fault-world.ts';

const pods = { verb: 'watch', resource: 'pods' };

interface Frame {
  type: string;
  object: { metadata: { resourceVersion?: string } };
}

const changed = (line: string, change: (frame: Frame) => unknown): string =>
  JSON.stringify(change(JSON.parse(line) as Frame));

/** What comes in the place of what the server said, and how the watch ends by it. */
const frames: Record<string, { readonly becomes: (line: string) => string; readonly reason: string }> = {
  'is no JSON': { becomes: (line) => line.slice(1), reason: 'bad-frame' },
  'has lost its end': { becomes: (line) => line.slice(0, -5), reason: 'bad-frame' },
  'has an object without resourceVersion': {
    becomes: (line) =>
      changed(line, (frame) => {
        delete frame.object.metadata.resourceVersion;
        return frame;
      }),
    reason: 'bad-frame',
  },
  'has an unknown type': {
    becomes: (line) => changed(line, (frame) => ({ ...frame, type: 'RENAMED' })),
    reason: 'bad-frame',
  },
  'has no object': { becomes: (line) => changed(line, ({ type }) => ({ type })), reason: 'bad-frame' },
  // 32 MiB is the bound; spaces may stand between any two parts of JSON.
  'is longer than may be kept': {
    becomes: (line) => `${line.slice(0, -1)}${' '.repeat(33 * 1024 ** 2)}}`,
    reason: 'bad-frame',
  },
  'is an error without a code': {
    becomes: () => JSON.stringify({ type: 'ERROR', object: { kind: 'Status', message: 'no idea' } }),
    reason: 'server-error',
  },
  'is an error that is no Status': {
    becomes: () => JSON.stringify({ type: 'ERROR', object: { code: 'four hundred and ten' } }),
    reason: 'server-error',
  },
  'is an error 410': {
    becomes: () => JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410 } }),
    reason: 'expired',
  },
};

describe('the operator and a frame of a watch that', function () {
  this.timeout(120_000);
  const cluster = useFaultCluster();
  let world: FaultWorld;

  before(async () => {
    world = await FaultWorld.start(cluster(), { clock: new JumpClock() });
  });
  after(() => world.stop());
  beforeEach(() => world.watchesAll());
  afterEach(() => world.proxy.restore());

  for (const [title, { becomes, reason }] of Object.entries(frames)) {
    it(`${title}: what it said is not lost, and it is counted`, async () => {
      const labels = [`reason="${reason}"`, 'resource="pods"'] as const;
      const before = await world.metric('plumbline_watch_restarts_total', ...labels);
      const rule = world.proxy.fault(
        pods,
        { do: 'rewrite', line: (line, n) => (n === 0 ? becomes(line) : line) },
        1,
      );
      expect(world.proxy.end(pods)).to.equal(1);
      await world.until(() => rule.hits === 1 && world.proxy.open(pods) === 1, 'it watches again');
      await world.stir();
      await world.sawRestart(reason, 'pods', before + 1);
      await world.check();
    });
  }
});
