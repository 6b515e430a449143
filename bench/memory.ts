import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { projectVulnerabilityReport } from '../src/evidence/trivy/project-report.ts';
import { projectPod } from '../src/evidence/workloads/project-pod.ts';
import { projectWorkload } from '../src/evidence/workloads/project-workload.ts';
import { identify, type RawObject } from '../src/kube/frame.ts';
import { Store } from '../src/kube/store.ts';
import { rememberReport } from '../src/operator/memos.ts';
import { describeMachine } from './machine.ts';
import { writeManifests } from './manifests.ts';
import { progress } from './progress.ts';
import { podText, vulnerabilityText, workloadText } from './raw-objects.ts';
import { table } from './statistics.ts';

const { values } = parseArgs({
  options: { objects: { type: 'string', default: '10000' }, help: { type: 'boolean', default: false } },
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Case {
  readonly name: string;
  readonly text: (index: number) => string;
  readonly project: (object: RawObject) => unknown;
  readonly count: number;
}

/** What is held of an object: the heap before and after a store was filled with so many of its kind. */
async function measure({ name, text, project, count }: Case): Promise<string[]> {
  const store = new Store<unknown>();
  const before = await heapUsed();
  let bytes = 0;
  store.begin({ distrust: false });
  for (let index = 0; index < count; index++) {
    const line = Buffer.from(text(index));
    bytes += line.length;
    const object = JSON.parse(line.toString('utf8')) as RawObject;
    store.set({ ...identify(object), value: project(object) });
  }
  store.replaced();
  const after = await heapUsed();
  if (store.size !== count) throw new Error(`${name}: ${store.size} objects are held of ${count}`);
  return [name, String(count), (bytes / count).toFixed(0), ((after - before) / count).toFixed(0)];
}

/** Twice with a turn of the event loop between: what an interner held weakly is only then let go. */
async function heapUsed(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collectGarbage();
    await new Promise((resolve) => void setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

/** Reports as `plumbline scan` writes them, for want of a cluster. */
function reportTexts(): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-bench-'));
  try {
    writeManifests(folder, 1_000);
    const main = join(import.meta.dirname, '..', 'src', 'main.ts');
    const args = [main, 'scan', folder, '--format', 'json', '--fail-on', 'none'];
    const output = execFileSync(process.execPath, args, {
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
      stdio: 'pipe',
    });
    const { items } = JSON.parse(output) as { items: { kind: string }[] };
    return items.filter(({ kind }) => kind === 'ComplianceReport').map((item) => JSON.stringify(item));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function reportText(texts: readonly string[]): (index: number) => string {
  return (index) => {
    const object = JSON.parse(texts[index % texts.length] ?? '') as { metadata: object };
    const metadata = {
      ...object.metadata,
      namespace: `bench-${index}`,
      uid: String(index),
      resourceVersion: '1',
    };
    return JSON.stringify({ ...object, metadata });
  };
}

async function main(): Promise<void> {
  const count = Number(values.objects);
  console.log(describeMachine());
  progress('scanning manifests, for reports');
  const reports = reportText(reportTexts());
  const cases: readonly Case[] = [
    { name: 'pods, ten to a specification', text: podText(10), project: projectPod, count },
    { name: 'pods, each with its own', text: podText(1), project: projectPod, count },
    {
      name: 'Deployments',
      text: workloadText('Deployment'),
      project: (one) => projectWorkload(one, 'Deployment'),
      count,
    },
    {
      name: 'ReplicaSets',
      text: workloadText('ReplicaSet'),
      project: (one) => projectWorkload(one, 'ReplicaSet'),
      count,
    },
    {
      name: 'VulnerabilityReports of 80 findings',
      text: vulnerabilityText,
      project: projectVulnerabilityReport,
      count,
    },
    { name: 'ComplianceReports', text: reports, project: rememberReport, count: Math.min(count, 1_000) },
  ];
  const rows: string[][] = [];
  for (const each of cases) {
    progress(each.name);
    rows.push(await measure(each));
  }
  console.log(table([['', 'objects', 'bytes of JSON each', 'bytes held each'], ...rows]));
}

if (values.help) {
  console.log('npm run bench memory -- [OPTIONS]\n\n  --objects N       of each kind (10000)');
} else {
  await main();
}
