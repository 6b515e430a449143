import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { FaultProxy } from '../test/support/fault-proxy.ts';
import { type Cluster, clusterHelp, clusterOptions, forgetReports, withCluster } from './cluster.ts';
import { faultPlan } from './fault-plan.ts';
import { differences, listReports } from './held-reports.ts';
import { type Holding, holding, judgeGrowth } from './leak.ts';
import { openFiles, residentMemory } from './machine.ts';
import { OperatorProcess } from './operator-process.ts';
import { churn, listPods } from './pod-churn.ts';
import { progress } from './progress.ts';
import { settled } from './settle.ts';

const { values } = parseArgs({
  options: {
    ...clusterOptions,
    pods: { type: 'string', default: '5000' },
    namespaces: { type: 'string', default: '50' },
    minutes: { type: 'string', default: '4' },
    rate: { type: 'string', default: '50' },
    pause: { type: 'string', default: '4' },
  },
});

/** Milliseconds. A report that was refused for a while is tried again after as long a while. */
const [quiet, settleLimit] = [30_000, 300_000];

/** Churn and faults for some minutes; then what it holds must not have grown, and every report must be right. */
async function measure(cluster: Cluster): Promise<void> {
  const { plane, entry, folder } = cluster;
  const proxy = await FaultProxy.start(plane);
  const log = join(folder, 'operator.log');
  const kubeconfig = proxy.kubeconfig(plane.kubeconfigPath);
  const operator = new OperatorProcess({ entry, kubeconfig, log, probe: true });
  try {
    progress('first sync');
    await operator.logged('every namespace was judged');
    await settled(operator, 5_000, settleLimit);
    const samples = await Promise.race([stress(cluster, proxy, operator), operator.untilItDies()]);
    progress('the faults are over; waiting for quiet');
    proxy.restore();
    await allThere(cluster);
    await settled(operator, quiet, settleLimit);
    await tell(operator);
    const found = await listReports(plane);
    await operator.stop();
    const { text, leaks } = judgeGrowth(samples);
    console.log(`\n${text}\n`);
    progress('judging everything anew');
    const wrong = differences(found, await judgeAnew(cluster));
    verdict(found.size, wrong, leaks);
  } finally {
    await operator.stop();
    await proxy.close();
  }
}

async function stress(
  { plane, namespaces }: Cluster,
  proxy: FaultProxy,
  operator: OperatorProcess,
): Promise<Holding[]> {
  const began = performance.now();
  const over = () => performance.now() - began >= Number(values.minutes) * 60_000;
  const stop = new AbortController();
  // A few namespaces, whose specifications soon have taken every form: what is held must not grow for that reason.
  const pods = await listPods(plane, namespaces.slice(0, 10));
  const hot = await listPods(plane, namespaces.slice(0, 2));
  const churning = churn(plane, { rate: Number(values.rate), pods, hot, signal: stop.signal });
  const samples: Holding[] = [];
  try {
    for (let step = 0; !over(); step++) {
      const fault = faultPlan[step % faultPlan.length];
      progress(fault?.name ?? '');
      await fault?.run(plane, proxy);
      await sleep(Number(values.pause) * 1000);
      const { pid } = operator;
      const at = (performance.now() - began) / 1000;
      samples.push(holding(at, await operator.sample(), residentMemory(pid), openFiles(pid).sockets));
    }
  } finally {
    stop.abort();
    const { sent, failed } = await churning;
    console.log(`${sent} changes, ${failed} of them refused or lost; ${samples.length} faults`);
  }
  return samples;
}

/** They went with their definition, and the server may refuse for a while to make any. @throws when some stay away */
async function allThere({ plane, namespaces }: Cluster): Promise<void> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  for (;;) {
    const found = await listReports(plane).catch(() => new Map<string, unknown>());
    const missing = namespaces.filter((name) => !found.has(`${name}/reference-design`));
    if (missing.length === 0)
      return progress(`every report was there ${seconds().toFixed(1)} s after the last fault`);
    if (seconds() * 1000 > settleLimit) throw new Error(`no reports in ${missing.join(', ')}`);
    await sleep(500);
  }
}

async function tell(operator: OperatorProcess): Promise<void> {
  const metrics = await operator.metrics();
  const show = (name: string, label: string) =>
    [...metrics.by(name, label)].map(([value, count]) => `${value} ${count}`).join(', ');
  console.log(`watches that ended: ${show('plumbline_watch_restarts_total', 'reason')}`);
  console.log(`answers: ${show('plumbline_api_requests_total', 'code')}`);
  console.log(`reconciles: ${show('plumbline_reconcile_total', 'result')}`);
}

/** By an operator that has seen nothing of all that. */
async function judgeAnew({ plane, namespaces, entry, folder }: Cluster): Promise<Map<string, unknown>> {
  await forgetReports(plane, namespaces);
  const log = join(folder, 'fresh.log');
  const operator = new OperatorProcess({ entry, kubeconfig: plane.kubeconfigPath, log });
  try {
    await operator.logged('every namespace was judged');
    await settled(operator, 12_000, settleLimit);
    return await listReports(plane);
  } finally {
    await operator.stop();
  }
}

function verdict(reports: number, wrong: readonly string[], leaks: readonly string[]): void {
  for (const line of wrong.slice(0, 10)) console.log(`differs: ${line}`);
  for (const line of leaks) console.log(`leak: ${line}`);
  const well = wrong.length === 0 && leaks.length === 0 && reports > 0;
  console.log(
    well
      ? `well: all ${reports} reports are what a fresh operator says, and nothing grows`
      : `NOT WELL: ${wrong.length} of ${reports} reports differ, ${leaks.length} things grow`,
  );
  if (!well) process.exitCode = 1;
}

if (values.help) {
  console.log(
    `npm run bench soak -- [OPTIONS]\n\n${clusterHelp.replace('20000', '5000').replace('200)', '50)')}` +
      '  --minutes N       of churn and faults (4)\n' +
      '  --rate N          changes of pods a second (50)\n' +
      '  --pause SECONDS   between two faults (4)',
  );
} else {
  await withCluster(
    { pods: Number(values.pods), namespaces: Number(values.namespaces), data: values.data },
    measure,
  );
}
