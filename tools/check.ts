import { spawnSync } from 'node:child_process';

/** Everything that can be known without running the code. Stops at nothing, so that one run shows all that is wrong. */
const checks: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['format', 'prettier', '--check', '--log-level', 'warn', '.'],
  ['lint', 'oxlint', '--deny-warnings', '.'],
  ['types', 'tsc', '-p', '.'],
  ['dead code', 'knip'],
  ['generated files', 'node', 'tools/generate/main.ts', '--check'],
];

const failed: string[] = [];
for (const [name, command, ...args] of checks) {
  const started = performance.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  report(name, status === 0, started);
}
checkBoundaries();
if (failed.length > 0) {
  console.error(`\nnot in order: ${failed.join(', ')}`);
  process.exit(1);
}

/** A cruiser that reads no file finds no violation, so what it read is counted. */
function checkBoundaries(): void {
  const started = performance.now();
  const args = ['src', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  const { stdout, stderr } = spawnSync('depcruise', args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const { summary } = parse(stdout) ?? {};
  if (summary === undefined) console.error(stderr);
  for (const { rule, from, to, comment } of summary?.violations ?? []) {
    console.error(`${rule.name}: ${from} -> ${to}\n  ${comment ?? ''}`);
  }
  const modules = summary?.totalCruised ?? 0;
  if (modules < 50) console.error(`only ${modules} modules were read: the boundaries were not checked`);
  report('boundaries', modules >= 50 && summary?.violations.length === 0, started);
}

interface Cruise {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly { rule: { name: string }; from: string; to: string; comment?: string }[];
  };
}

function parse(text: string): Cruise | undefined {
  try {
    return JSON.parse(text) as Cruise;
  } catch {
    return undefined;
  }
}

function report(name: string, well: boolean, started: number): void {
  console.log(`${well ? 'ok  ' : 'FAIL'} ${name} (${Math.round(performance.now() - started)} ms)`);
  if (!well) failed.push(name);
}
