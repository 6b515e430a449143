import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { FaultProxy } from '../test/support/fault-proxy.ts';
import { type Cluster, clusterHelp, clusterOptions, withCluster } from './cluster.ts';
import { compact } from './etcd.ts';
import { OperatorProcess } from './operator-process.ts';
import type { ProbeSample } from './probe.ts';
import { progress } from './progress.ts';
import { settled } from './settle.ts';
import { table } from './statistics.ts';

const { values } = parseArgs({
  options: {
    ...clusterOptions,
    pods: { type: 'string', default: '100000' },
    namespaces: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '2' },
  },
});

interface Block extends Pick<ProbeSample, 'longestBlock' | 'longestWork' | 'delayP99' | 'longestGc'> {
  readonly what: string;
  readonly seconds: number;
}

const watches = { verb: 'watch' };
/** Milliseconds without work that mean that all is done, and after which that is waited for no longer. */
const [quiet, limit] = [4_000, 600_000];

/** What blocks the operator's event loop while it reads everything: at first, again after a compaction, and by pages. */
async function measure(cluster: Cluster): Promise<void> {
  const proxy = await FaultProxy.start(cluster.plane);
  const blocks: Block[] = [];
  try {
    for (let round = 1; round <= Number(values.rounds); round++) {
      progress(`round ${round}: WatchList`);
      blocks.push(...(await runOnce(cluster, proxy, 'WatchList')));
      progress(`round ${round}: pages`);
      // A server that has no WatchList refuses it so.
      const refusal = { do: 'answer', status: 422 } as const;
      const test = ({ path }: { path: string }) => path.includes('sendInitialEvents=true');
      const rule = proxy.fault({ ...watches, test }, refusal);
      blocks.push(...(await runOnce(cluster, proxy, 'pages')));
      rule.lift();
    }
  } finally {
    await proxy.close();
  }
  const rows = blocks.map((block) => [
    block.what,
    block.seconds.toFixed(1),
    ...[block.longestBlock, block.longestWork, block.delayP99, block.longestGc].map((one) => one.toFixed(0)),
  ]);
  const header = ['longest block', 'its work', 'p99', 'longest GC'].map((name) => `${name} ms`);
  console.log(table([['', 'seconds', ...header], ...rows]));
}

async function runOnce(cluster: Cluster, proxy: FaultProxy, by: string): Promise<Block[]> {
  const { plane, entry, folder } = cluster;
  const kubeconfig = proxy.kubeconfig(plane.kubeconfigPath);
  const log = join(folder, 'operator.log');
  const operator = new OperatorProcess({ entry, kubeconfig, log, probe: true });
  const blocks: Block[] = [];
  const note = async (what: string, since: number) => {
    const seconds = (performance.now() - since) / 1000;
    blocks.push({ ...(await operator.sample()), what: `${what}, ${by}`, seconds });
  };
  try {
    await operator.logged('ready');
    await note('first sync until ready', operator.started);
    const [ready] = [performance.now()];
    await operator.logged('every namespace was judged');
    await note('from ready until all were judged', ready);
    await settled(operator, quiet, limit);
    await operator.sample();
    const began = performance.now();
    await expireAllWatches(cluster, proxy);
    await relisted(operator);
    await note('relist after a compaction', began);
    return blocks;
  } finally {
    await operator.stop();
  }
}

/** Cut off, behind a compaction and before a server whose cache begins after it: every watch gets 410 and lists anew. */
async function expireAllWatches({ plane }: Cluster, proxy: FaultProxy): Promise<void> {
  const down = proxy.fault({}, { do: 'reset' });
  proxy.cut();
  for (let change = 0; change < 10; change++) {
    const metadata = { labels: { change: String(change) } };
    const contentType = 'application/merge-patch+json';
    await plane.request('PATCH', '/api/v1/namespaces/default', { metadata }, { contentType });
  }
  await compact(plane);
  await plane.restartApiServer();
  down.lift();
}

async function relisted(operator: OperatorProcess): Promise<void> {
  for (;;) {
    const metrics = await operator.metrics();
    const relists = metrics.by('plumbline_watch_relists_total', 'resource').get('pods') ?? 0;
    if (relists > 0) return settled(operator, quiet, limit);
    await sleep(500);
  }
}

if (values.help) {
  console.log(
    `npm run bench relist -- [OPTIONS]\n\n${clusterHelp.replace('20000', '100000').replace('200)', '1000)')}` +
      '  --rounds N        starts, each way in turns (2)',
  );
} else {
  await withCluster(
    { pods: Number(values.pods), namespaces: Number(values.namespaces), data: values.data },
    measure,
  );
}
