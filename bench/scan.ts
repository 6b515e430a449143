import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { buildBundle } from '../tools/build.ts';
import { findKubeScore } from './kube-score.ts';
import { describeMachine } from './machine.ts';
import { writeManifests, type Written } from './manifests.ts';
import { runProcess, type Usage } from './run-process.ts';
import { median, spread, table } from './statistics.ts';

const { values } = parseArgs({
  options: {
    workloads: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '9' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Programs take turns, so that what else the machine does meets them alike. The first round only warms up. */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-bench-'));
  try {
    const machine = describeMachine();
    const written = writeManifests(join(folder, 'manifests'), Number(values.workloads));
    const programs = await findPrograms(folder, written);
    console.log(machine);
    console.log(`${describeInput(written)}; ${values.rounds} rounds, taking turns, output thrown away\n`);
    const usages = programs.map((): Usage[] => []);
    for (let round = 0; round <= Number(values.rounds); round++) {
      for (const [index, { command, args }] of programs.entries()) {
        const usage = await runProcess(command, args);
        if (round > 0) usages[index]?.push(usage);
      }
    }
    printResults(programs, usages);
  } finally {
    if (values.keep) console.log(`\nthe manifests are in ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

async function findPrograms(folder: string, written: Written): Promise<Program[]> {
  await buildBundle(join(folder, 'dist'));
  const entry = join(folder, 'dist', 'plumbline.js');
  const ours = {
    name: 'plumbline scan',
    command: process.execPath,
    args: [...ownOptions(entry), entry, 'scan', join(folder, 'manifests'), '--format', 'json'],
  };
  await checkCount(ours, Number(values.workloads), (output) => {
    const { items } = JSON.parse(output) as { items: { status: { workloads?: { total: number } } }[] };
    return items.reduce((sum, { status }) => sum + (status.workloads?.total ?? 0), 0);
  });
  const kubeScore = await findKubeScore();
  if (kubeScore === undefined) return [ours];
  const theirs = {
    name: 'kube-score 1.20',
    command: kubeScore,
    args: ['score', '--output-format', 'json', ...written.files],
  };
  await checkCount(
    theirs,
    written.objects - written.namespaces,
    (output) => (JSON.parse(output) as unknown[]).length,
  );
  return [ours, theirs];
}

/** What the first line of the bundle gives to Node: how the command of the package runs. */
function ownOptions(entry: string): string[] {
  const [line = ''] = readFileSync(entry, 'utf8').split('\n', 1);
  return line.split(/\s+/).filter((word) => word.startsWith('--'));
}

/** A program that stops early is fast: each must have judged all that it was given. */
async function checkCount(
  program: Program,
  expected: number,
  count: (output: string) => number,
): Promise<void> {
  const options = { maxBuffer: 2 ** 30 };
  // Both exit with 1 when they find something, and there is something to find.
  const { stdout } = await promisify(execFile)(program.command, program.args, options).catch(
    (error: unknown) => error as { stdout: string },
  );
  const counted = count(stdout);
  if (counted !== expected) throw new Error(`${program.name} judged ${counted} objects of ${expected}`);
}

function describeInput({ files, objects, namespaces, bytes }: Written): string {
  return (
    `${values.workloads} workloads in ${namespaces} namespaces: ${files.length} files, ${objects} objects, ` +
    `${(bytes / 1e6).toFixed(1)} MB`
  );
}

function printResults(programs: readonly Program[], usages: readonly (readonly Usage[])[]): void {
  const row = (name: string, runs: readonly Usage[]) => [
    name,
    spread(
      runs.map(({ wall }) => wall),
      2,
    ),
    spread(
      runs.map(({ cpu }) => cpu),
      2,
    ),
    spread(
      runs.map(({ memory }) => memory / 1e6),
      0,
    ),
  ];
  const header = ['least / median / greatest', 'wall s', 'CPU s', 'peak MB'];
  console.log(table([header, ...programs.map(({ name }, index) => row(name, usages[index] ?? []))]));
  if (usages.length < 2) return;
  const ratio = (of: (usage: Usage) => number) => {
    const [ours = 0, theirs = 0] = usages.map((runs) => median(runs.map(of)));
    return (ours / theirs).toFixed(2);
  };
  console.log(`\nratio of the medians: wall time ${ratio(({ wall }) => wall)} (the aim: at most 0.33), `);
  console.log(`memory ${ratio(({ memory }) => memory)} (the aim: at most 0.50)`);
}

if (values.help) {
  console.log('Options: --workloads N (2000), --rounds N (9), --keep (leave the manifests)');
} else {
  await main();
}
