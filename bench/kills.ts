import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { KillRun } from '../test/intake/store/kill-run.ts';
import { progress } from './progress.ts';

const { values } = parseArgs({
  options: {
    help: { type: 'boolean' },
    deaths: { type: 'string', default: '1000' },
    folder: { type: 'string', default: tmpdir() },
  },
});

/** Each run has a file and a sender of its own, and a fresh start after fifty deaths would hide what builds up: it has none. */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(values.folder, 'plumbline-kills-'));
  try {
    const half = Math.ceil(Number(values.deaths) / 2);
    progress(`${half} deaths each of two replicas`);
    const runs = await Promise.all(
      ['a', 'b'].map((name) => new KillRun(join(folder, name), Math.random).run(half)),
    );
    for (const { killed, sent, counted, acknowledged, repeated, copies } of runs) {
      console.log(
        `${killed} deaths, ${acknowledged} events acknowledged, ${repeated} sent again without an answer, ${copies} sent again with one; ` +
          `different ones: ${JSON.stringify(sent)}, counted: ${JSON.stringify(counted)}`,
      );
      if (JSON.stringify(sent) !== JSON.stringify(counted)) process.exitCode = 1;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (values.help === true) console.log('npm run bench kills -- [--deaths 1000] [--folder DISK]');
else await main();
