import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** `npm run bench` lists the benchmarks; `npm run bench NAME` runs one. None is a test: they print what they measured. */
const benchmarks: Readonly<Record<string, string>> = {
  scan: 'plumbline scan of 2,000 workloads beside kube-score on the same files',
  sync: 'the first sync of 20,000 pods, and the time from a change to the changed report',
};

const [name, ...args] = process.argv.slice(2);
if (name !== undefined && Object.hasOwn(benchmarks, name)) {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`), ...args], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} else {
  if (name !== undefined) console.error(`no benchmark ${name}\n`);
  console.log('npm run bench NAME [-- OPTIONS]\n');
  for (const [each, what] of Object.entries(benchmarks)) console.log(`  ${each.padEnd(6)} ${what}`);
  console.log('\n  --help after a name lists its options');
  process.exitCode = name === undefined ? 0 : 2;
}
