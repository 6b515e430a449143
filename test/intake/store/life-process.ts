import type { RuntimeReportStatus } from '../../../src/api/runtime-report.ts';
import { sleep, systemClock } from '../../../src/base/clock.ts';
import { FalcoIntake } from '../../../src/intake/falco-intake.ts';
import type { Moment, Report } from './life.ts';
import { Life } from './life.ts';

/**
 * One life of a replica as a process of its own, which kills itself with SIGKILL at a moment that is given to it:
 * `node life-process.ts OPTIONS`. It prints where events are taken.
 */
export interface LifeProcessOptions {
  readonly folder: string;
  /** Where the reports are: GET and PUT of `/NAMESPACE`. */
  readonly reports: string;
  readonly namespaces: readonly string[];
  readonly foldBytes: number;
  /** At the given moment, the so manyth time, and some milliseconds later. */
  readonly kill?: { readonly at: Moment; readonly count: number; readonly delayMs: number };
}

const options = JSON.parse(process.argv[2] ?? '{}') as LifeProcessOptions;
const { folder, reports, namespaces, foldBytes, kill } = options;

const life = new Life(
  {
    read: async (namespace) => (await (await fetch(`${reports}/${namespace}`)).json()) as Report,
    write: async (namespace: string, version: number, status: RuntimeReportStatus) => {
      const body = JSON.stringify({ version, status });
      return (await fetch(`${reports}/${namespace}`, { method: 'PUT', body })).ok;
    },
  },
  { folder, foldBytes },
);

let left = kill?.count ?? 0;
life.onMoment = (moment) => {
  if (kill === undefined || moment !== kill.at || --left !== 0) return;
  if (kill.delayMs === 0) process.kill(process.pid, 'SIGKILL');
  else setTimeout(() => process.kill(process.pid, 'SIGKILL'), kill.delayMs);
};

const intake = new FalcoIntake({
  port: 0,
  aggregate: { add: (event, now) => life.add(event, now) },
  // Right after this the sender is answered.
  onEvent: () => setImmediate(() => life.onMoment('answered')),
  count: () => {},
  clock: systemClock,
  logger: { warn: (message, fields) => console.error(message, fields) },
});
await life.begin(namespaces);
console.log(await intake.listen());
for (;;) {
  await sleep(systemClock, 3);
  for (const namespace of life.ledger.namespaces()) await life.publish(namespace).catch(() => {});
}
