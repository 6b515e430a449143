import { expect } from 'chai';
import type { RawObject } from '../../src/kube/frame.ts';
import { clientFor, contents, eventually, runWatcher } from '../kube/support.ts';
import { freshNamespace, useCluster } from '../support/cluster.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import { expectOk, post, remove } from '../operator/live.ts';
import { compact } from '../support/etcd.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { FaultWorld, prepare } from '../support/fault-world.ts';
import type { Seen } from '../support/fault.ts';

const configMaps = { group: '', version: 'v1', plural: 'configmaps', namespaced: true };
const versionOf = (object: RawObject) => (object['metadata'] as { resourceVersion: string }).resourceVersion;
const isPage = ({ path }: Seen) => path.includes('continue=');

const withoutHistory = {
  users: [{ name: 'compaction-tests' }],
  extraApiServerArgs: ['--watch-cache=false'],
};

// Without the watch cache the API server has no history but etcd's, as after a restart or for a version long ago.
describe('a watcher and a compaction of etcd', function () {
  this.timeout(60_000);
  const cluster = useCluster(withoutHistory);
  let proxy: FaultProxy;

  before(async () => {
    proxy = await FaultProxy.start(cluster());
  });
  after(() => proxy.close());
  afterEach(() => proxy.restore());

  async function watching(byPages: boolean) {
    const namespace = await freshNamespace(cluster(), 'compacted');
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    for (let n = 0; n < 9; n++) await post(cluster(), path, { metadata: { name: `map-${n}` } });
    const { client } = clientFor(proxy.kubeconfig(cluster().kubeconfigPath));
    if (byPages) proxy.fault({ verb: 'watch', test: isWatchList }, { do: 'answer', status: 422 });
    const running = runWatcher<string>({
      client,
      resource: configMaps,
      namespace,
      project: versionOf,
      random: () => 0.05,
      limits: { pageSize: 4 },
    });
    const change = async () => {
      await remove(cluster(), `${path}/map-1`);
      await remove(cluster(), `${path}/map-2`);
      await post(cluster(), path, { metadata: { name: 'map-2' } });
      await post(cluster(), path, { metadata: { name: 'map-new' } });
      await compact(cluster());
    };
    const settles = async () => {
      const { items } = expectOk('list', await cluster().request('GET', path)) as { items: RawObject[] };
      const truth = Object.fromEntries(
        items.map((item) => [`${namespace}/${(item['metadata'] as { name: string }).name}`, versionOf(item)]),
      );
      const same = () => JSON.stringify(sorted(contents(running.store))) === JSON.stringify(sorted(truth));
      await eventually(same, 'the store equals the server').catch(() => undefined);
      expect(contents(running.store)).to.deep.equal(truth);
    };
    const stop = async () => {
      await running.stop();
      await client.close();
    };
    return { ...running, change, settles, stop };
  }

  it('lists again when the stream says that its version is gone', async () => {
    const { watcher, events, change, settles, stop } = await watching(false);
    try {
      await eventually(() => watcher.hasSynced, 'it is synced');
      const gap = proxy.fault({ verb: 'watch' }, { do: 'hold' });
      proxy.cut({ verb: 'watch' });
      await change();
      const since = proxy.seen.length;
      gap.lift();
      await eventually(() => watcher.status.relists > 0, 'it lists again');
      await settles();
      expect(events).to.deep.include({ type: 'relist', reason: 'expired' });
      // The answer was 200: the refusal came as a frame.
      const resumed = proxy.seen.slice(since - 1).filter(({ path }) => path.includes('resourceVersion='));
      expect(resumed.map(({ code }) => code)).to.not.include(410);
    } finally {
      await stop();
    }
  });

  it('begins its pages again when the next one is gone, by HTTP 410', async () => {
    const gap = proxy.fault({ verb: 'list', test: isPage }, { do: 'hold' });
    const { watcher, events, change, settles, stop } = await watching(true);
    try {
      await eventually(() => gap.hits > 0, 'it waits for a page');
      await change();
      gap.lift();
      await eventually(() => watcher.hasSynced, 'it is synced');
      await settles();
      expect(proxy.count({ verb: 'list', test: ({ code }) => code === 410 })).to.equal(1);
      expect(events.map((event) => (event.type === 'restart' ? event.reason : event.type))).to.include(
        'expired',
      );
    } finally {
      await stop();
    }
  });
});

describe('the operator and a compaction of etcd', function () {
  this.timeout(120_000);
  const cluster = useCluster(withoutHistory);
  let world: FaultWorld;

  before(async function () {
    this.timeout(60_000);
    await prepare(cluster());
    world = await FaultWorld.start(cluster(), { clock: new JumpClock() });
  });
  after(() => world.stop());
  beforeEach(() => world.watchesAll());

  it('lists again what was compacted away while every watch was cut, and misses nothing of it', async () => {
    const watches = { verb: 'watch' };
    const relists = await world.metric('plumbline_watch_relists_total');
    const gap = world.proxy.fault(watches, { do: 'hold' });
    expect(world.proxy.cut(watches)).to.be.greaterThan(20);
    await world.sawRestart('cut', 'pods');
    await world.stir();
    await compact(cluster());
    gap.lift();
    await world.sawRestart('expired', 'pods');
    await world.sawRestart('expired', undefined, 20);
    await world.check();
    expect(await world.metric('plumbline_watch_relists_total')).to.be.greaterThan(relists);
  });
});

const isWatchList = ({ path }: Seen) => path.includes('sendInitialEvents');
const sorted = (record: Record<string, string>) =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
