import { sleep, systemClock } from '../src/base/clock.ts';
import { FalcoIntake } from '../src/intake/falco-intake.ts';
import { Life, ModelReports } from '../test/intake/store/life.ts';

/**
 * The intake with its store, as a process of its own: `node intake-server.ts FOLDER PUBLISH_MS`. What it takes is added to
 * reports in memory every so often, in place of the API server's. It prints where events are taken, and at the end (SIGTERM) what it counted.
 */
const [folder = '', publishMs = '10000'] = process.argv.slice(2);
const reports = new ModelReports();
const commits: number[] = [];
const life = new Life(reports, {
  folder,
  maxBytes: 256 * 1_048_576,
  onCommit: (seconds) => commits.push(seconds),
});
const intake = new FalcoIntake({
  port: 0,
  aggregate: life.store,
  onEvent: () => {},
  count: () => {},
  clock: systemClock,
  logger: { warn: (message, fields) => console.error(message, fields) },
});
await life.begin([]);
console.log(await intake.listen());

/** As the operator does it: events of a namespace that nobody has made are given up in the end. */
async function publish(): Promise<void> {
  for (const namespace of life.aggregate.namespaces()) {
    if (namespace.startsWith('namespace-')) continue;
    life.aggregate.giveUp(namespace);
    life.store.forget(namespace);
  }
  await life.publishAll();
}

const ending = new AbortController();
process.on('SIGTERM', () => ending.abort());
while (!ending.signal.aborted) {
  await sleep(systemClock, Number(publishMs), ending.signal);
  await publish();
}
await intake.close();
await publish();
await life.store.close();
commits.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    unstored: life.unstored,
    counted: reports.namespaces.reduce((sum, each) => sum + reports.total(each), 0),
    ...life.aggregate.losses(),
    commits: commits.length,
    commitMs: [0.5, 0.99].map((part) =>
      Number(((commits[Math.floor(commits.length * part)] ?? 0) * 1_000).toFixed(2)),
    ),
    bytes: life.store.bytes,
    cpu: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
  }),
);
process.exit(0);
