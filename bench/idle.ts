import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Cluster, clusterHelp, clusterOptions, serverOf, withCluster } from './cluster.ts';
import type { Exposition } from './exposition.ts';
import { residentMemory } from './machine.ts';
import { OperatorProcess } from './operator-process.ts';
import { progress } from './progress.ts';
import { ReportWatch } from './report-watch.ts';
import { table } from './statistics.ts';

const { values } = parseArgs({
  options: { ...clusterOptions, minutes: { type: 'string', default: '10' } },
});

/** What the operator does in real minutes in which nothing happens. */
async function measure({ plane, entry, folder }: Cluster): Promise<void> {
  const watch = new ReportWatch(serverOf(plane));
  const log = join(folder, 'operator.log');
  const operator = new OperatorProcess({ entry, kubeconfig: plane.kubeconfigPath, log });
  try {
    progress('first sync');
    await operator.logged('every namespace was judged');
    // Beyond the ten seconds in which a report is not written again.
    await sleep(15_000);
    const [writes, { cpu }] = [watch.writes, operator.usage()];
    const before = await operator.metrics();
    for (let minute = 1; minute <= Number(values.minutes); minute++) {
      await Promise.race([sleep(60_000), operator.untilItDies()]);
      progress(`minute ${minute}: ${(residentMemory(operator.pid) / 1e6).toFixed(0)} MB resident`);
    }
    const usage = operator.usage();
    const after = await operator.metrics();
    console.log(
      `in ${values.minutes} minutes: ${watch.writes - writes} reports written, ` +
        `${(usage.cpu - cpu).toFixed(2)} CPU s, ${(residentMemory(operator.pid) / 1e6).toFixed(0)} MB resident, ` +
        `peak ${(usage.memory / 1e6).toFixed(0)} MB, ` +
        `${after.sum('plumbline_reconcile_total') - before.sum('plumbline_reconcile_total')} reconciles\n`,
    );
    printRequests(before, after);
  } finally {
    await operator.stop();
    await watch.stop();
  }
}

function printRequests(before: Exposition, after: Exposition): void {
  const name = 'plumbline_api_requests_total';
  const rows = [...after.by(name, 'verb').keys()].flatMap((verb) => {
    const sum = (of: Exposition, ...labels: string[]) => of.sum(name, `verb="${verb}"`, ...labels);
    const count = sum(after) - sum(before);
    const reports = 'resource="compliancereports.plumbline.dev';
    const own = sum(after, reports) - sum(before, reports);
    return count === 0 ? [] : [[verb, String(count), String(own)]];
  });
  console.log(table([['verb', 'requests', 'of them for reports'], ...rows]));
}

if (values.help) {
  console.log(
    `npm run bench idle -- [OPTIONS]\n\n${clusterHelp}  --minutes N       so long, after the first sync (10)`,
  );
} else {
  await withCluster(
    { pods: Number(values.pods), namespaces: Number(values.namespaces), data: values.data },
    measure,
  );
}
