import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { describeLatencies, measureChange, removeLatePods } from './change-latency.ts';
import { type Cluster, clusterHelp, clusterOptions, serverOf, withCluster } from './cluster.ts';
import { compact, etcdSize } from './etcd.ts';
import { OperatorProcess } from './operator-process.ts';
import { churn, type ChurnResult, listPods } from './pod-churn.ts';
import { progress } from './progress.ts';
import { ReportWatch } from './report-watch.ts';
import { percentile, table } from './statistics.ts';

const { values } = parseArgs({
  options: {
    ...clusterOptions,
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    hot: { type: 'string', default: '4' },
  },
});

/** Milliseconds between two single changes whose way is timed, and after which one is given up. */
const singleEvery = 500;
const giveUp = 30_000;
/** Beyond the ten seconds in which a report is not written again, and etcd is compacted meanwhile. */
const settle = 15_000;

interface Phase {
  readonly churned: ChurnResult;
  readonly etcd: { readonly file: number; readonly inUse: number };
}

/** Half of the namespaces are churned, a few of them hot; in the others now and then one thing changes, and its way is timed. */
async function measure(cluster: Cluster): Promise<void> {
  const { plane, namespaces, entry, folder } = cluster;
  const busy = namespaces.filter((_, index) => index % 2 === 0);
  const quiet = namespaces.filter((_, index) => index % 2 === 1);
  progress(`${values.seconds} s of churn without the operator`);
  const without = await runPhase(cluster, busy);
  const watch = new ReportWatch(serverOf(plane));
  const log = join(folder, 'operator.log');
  const operator = new OperatorProcess({ entry, kubeconfig: plane.kubeconfigPath, log });
  try {
    progress('first sync');
    await operator.logged('every namespace was judged');
    await sleep(settle);
    progress(`${values.seconds} s of churn with the operator`);
    const [writes, bytes, { cpu }] = [watch.writes, watch.bytes, operator.usage()];
    const before = await operator.metrics();
    const depths = new AbortController();
    const sampled = sampleDepth(operator, depths.signal);
    const singles = timeSingles(cluster, watch, quiet);
    const phase = await Promise.race([runPhase(cluster, busy), operator.untilItDies()]);
    depths.abort();
    const after = await operator.metrics();
    const usage = operator.usage();
    report(without, phase, { depths: await sampled, latencies: await singles });
    const reconciles = after.sum('plumbline_reconcile_total') - before.sum('plumbline_reconcile_total');
    console.log(
      `the operator: ${(usage.cpu - cpu).toFixed(1)} CPU s, peak ${(usage.memory / 1e6).toFixed(0)} MB, ` +
        `${reconciles} reconciles, ${watch.writes - writes} reports written, ${((watch.bytes - bytes) / 1e6).toFixed(1)} MB`,
    );
  } finally {
    await operator.stop();
    await watch.stop();
    await removeLatePods(plane, quiet);
  }
}

/** Both phases begin with a compacted etcd, so that neither fills the room that the other has left. */
async function runPhase({ plane }: Cluster, busy: readonly string[]): Promise<Phase> {
  const pods = await listPods(plane, busy);
  const hot = await listPods(plane, busy.slice(0, Number(values.hot)));
  await compact(plane);
  await sleep(2_000);
  const before = await etcdSize(plane);
  const signal = AbortSignal.timeout(Number(values.seconds) * 1000);
  const churned = await churn(plane, { rate: Number(values.rate), pods, hot, signal });
  const after = await etcdSize(plane);
  return { churned, etcd: { file: after.file - before.file, inUse: after.inUse - before.inUse } };
}

async function sampleDepth(operator: OperatorProcess, signal: AbortSignal): Promise<number[]> {
  const depths: number[] = [];
  while (!signal.aborted) {
    depths.push((await operator.metrics()).sum('plumbline_workqueue_depth'));
    await sleep(500);
  }
  return depths;
}

/** Each in a namespace whose last change is longer ago than the interval between two writes. */
async function timeSingles(
  { plane }: Cluster,
  watch: ReportWatch,
  quiet: readonly string[],
): Promise<number[]> {
  const seconds = Number(values.seconds);
  const least = Math.max(singleEvery, settle / quiet.length);
  const count = Math.floor((seconds * 1000 - settle / 3) / least);
  const timed: Promise<number>[] = [];
  for (let index = 0; index < count; index++) {
    const late = sleep(giveUp, giveUp);
    const single = measureChange(plane, watch, quiet[index % quiet.length] ?? '');
    const timing = Promise.race([single, late]);
    // It is awaited in the end; until then its failure is not unheard.
    timing.catch(() => undefined);
    timed.push(timing);
    await sleep(least);
  }
  return Promise.all(timed);
}

function report(
  without: Phase,
  phase: Phase,
  { depths, latencies }: { depths: readonly number[]; latencies: readonly number[] },
): void {
  const row = (name: string, { churned, etcd }: Phase) => [
    name,
    (churned.sent / churned.seconds).toFixed(0),
    String(churned.failed),
    ((etcd.inUse / 1e6 / churned.seconds) * 60).toFixed(1),
    ((etcd.file / 1e6 / churned.seconds) * 60).toFixed(1),
  ];
  const header = ['churn', 'changes/s', 'failed', 'etcd in use MB/min', 'etcd file MB/min'];
  console.log(table([header, row('without the operator', without), row('with it', phase)]));
  const third = Math.floor(depths.length / 3);
  const mean = (part: readonly number[]) =>
    (part.reduce((sum, one) => sum + one, 0) / part.length).toFixed(1);
  console.log(
    `queue depth: mean ${mean(depths.slice(0, third))} in the first third, ${mean(depths.slice(third, -third))} ` +
      `in the second, ${mean(depths.slice(-third))} in the last; most ${Math.max(...depths)}, p50 ${percentile(depths, 0.5)}`,
  );
  const lost = latencies.filter((one) => one >= giveUp).length;
  console.log(
    `from a lone change to its report, ${latencies.length} times: ${describeLatencies(latencies)}` +
      (lost > 0 ? `; ${lost} not within ${giveUp / 1000} s` : ''),
  );
}

if (values.help) {
  console.log(
    `npm run bench churn -- [OPTIONS]\n\n${clusterHelp}` +
      '  --rate N          changes of pods a second (200)\n' +
      '  --seconds N       so long, once without and once with the operator (60)\n' +
      '  --hot N           namespaces that get half of the changes (4)',
  );
} else {
  await withCluster(
    { pods: Number(values.pods), namespaces: Number(values.namespaces), data: values.data },
    measure,
  );
}
