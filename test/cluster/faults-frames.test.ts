import { expect } from 'chai';
import { JumpClock } from '../operator/jump-clock.ts';
import { FaultWorld, useFaultCluster } from '../support/fault-world.ts';
import type { Fields } from '../support/protobuf.ts';
import { encode, envelope, eventFrame } from '../support/protobuf.ts';

interface Frame {
  type: string;
  object: { metadata: { resourceVersion?: string } };
}

const changed = (line: Buffer, change: (frame: Frame) => unknown): Buffer =>
  Buffer.from(JSON.stringify(change(JSON.parse(line.toString()) as Frame)));

/** What comes in the place of what the server said, and how the watch ends by it. */
interface Case {
  readonly becomes: (frame: Buffer) => Buffer;
  readonly reason: string;
}

const inJson: Record<string, Case> = {
  'is no JSON': { becomes: (line) => line.subarray(1), reason: 'bad-frame' },
  'has lost its end': { becomes: (line) => line.subarray(0, -5), reason: 'bad-frame' },
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
    becomes: (line) =>
      Buffer.concat([line.subarray(0, -1), Buffer.alloc(33 * 1024 ** 2, ' '), Buffer.from('}')]),
    reason: 'bad-frame',
  },
  'is an error without a code': {
    becomes: () =>
      Buffer.from(JSON.stringify({ type: 'ERROR', object: { kind: 'Status', message: 'no idea' } })),
    reason: 'server-error',
  },
  'is an error that is no Status': {
    becomes: () => Buffer.from(JSON.stringify({ type: 'ERROR', object: { code: 'four hundred and ten' } })),
    reason: 'server-error',
  },
  'is an error 410': {
    becomes: () => Buffer.from(JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410 } })),
    reason: 'expired',
  },
};

const named: Fields = [
  [1, 'broken'],
  [3, 'default'],
  [6, '999999999'],
];
const pod = (fields: Fields): Buffer => envelope('v1', 'Pod', encode(fields));

const inProtobuf: Record<string, Case> = {
  'is no protobuf': { becomes: () => Buffer.from('no protobuf'), reason: 'bad-frame' },
  'has lost its end': { becomes: (frame) => frame.subarray(0, -5), reason: 'bad-frame' },
  'has an object in no envelope': {
    becomes: () => eventFrame('MODIFIED', encode([[1, named]])),
    reason: 'bad-frame',
  },
  'has an object without resourceVersion': {
    becomes: () => eventFrame('MODIFIED', pod([[1, named.slice(0, 2)]])),
    reason: 'bad-frame',
  },
  'has a specification that is none': {
    becomes: () => eventFrame('MODIFIED', pod([[1, named], [2, 'no protobuf']])), // prettier-ignore
    reason: 'bad-frame',
  },
  'has an unknown type': { becomes: () => eventFrame('RENAMED', pod([[1, named]])), reason: 'bad-frame' },
  'has no object': { becomes: () => encode([[1, 'MODIFIED']]), reason: 'bad-frame' },
  'is longer than may be kept': { becomes: () => Buffer.alloc(33 * 1024 ** 2), reason: 'bad-frame' },
  'is an error without a code': {
    becomes: () => eventFrame('ERROR', envelope('v1', 'Status', encode([[3, 'no idea']]))),
    reason: 'server-error',
  },
  'is an error that is no Status': { becomes: () => eventFrame('ERROR', pod([])), reason: 'server-error' },
  'is an error 410': {
    becomes: () => eventFrame('ERROR', envelope('v1', 'Status', encode([[6, 410]]))),
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

  const watched = { 'deployments.apps': ['in JSON', inJson], pods: ['in protobuf', inProtobuf] } as const;
  for (const [resource, [encoding, cases]] of Object.entries(watched)) {
    for (const [title, { becomes, reason }] of Object.entries(cases)) {
      it(`${title} ${encoding}: what it said is not lost, and it is counted`, async () => {
        const watch = { verb: 'watch', resource };
        const labels = [`reason="${reason}"`, `resource="${resource}"`] as const;
        const before = await world.metric('plumbline_watch_restarts_total', ...labels);
        const rule = world.proxy.fault(
          watch,
          { do: 'rewrite', frame: (frame, n) => (n === 0 ? becomes(frame) : frame) },
          1,
        );
        expect(world.proxy.end(watch)).to.equal(1);
        await world.until(() => rule.hits === 1 && world.proxy.open(watch) === 1, 'it watches again');
        await world.stir();
        await world.sawRestart(reason, resource, before + 1);
        await world.check();
      });
    }
  }
});
