import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildBundle } from '../tools/build.ts';
import { type ControlPlane, startControlPlane } from '../tools/control-plane/control-plane.ts';
import { describeMachine } from './machine.ts';
import { progress, seconds } from './progress.ts';
import { namespaceNames, seedPods } from './seed-pods.ts';
import type { Server } from './watch.ts';

export interface ClusterOptions {
  readonly pods: number;
  readonly namespaces: number;
  /** Where the seeded cluster is kept for the next run; without it one is seeded for this run. */
  readonly data?: string | undefined;
}

export interface Cluster {
  readonly plane: ControlPlane;
  readonly namespaces: readonly string[];
  /** The bundle. */
  readonly entry: string;
  /** For logs and the like; removed in the end. */
  readonly folder: string;
}

export const clusterOptions = {
  pods: { type: 'string', default: '20000' },
  namespaces: { type: 'string', default: '200' },
  data: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

export const clusterHelp =
  '  --pods N          pods in the cluster, ten to a Deployment (20000)\n' +
  '  --namespaces N    they are spread over (200)\n' +
  '  --data FOLDER     seed a cluster there once, and begin with a copy of it each time\n';

export const serverOf = (plane: ControlPlane): Server => ({
  url: plane.url,
  ca: plane.ca,
  token: plane.adminToken,
});

/** A real etcd and API server with seeded pods, and the bundle. Everything ends with `run`. */
export async function withCluster(
  options: ClusterOptions,
  run: (cluster: Cluster) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-bench-'));
  removeAtExit(folder);
  console.log(describeMachine());
  progress('bundling');
  await buildBundle(join(folder, 'dist'));
  const dir = join(folder, 'control-plane');
  if (options.data !== undefined) await copySeeded(resolve(options.data), dir, options);
  const plane = await startPlane(dir);
  try {
    await installKinds(plane);
    if (options.data === undefined) await seed(plane, options);
    const namespaces = namespaceNames(options.namespaces);
    await run({ plane, namespaces, folder, entry: join(folder, 'dist', 'plumbline.js') });
  } finally {
    progress('stopping');
    await plane.stop();
  }
}

/** Of Ctrl-C too: a copy of a cluster is hundreds of megabytes. */
function removeAtExit(folder: string): void {
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130));
}

/** Without the compaction every five minutes, which would make what etcd holds depend on when one looks. */
function startPlane(dir: string): Promise<ControlPlane> {
  progress('starting etcd and kube-apiserver');
  return startControlPlane({ dir, extraApiServerArgs: ['--etcd-compaction-interval=0'], readyMs: 600_000 });
}

/**
 * What a benchmark changes, it changes in a copy: the next one begins with the same cluster.
 * @throws when the folder holds another cluster than the one that is asked for
 */
async function copySeeded(data: string, dir: string, options: ClusterOptions): Promise<void> {
  const { pods, namespaces } = options;
  const marker = join(data, 'seeded.json');
  const wanted = JSON.stringify({ pods, namespaces });
  if (!existsSync(marker)) {
    const plane = await startPlane(data);
    try {
      await seed(plane, options);
    } finally {
      await plane.stop();
    }
    writeFileSync(marker, wanted);
  }
  const found = readFileSync(marker, 'utf8');
  if (found !== wanted) throw new Error(`${data} holds ${found}, not ${wanted}`);
  cpSync(join(data, 'etcd'), join(dir, 'etcd'), { recursive: true });
  progress(`${pods} pods in ${namespaces} namespaces, from ${data}`);
}

async function seed(plane: ControlPlane, { pods, namespaces }: ClusterOptions): Promise<void> {
  const began = performance.now();
  await seedPods(plane, pods, namespaces);
  progress(`${pods} pods in ${namespaces} namespaces, created in ${seconds(performance.now() - began)} s`);
}

export const crdsFolder = join(import.meta.dirname, '..', 'crds');

async function installKinds(plane: ControlPlane): Promise<void> {
  for (const args of [
    ['apply', '--server-side', '-k', crdsFolder],
    ['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'],
  ]) {
    const { code, stderr } = await plane.kubectl(args);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  }
}

/** So that an operator that starts has everything to write. */
export async function forgetReports(plane: ControlPlane, namespaces: readonly string[]): Promise<void> {
  const group = '/apis/plumbline.dev/v1alpha1';
  for (const namespace of [...namespaces, 'default']) {
    await plane.request('DELETE', `${group}/namespaces/${namespace}/compliancereports`, undefined);
  }
  await plane.request('DELETE', `${group}/compliancesummaries`, undefined);
}
