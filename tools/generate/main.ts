import { crds } from './crds.ts';
import type { Generator } from './generator.ts';

/** Add a generator here; `npm run generate` runs them all, and with `--check` fails if a file is not up to date. */
const generators: readonly Generator[] = [crds];

const check = process.argv.includes('--check');
const unknown = process.argv.slice(2).filter((argument) => argument !== '--check');
if (unknown.length > 0) {
  console.error(`unknown argument ${unknown.join(' ')}; known is --check`);
  process.exit(2);
}

let stale = 0;
for (const generator of generators) {
  for (const path of await generator.run(check)) {
    stale++;
    console.log(`${check ? 'out of date' : 'written'}: ${path} (${generator.name})`);
  }
}
if (check && stale > 0) {
  console.error('Run `npm run generate` and commit what it writes.');
  process.exitCode = 1;
}
