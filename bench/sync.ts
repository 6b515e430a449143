import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildBundle } from '../tools/build.ts';
import { type ControlPlane, startControlPlane } from '../tools/control-plane/control-plane.ts';
import { describeMachine, processorTime } from './machine.ts';
import { OperatorProcess } from './operator-process.ts';
import { podSpec } from './pod-template.ts';
import { Random } from './random.ts';
import { ReportWatch } from './report-watch.ts';
import { runProcess } from './run-process.ts';
import { create, seedPods } from './seed-pods.ts';
import { percentile, spread, table } from './statistics.ts';
import type { Server } from './watch.ts';

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '20000' },
    namespaces: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
    changes: { type: 'string', default: '30' },
    quiet: { type: 'string', default: '20' },
    help: { type: 'boolean', default: false },
  },
});

interface Floor {
  /** Seconds from the start of the process until it had read all, or until the last namespace had its report. */
  readonly wall: number;
  readonly cpu: number;
  /** Of the API server meanwhile. */
  readonly serverCpu: number;
  readonly memory: number;
}

interface Sync extends Floor {
  readonly bytes: number;
  readonly writes: number;
}

/** Floor and operator take turns on one API server; the last operator stays for the changes. */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-bench-'));
  const plane = await startControlPlane();
  try {
    console.log(describeMachine());
    await buildBundle(join(folder, 'dist'));
    await installKinds(plane);
    const began = performance.now();
    const namespaces = await seedPods(plane, Number(values.pods), Number(values.namespaces));
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    console.log(`${values.pods} pods in ${values.namespaces} namespaces, created in ${seconds} s\n`);
    const floors: Floor[] = [];
    const syncs: Sync[] = [];
    for (let round = 1; round <= Number(values.rounds); round++) {
      floors.push(await readFloor(plane));
      const isLast = round === Number(values.rounds);
      syncs.push(await runOperator(plane, folder, namespaces, isLast));
    }
    printSyncs(floors, syncs);
  } finally {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function installKinds(plane: ControlPlane): Promise<void> {
  const crds = join(import.meta.dirname, '..', 'crds');
  for (const args of [
    ['apply', '--server-side', '-k', crds],
    ['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'],
  ]) {
    const { code, stderr } = await plane.kubectl(args);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  }
}

async function readFloor(plane: ControlPlane): Promise<Floor> {
  const script = join(import.meta.dirname, 'floor.ts');
  const env = { ...process.env, BENCH_TOKEN: plane.adminToken, BENCH_PODS: values.pods };
  const before = serverTime(plane);
  const usage = await runProcess(process.execPath, [script, plane.url, join(plane.dir, 'ca.crt')], env);
  if (usage.exitCode !== 0) throw new Error(`the floor ended with ${usage.exitCode}`);
  return { ...usage, serverCpu: serverTime(plane) - before };
}

const serverTime = (plane: ControlPlane) => processorTime(plane.pids['kube-apiserver'] ?? 0);

async function runOperator(
  plane: ControlPlane,
  folder: string,
  namespaces: readonly string[],
  isLast: boolean,
): Promise<Sync> {
  await forgetReports(plane, namespaces);
  const server: Server = { url: plane.url, ca: plane.ca, token: plane.adminToken };
  const watch = new ReportWatch(server);
  const before = serverTime(plane);
  const operator = new OperatorProcess(
    join(folder, 'dist', 'plumbline.js'),
    plane.kubeconfigPath,
    join(folder, 'log'),
  );
  try {
    const complete = () => namespaces.every((name) => watch.reports.has(name));
    const at = await Promise.race([watch.until(complete), operator.untilItDies()]);
    const { cpu, memory } = operator.usage();
    const bytes = [...watch.reports.values()].reduce((sum, report) => sum + report.bytes, 0);
    const serverCpu = serverTime(plane) - before;
    const wall = (at - operator.started) / 1000;
    const sync = { wall, cpu, serverCpu, memory, bytes, writes: watch.writes };
    if (isLast)
      await Promise.race([measureAfterwards(plane, watch, operator, namespaces), operator.untilItDies()]);
    return sync;
  } finally {
    await operator.stop();
    await watch.stop();
  }
}

async function forgetReports(plane: ControlPlane, namespaces: readonly string[]): Promise<void> {
  const group = '/apis/plumbline.dev/v1alpha1';
  for (const namespace of [...namespaces, 'default']) {
    await plane.request('DELETE', `${group}/namespaces/${namespace}/compliancereports`, undefined);
  }
  await plane.request('DELETE', `${group}/compliancesummaries`, undefined);
}

/** That nothing is written while nothing changes, then how long a change takes to show. */
async function measureAfterwards(
  plane: ControlPlane,
  watch: ReportWatch,
  operator: OperatorProcess,
  namespaces: readonly string[],
): Promise<void> {
  // Beyond the ten seconds in which a report is not written again.
  await sleep(12_000);
  const [writes, { cpu }] = [watch.writes, operator.usage()];
  await sleep(Number(values.quiet) * 1000);
  const idle = operator.usage().cpu - cpu;
  console.log(
    `while nothing changes, for ${values.quiet} s: ${watch.writes - writes} reports written, ` +
      `${idle.toFixed(2)} CPU s, peak ${(operator.usage().memory / 1e6).toFixed(0)} MB`,
  );
  const latencies: number[] = [];
  for (const namespace of namespaces.slice(0, Number(values.changes))) {
    latencies.push(await measureChange(plane, watch, namespace));
    await sleep(200);
  }
  const milliseconds = (fraction: number) => `${percentile(latencies, fraction).toFixed(0)} ms`;
  console.log(
    `from a new pod to the changed report, ${latencies.length} times: ` +
      `p50 ${milliseconds(0.5)}, p99 ${milliseconds(0.99)}, least ${milliseconds(0)}\n`,
  );
}

/** Milliseconds from before the request that makes a pod until the watch shows the report that counts it. */
async function measureChange(plane: ControlPlane, watch: ReportWatch, namespace: string): Promise<number> {
  const before = watch.reports.get(namespace)?.workloads ?? 0;
  const started = performance.now();
  const spec = podSpec('late', 'careless', new Random(1));
  await create(plane, `/api/v1/namespaces/${namespace}/pods`, { metadata: { name: 'late' }, spec });
  return (await watch.until(() => (watch.reports.get(namespace)?.workloads ?? 0) > before)) - started;
}

function printSyncs(floors: readonly Floor[], syncs: readonly Sync[]): void {
  const row = (name: string, runs: readonly (Floor & Partial<Sync>)[]) => {
    const column = (digits: number, value: (run: Floor & Partial<Sync>) => number | undefined) => {
      const known = runs.map(value).filter((one) => one !== undefined);
      return known.length === 0 ? '' : spread(known, digits);
    };
    return [
      name,
      column(2, ({ wall }) => wall),
      column(2, ({ cpu }) => cpu),
      column(0, ({ memory }) => memory / 1e6),
      column(2, ({ serverCpu }) => serverCpu),
      column(2, ({ bytes }) => bytes && bytes / 1e6),
      column(0, ({ writes }) => writes),
    ];
  };
  const header = ['wall s', 'CPU s', 'peak MB', 'API server CPU s', 'reports MB', 'writes'];
  console.log(
    table([
      ['least / median / greatest', ...header],
      row('reading all pods, no more', floors),
      row('plumbline run, all reports', syncs),
    ]),
  );
}

if (values.help) {
  console.log(
    'Options: --pods N (20000), --namespaces N (200), --rounds N (3), --changes N (30), --quiet SECONDS (20)',
  );
} else {
  await main();
}
