import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { collectionPath } from '../src/kube/resource.ts';
import { resources } from '../src/operator/resources.ts';
import {
  type Cluster,
  clusterHelp,
  clusterOptions,
  forgetReports,
  serverOf,
  withCluster,
} from './cluster.ts';
import { measureChanges } from './change-latency.ts';
import { processorTime } from './machine.ts';
import { OperatorProcess } from './operator-process.ts';
import { progress } from './progress.ts';
import { ReportWatch } from './report-watch.ts';
import { runProcess } from './run-process.ts';
import { median, spread, table } from './statistics.ts';

const { values } = parseArgs({
  options: {
    ...clusterOptions,
    rounds: { type: 'string', default: '3' },
    changes: { type: 'string', default: '30' },
  },
});

/** Of one start: seconds, bytes. What does not apply is absent. */
interface Run {
  readonly wall: number;
  /** Until every store held its list, and until every namespace was judged once. */
  readonly ready?: number;
  readonly judged?: number;
  readonly cpu: number;
  /** Of the API server meanwhile. */
  readonly serverCpu: number;
  readonly memory: number;
  readonly bytes?: number;
  readonly writes?: number;
}

/** What the seeded cluster has something of. */
const { namespaces, pods, deployments, replicaSets, networkPolicies } = resources;
const allPaths = [namespaces, pods, deployments, replicaSets, networkPolicies].map((one) =>
  collectionPath(one),
);

/** Floors and operator take turns on one API server; the last operator stays for the changes. */
async function measure(cluster: Cluster): Promise<void> {
  const runs = { pods: [] as Run[], all: [] as Run[], protobuf: [] as Run[], operator: [] as Run[] };
  const rounds = Number(values.rounds);
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}: the floors`);
    runs.pods.push(await readFloor(cluster, [collectionPath(pods)]));
    runs.all.push(await readFloor(cluster, allPaths));
    runs.protobuf.push(await readFloor(cluster, [collectionPath(pods)], 'protobuf'));
    progress(`round ${round} of ${rounds}: the operator`);
    runs.operator.push(await runOperator(cluster, round === rounds));
  }
  print(runs);
  progress('counting specifications');
  const script = join(import.meta.dirname, 'project-pods.ts');
  const args = [script, ...serverArgs(cluster), collectionPath(pods)];
  process.stdout.write(execFileSync(process.execPath, args, { env: floorEnv(cluster) }));
}

const serverArgs = ({ plane }: Cluster) => [plane.url, join(plane.dir, 'ca.crt')];
const floorEnv = ({ plane }: Cluster) => ({
  ...process.env,
  BENCH_TOKEN: plane.adminToken,
  BENCH_OBJECTS: values.pods,
});
const serverTime = ({ plane }: Cluster) => processorTime(plane.pids['kube-apiserver'] ?? 0);

async function readFloor(cluster: Cluster, paths: readonly string[], encoding = 'json'): Promise<Run> {
  const script = join(import.meta.dirname, 'floor.ts');
  const before = serverTime(cluster);
  const args = [script, ...serverArgs(cluster), ...paths];
  const env = { ...floorEnv(cluster), BENCH_ENCODING: encoding };
  const usage = await runProcess(process.execPath, args, env);
  if (usage.exitCode !== 0) throw new Error(`the floor ended with ${usage.exitCode}`);
  return { ...usage, serverCpu: serverTime(cluster) - before };
}

async function runOperator(cluster: Cluster, isLast: boolean): Promise<Run> {
  const { plane, entry, folder } = cluster;
  await forgetReports(plane, cluster.namespaces);
  const watch = new ReportWatch(serverOf(plane));
  const before = serverTime(cluster);
  const log = join(folder, 'operator.log');
  const operator = new OperatorProcess({ entry, kubeconfig: plane.kubeconfigPath, log });
  try {
    const complete = () => cluster.namespaces.every((name) => watch.reports.has(name));
    const at = await Promise.race([watch.until(complete), operator.untilItDies()]);
    const usage = operator.usage();
    const run = {
      wall: (at - operator.started) / 1000,
      ready: await operator.secondsTo('ready'),
      judged: await operator.secondsTo('every namespace was judged'),
      ...usage,
      serverCpu: serverTime(cluster) - before,
      bytes: [...watch.reports.values()].reduce((sum, report) => sum + report.bytes, 0),
      writes: watch.writes,
    };
    if (isLast && Number(values.changes) > 0) {
      // Beyond the ten seconds in which a report is not written again.
      await sleep(12_000);
      const chosen = cluster.namespaces.slice(0, Number(values.changes));
      progress('one change at a time');
      console.log(await Promise.race([measureChanges(plane, watch, chosen), operator.untilItDies()]));
    }
    return run;
  } finally {
    await operator.stop();
    await watch.stop();
  }
}

/** A line for each figure, a column for each program: least / median / greatest of its runs. */
function print(runs: Readonly<Record<'pods' | 'all' | 'protobuf' | 'operator', readonly Run[]>>): void {
  const line = (name: string, digits: number, value: (run: Run) => number | undefined) => {
    const cell = (of: readonly Run[]) => {
      const known = of.map(value).filter((one) => one !== undefined);
      return known.length === 0 ? '' : spread(known, digits);
    };
    return [name, cell(runs.pods), cell(runs.all), cell(runs.protobuf), cell(runs.operator)];
  };
  console.log(
    table([
      [
        `rounds: ${runs.operator.length}`,
        ...['floor: all pods', 'floor: all objects', 'the names of pods in protobuf', 'plumbline run'],
      ],
      line('s until all is read', 2, ({ ready, wall }) => ready ?? wall),
      line('s until all is judged', 2, ({ judged }) => judged),
      line('s until all is written', 2, ({ ready, wall }) => (ready === undefined ? undefined : wall)),
      line('CPU s', 2, ({ cpu }) => cpu),
      line('CPU s of the API server', 2, ({ serverCpu }) => serverCpu),
      line('peak MB', 0, ({ memory }) => memory / 1e6),
      line('reports MB', 1, ({ bytes }) => bytes && bytes / 1e6),
      line('writes', 0, ({ writes }) => writes),
    ]),
  );
  const middle = (of: readonly Run[]) => median(of.map(({ ready, wall }) => ready ?? wall));
  const ratio = (floor: readonly Run[]) => (middle(runs.operator) / middle(floor)).toFixed(2);
  console.log(
    `stores filled, ratio of medians: ${ratio(runs.pods)} to reading all pods, ${ratio(runs.all)} to reading all objects, ` +
      `${ratio(runs.protobuf)} to reading the names of all pods in protobuf`,
  );
}

if (values.help) {
  console.log(
    `npm run bench sync -- [OPTIONS]\n\n${clusterHelp}` +
      '  --rounds N        starts of each, in turns (3)\n' +
      '  --changes N       single changes whose way to the report is timed in the end (30)',
  );
} else {
  await withCluster(
    { pods: Number(values.pods), namespaces: Number(values.namespaces), data: values.data },
    measure,
  );
}
