import { globSync } from 'node:fs';
import fc from 'fast-check';
import Mocha from 'mocha';
import { resolveBinaries } from './control-plane/binaries.ts';

/**
 * Runs the tests: all of them, or the files and folders that are named. Ends by printing the runner's true counts, and
 * fails when a test leaves something open behind it.
 */
const named = process.argv.slice(2);
const files = (named.length === 0 ? ['test'] : named)
  .flatMap((path) => (path.endsWith('.ts') ? [path] : globSync(`${path}/**/*.test.ts`)))
  .sort();
if (files.length === 0) {
  console.error(`no tests in ${named.join(', ')}`);
  process.exit(2);
}

// What takes minutes the first time is done before any test's clock runs, and shows its progress.
if (files.some((file) => file.includes('cluster'))) {
  const progress = (line: string) => void process.stderr.write(`${line}\n`);
  await resolveBinaries(['etcd', 'kube-apiserver', 'kubectl'], { progress });
}

// Properties draw at random, so that every run tries something new; with a seed a run can be repeated.
const seed = process.env['PLUMBLINE_SEED'];
if (seed !== undefined && seed !== '') fc.configureGlobal({ seed: Number(seed) });

const mocha = new Mocha({ reporter: 'spec', timeout: 10_000, forbidOnly: true });
for (const file of files) mocha.addFile(file);
await mocha.loadFilesAsync();
const runner = mocha.run((failures) => {
  const { passes = 0, pending = 0 } = runner.stats ?? {};
  if (pending > 0) console.log(`${pending} skipped; each said why above`);
  console.log(`${passes} passed, ${failures} failed`);
  process.exitCode = failures > 0 || passes === 0 ? 1 : 0;
  // A test that leaves a socket or a timer behind would keep the process for ever: say so instead.
  setTimeout(() => {
    console.error(`the tests left open: ${process.getActiveResourcesInfo().join(', ')}`);
    process.exit(1);
  }, 20_000).unref();
});
