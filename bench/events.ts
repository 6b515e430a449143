import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { settingTable } from '../src/settings.ts';
import { describeLatencies, measureChange, removeLatePods } from './change-latency.ts';
import { type Cluster, clusterOptions, serverOf, withCluster } from './cluster.ts';
import { Sender } from './intake-sender.ts';
import { OperatorProcess } from './operator-process.ts';
import { progress } from './progress.ts';
import { ReportWatch } from './report-watch.ts';
import { percentile } from './statistics.ts';

const { values } = parseArgs({
  options: {
    ...clusterOptions,
    pods: { type: 'string', default: '2000' },
    namespaces: { type: 'string', default: '60' },
    rate: { type: 'string', default: '10000' },
    batch: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '60' },
    connections: { type: 'string', default: '64' },
  },
});

/** Beyond the ten seconds in which a report is not written again. */
const settle = 12_000;

/** A third of the namespaces has events; in the others one pod is made now and then, without and then with events. */
async function measure(cluster: Cluster): Promise<void> {
  const { plane, namespaces, entry, folder } = cluster;
  const eventful = namespaces.filter((_, index) => index % 3 === 0);
  const quiet = namespaces.filter((_, index) => index % 3 !== 0);
  const store = join(folder, 'events');
  mkdirSync(store);
  const watch = new ReportWatch(serverOf(plane));
  const operator = new OperatorProcess({
    entry,
    kubeconfig: plane.kubeconfigPath,
    log: join(folder, 'operator.log'),
    environment: {
      [settingTable.intakeAddress.variable]: '127.0.0.1:0',
      [settingTable.storeFolder.variable]: store,
    },
  });
  try {
    progress('first sync');
    const { intake } = await operator.logged('listening');
    await operator.logged('every namespace was judged');
    await sleep(settle);
    const seconds = Number(values.seconds);
    progress('changes without events');
    const without = await timeChanges(cluster, watch, quiet, Math.min(20, seconds));
    await sleep(settle);
    progress(`changes while ${values.rate} events a second come`);
    const before = operator.usage();
    const sender = new Sender({
      url: String(intake),
      connections: Number(values.connections),
      seconds,
      rate: Number(values.rate),
      batch: Number(values.batch),
      namespaces: eventful,
    });
    const [sent, under] = await Promise.race([
      Promise.all([sender.run(), timeChanges(cluster, watch, quiet, seconds)]),
      operator.untilItDies(),
    ]);
    const after = operator.usage();
    await sleep(settle);
    console.log(
      `from a lone change to its report without events, ${without.length} times: ${describeLatencies(without)}`,
    );
    console.log(`and while events come, ${under.length} times: ${describeLatencies(under)}`);
    const statuses = Object.entries({ ...sent.statuses, unsent: sent.unsent }).map(
      ([status, count]) => `${count} x ${status}`,
    );
    console.log(
      `${Math.round(sent.events / sent.seconds).toLocaleString('en')} events a second, answered in p50 ${percentile(sent.latencies, 0.5).toFixed(1)} ms, ` +
        `p99 ${percentile(sent.latencies, 0.99).toFixed(1)} ms (${statuses.join(', ')}); the operator: ${((after.cpu - before.cpu) / sent.seconds).toFixed(2)} processors, peak ${(after.memory / 1e6).toFixed(0)} MB`,
    );
    const answered =
      Object.values(sent.statuses).reduce((sum, count) => sum + count, 0) * Number(values.batch);
    console.log(`in RuntimeReports: ${await countEvents(cluster)} of ${answered}`);
  } finally {
    await operator.stop();
    await watch.stop();
    await removeLatePods(plane, quiet);
  }
}

/** Each in a namespace whose report was not written for longer than the interval between two writes. */
async function timeChanges(
  { plane }: Cluster,
  watch: ReportWatch,
  quiet: readonly string[],
  seconds: number,
): Promise<readonly number[]> {
  const every = Math.max(200, settle / quiet.length);
  const timed: Promise<number>[] = [];
  for (let index = 0; index < (seconds * 1_000) / every; index++) {
    const timing = measureChange(plane, watch, quiet[index % quiet.length] ?? '');
    // It is awaited in the end; until then its failure is not unheard.
    timing.catch(() => undefined);
    timed.push(timing);
    await sleep(every);
  }
  return Promise.all(timed);
}

/** Counted or said to be dropped, in all reports. */
async function countEvents({ plane }: Cluster): Promise<number> {
  const { body } = await plane.request('GET', '/apis/plumbline.dev/v1alpha1/runtimereports');
  const { items } = body as { items: readonly { status?: { total: number; dropped: number } }[] };
  return items.reduce((sum, { status }) => sum + (status?.total ?? 0) + (status?.dropped ?? 0), 0);
}

if (values.help) {
  console.log(
    'npm run bench events -- [OPTIONS]\n\n' +
      '  --pods N          pods in the cluster, ten to a Deployment (2000)\n' +
      '  --namespaces N    they are spread over; a third of these has events (60)\n' +
      '  --data FOLDER     seed a cluster there once, and begin with a copy of it each time\n' +
      '  --rate N          events a second (10000)\n' +
      '  --batch N         events in a request: 1 as Falco sends them, more as CloudEvents (1)\n' +
      '  --seconds N       so long (60)\n' +
      '  --connections N   of the sender (64)',
  );
} else {
  await withCluster(
    { pods: Number(values.pods), namespaces: Number(values.namespaces), data: values.data },
    measure,
  );
}
