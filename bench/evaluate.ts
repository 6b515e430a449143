import { parseArgs } from 'node:util';
import { catalogue } from '../src/controls/catalogue.generated.ts';
import type { Snapshot } from '../src/domain/snapshot.ts';
import { read } from '../src/domain/snapshot.ts';
import { evaluateNamespace } from '../src/evaluate/evaluate-namespace.ts';
import { builtInProfile } from '../src/evaluate/profile.ts';
import { VerdictMemory } from '../src/evaluate/verdict-memory.ts';
import {
  projectExposedSecretReport,
  projectVulnerabilityReport,
} from '../src/evidence/trivy/project-report.ts';
import { assembleWorkloads } from '../src/evidence/workloads/assemble.ts';
import type { Held } from './held-namespace.ts';
import { hold, now, snapshotOf } from './held-namespace.ts';
import { describeMachine } from './machine.ts';
import { spread, table } from './statistics.ts';

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '5000' },
    findings: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '15' },
    namespaces: { type: 'string', default: '200' },
    help: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const profile = builtInProfile(catalogue);

/** Milliseconds of processor time of this thread: what else the machine does does not count. */
function spent(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function timed<T>(run: () => T): { readonly took: number; readonly result: T } {
  const begin = spent();
  const result = run();
  return { took: spent() - begin, result };
}

const judge = (snapshot: Snapshot, memory?: VerdictMemory) =>
  evaluateNamespace({
    snapshot,
    profile,
    now,
    memory,
    onError: (id, error) => {
      throw new Error(id, { cause: error });
    },
  });

/** The clock of processor time ticks in milliseconds. */
const repeats = 10;

/** Mean of several runs, each with an input of its own. */
const timedMean = (run: () => unknown): number =>
  timed(() => {
    for (let n = 0; n < repeats; n++) run();
  }).took / repeats;

/** The same namespace with one pod that has other labels: what a kubelet or a rollout does. */
function changeOnePod(held: Held, round: number): Held {
  const [first, ...others] = held.pods;
  if (first === undefined) return held;
  return { ...held, pods: [{ ...first, labels: { ...first.labels, round: String(round) } }, ...others] };
}

/** What an evaluation costs without a memory, and with one after changes of several kinds. */
function measure(name: string, held: Held): readonly string[] {
  const texts = held.reports.map((report) => JSON.stringify(report));
  const parsed = timed(() => texts.map((text) => JSON.parse(text) as Readonly<Record<string, unknown>>));
  const projected = timed(() => ({
    vulnerabilityScans: read(parsed.result.flatMap((report) => projectVulnerabilityReport(report) ?? [])),
    secretScans: read(parsed.result.flatMap((report) => projectExposedSecretReport(report) ?? [])),
  }));
  const memory = new VerdictMemory();
  const costs = {
    cold: [] as number[],
    pod: [] as number[],
    policy: [] as number[],
    nothing: [] as number[],
  };
  let findings = 0;
  // The first rounds only warm up.
  for (let round = -2; round < rounds; round++) {
    const changed = changeOnePod(held, round);
    const cold = timed(() => judge(snapshotOf(assembleWorkloads(held), projected.result)));
    const { result: snapshot, took: gathered } = timed(() =>
      snapshotOf(assembleWorkloads(changed), projected.result),
    );
    const pod = timed(() => judge(snapshot, memory));
    const policy = timedMean(() => judge({ ...snapshot, networkPolicies: read([]) }, memory));
    judge(snapshot, memory);
    const nothing = timedMean(() => judge({ ...snapshot }, memory));
    findings = cold.result.status.controls.reduce((sum, { findingsTotal }) => sum + findingsTotal, 0);
    if (round < 0) continue;
    costs.cold.push(cold.took);
    costs.pod.push(gathered + pod.took);
    costs.policy.push(policy);
    costs.nothing.push(nothing);
  }
  const bytes = texts.reduce((sum, text) => sum + text.length, 0);
  return [
    name,
    String(held.pods.length),
    `${texts.length} (${(bytes / 1e6).toFixed(1)} MB)`,
    String(findings),
    parsed.took.toFixed(0),
    projected.took.toFixed(0),
    ...[costs.cold, costs.pod, costs.policy, costs.nothing].map((each) => spread(each, 1)),
  ];
}

/** Many namespaces of ten Deployments and a hundred pods: each is judged for the first time, then after one pod has changed. */
function measureMany(count: number): string {
  const all = timed(() => Array.from({ length: count }, (_, index) => hold(10, 100, 0, index + 1)));
  const specs = new Set(all.result.flatMap(({ pods }) => pods.map(({ spec }) => spec))).size;
  const [first, second]: [number[], number[]] = [[], []];
  for (const held of all.result) {
    const memory = new VerdictMemory();
    first.push(timed(() => judge(snapshotOf(assembleWorkloads(held)), memory)).took);
    const changed = changeOnePod(held, 0);
    second.push(timed(() => judge(snapshotOf(assembleWorkloads(changed)), memory)).took);
  }
  const mean = (costs: readonly number[]) => costs.reduce((sum, each) => sum + each, 0) / costs.length;
  return (
    `${count} namespaces of 10 Deployments and 100 pods, with the time that the code takes to warm up, means: ` +
    `${(all.took / specs).toFixed(2)} to make and project what has one of the ${specs} specifications, ` +
    `${mean(first).toFixed(1)} to judge a namespace for the first time, ${mean(second).toFixed(1)} after one pod has changed`
  );
}

function main(): void {
  const [pods, findings] = [Number(values.pods), Number(values.findings)];
  console.log(describeMachine());
  console.log('milliseconds of processor time on one thread\n');
  console.log(measureMany(Number(values.namespaces)));
  console.log(
    `\n${rounds} rounds, least / median / greatest, with gathering the workloads anew: without a memory, and with one after a change of\n`,
  );
  const header = [
    'namespace',
    'pods',
    'reports',
    'findings',
    'parse',
    'project',
    'no memory',
    'a pod',
    'a policy',
    'nothing',
  ];
  console.log(
    table([
      header,
      measure(`${findings} vulnerabilities, 250 Deployments`, hold(250, pods, findings)),
      measure('the same without vulnerabilities', hold(250, pods, 0)),
      measure('one Deployment', hold(1, 2 * pods, findings / 100)),
    ]),
  );
  console.log('\nthe aim: under 100 ms without a memory');
}

if (values.help) {
  console.log('Options: --pods N (5000), --findings N (20000), --rounds N (15), --namespaces N (200)');
} else {
  main();
}
