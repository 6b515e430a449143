import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { FaultProxy } from '../test/support/fault-proxy.ts';
import type { ControlPlane } from '../tools/control-plane/control-plane.ts';
import { type Cluster, clusterHelp, clusterOptions, withCluster } from './cluster.ts';
import { compact } from './etcd.ts';
import { OperatorProcess } from './operator-process.ts';
import type { ProbeSample, Slow } from './probe.ts';
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

interface Phase {
  readonly what: string;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly sample: ProbeSample;
  /** Most bytes resident up to then, what the probe itself takes with it. */
  readonly memory: number;
}

/** Milliseconds without work that mean that all is done, and after which that is waited for no longer. */
const [quiet, limit] = [4_000, 600_000];

/** What blocks the operator's event loop while it reads everything: at first, again after a compaction, and by pages. */
async function measure(cluster: Cluster): Promise<void> {
  const phases: Phase[] = [];
  for (let round = 1; round <= Number(values.rounds); round++) {
    progress(`round ${round}: WatchList`);
    // Without a proxy in between: how fast bytes come decides how many are read in one turn.
    phases.push(...(await runOnce(cluster, cluster.plane.kubeconfigPath, 'WatchList')));
    progress(`round ${round}: pages`);
    phases.push(...(await runByPages(cluster)));
  }
  const header = ['longest block', 'but for others', 'most work in one', 'longest GC'].map(
    (name) => `${name} ms`,
  );
  console.log(table([['', 'seconds', ...header, 'peak MB'], ...phases.map(describe)]));
}

function describe({ what, from, to, sample, memory }: Phase): string[] {
  // One that reaches over the end of a phase counts for both.
  const within = ({ at, wall }: Slow) => at > from && at - wall < to;
  const most = (list: readonly Slow[], of: (one: Slow) => number) =>
    Math.max(0, ...list.filter(within).map(of)).toFixed(0);
  return [
    what,
    ((to - from) / 1000).toFixed(1),
    most(sample.turns, ({ wall }) => wall),
    // The API server and etcd have the same processors, and most to do just then.
    most(sample.turns, ({ wall, queued }) => wall - queued),
    most(sample.turns, ({ work }) => work),
    most(sample.pauses, ({ wall }) => wall),
    (memory / 1e6).toFixed(0),
  ];
}

/** A proxy refuses WatchList as a server does that has none; a page is read whole before it is parsed. */
async function runByPages(cluster: Cluster): Promise<Phase[]> {
  const proxy = await FaultProxy.start(cluster.plane);
  try {
    const test = ({ path }: { path: string }) => path.includes('sendInitialEvents=true');
    proxy.fault({ verb: 'watch', test }, { do: 'answer', status: 422 });
    return await runOnce(cluster, proxy.kubeconfig(cluster.plane.kubeconfigPath), 'pages');
  } finally {
    await proxy.close();
  }
}

async function runOnce(cluster: Cluster, kubeconfig: string, by: string): Promise<Phase[]> {
  const { plane, entry, folder } = cluster;
  const log = join(folder, 'operator.log');
  const operator = new OperatorProcess({ entry, kubeconfig, log, probe: true });
  try {
    const listening = await operator.timeOf('listening');
    const ready = await operator.timeOf('ready');
    const judged = await operator.timeOf('every namespace was judged');
    const { memory } = operator.usage();
    const first = { sample: await operator.sample(), memory };
    await settled(operator, quiet, limit);
    await operator.sample();
    const began = Date.now();
    await expireAllWatches(plane);
    await relisted(operator);
    const again = { memory: operator.usage().memory, sample: await operator.sample() };
    return [
      {
        ...first,
        what: `first sync until ready, ${by}`,
        from: turnAfter(first.sample, listening),
        to: ready,
      },
      { ...first, what: `from ready until all were judged, ${by}`, from: ready, to: judged },
      { ...again, what: `relist after a compaction, ${by}`, from: began, to: Date.now() },
    ];
  } finally {
    await operator.stop();
  }
}

/** The turn in which the program began to listen is the one that loaded it. */
function turnAfter({ turns }: ProbeSample, moment: number): number {
  return turns.find(({ at, wall }) => at > moment && at - wall < moment)?.at ?? moment;
}

/** Behind a compaction and before a server whose cache begins after it, every watch gets 410 and lists anew. */
async function expireAllWatches(plane: ControlPlane): Promise<void> {
  for (let change = 0; change < 10; change++) {
    const metadata = { labels: { change: `${Date.now()}-${change}` } };
    const contentType = 'application/merge-patch+json';
    await plane.request('PATCH', '/api/v1/namespaces/default', { metadata }, { contentType });
  }
  await plane.stopApiServer();
  await compact(plane);
  await plane.startApiServer();
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
