import { controlIndex } from './control-index.ts';
import type { Generator } from './generator.ts';

/**
 * Add a generator here; `npm run generate` runs them all, and with `--check` fails if a file is not up to date.
 * Those behind the first are loaded only when it is through, since they read the index that it writes.
 */
const generators: readonly (() => Promise<Generator>)[] = [
  () => Promise.resolve(controlIndex),
  async () => (await import('./control-pages.ts')).controlPages,
  async () => (await import('./coverage.ts')).coverage,
  async () => (await import('./reference-pages.ts')).referencePages,
  async () => (await import('./metrics-page.ts')).metricsPage,
  async () => (await import('./crds.ts')).crds,
  async () => (await import('./alerts.ts')).alerts,
  async () => (await import('./dashboards.ts')).dashboards,
];

const check = process.argv.includes('--check');
const unknown = process.argv.slice(2).filter((argument) => argument !== '--check');
if (unknown.length > 0) {
  console.error(`unknown argument ${unknown.join(' ')}; known is --check`);
  process.exit(2);
}

let stale = 0;
for (const load of generators) {
  const generator = await load();
  for (const path of await generator.run(check)) {
    stale++;
    console.log(`${check ? 'out of date' : 'written'}: ${path} (${generator.name})`);
  }
}
if (check && stale > 0) {
  console.error('Run `npm run generate` and commit what it writes.');
  process.exitCode = 1;
}
