import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { IntakeProcess } from './intake-process.ts';
import { Sender } from './intake-sender.ts';
import { describeMachine, residentMemory } from './machine.ts';
import { progress } from './progress.ts';
import { table } from './statistics.ts';

const { values } = parseArgs({
  options: {
    help: { type: 'boolean' },
    events: { type: 'string', default: '2000000' },
    hostile: { type: 'string', default: '200000' },
    batch: { type: 'string', default: '50' },
    connections: { type: 'string', default: '16' },
    folder: { type: 'string', default: tmpdir() },
  },
});

const parts = 10;

/** @returns the most that was resident in each tenth of the events, MB; and whether each event was counted once */
async function measure(events: number, batch: number, hostile: boolean): Promise<readonly string[]> {
  progress(`${events.toLocaleString('en')} events${hostile ? ', hostile' : ''}`);
  const server = await IntakeProcess.start('intake-server.ts', values.folder, '10000');
  try {
    const connections = Number(values.connections);
    const sender = new Sender({ url: server.url, connections, seconds: 3_600, batch, events, hostile });
    const most = Array.from({ length: parts }, () => 0);
    const sampling = new AbortController();
    const sample = async () => {
      while (!sampling.signal.aborted) {
        const part = Math.min(parts - 1, Math.floor((sender.sent / events) * parts));
        most[part] = Math.max(most[part] ?? 0, residentMemory(server.pid));
        await sleep(100);
      }
    };
    const sampled = sample();
    const sent = await sender.run();
    sampling.abort();
    await sampled;
    const { counted, dropped, unattributed } = await server.result();
    const answered = Object.values(sent.statuses).reduce((sum, count) => sum + count, 0) * batch;
    const kept = counted + dropped + unattributed;
    return [
      ...most.map((bytes) => (bytes / 1e6).toFixed(0)),
      Math.round(sent.events / sent.seconds).toLocaleString('en'),
      answered === kept ? 'all' : `${kept} of ${answered}`,
    ];
  } finally {
    await server.discard();
  }
}

if (values.help === true) {
  console.log(
    'npm run bench intake-memory -- [--events 2000000] [--hostile 200000] [--batch 50] [--connections 16] [--folder DISK]',
  );
} else {
  console.log(describeMachine());
  const batch = Number(values.batch);
  const bounded = await measure(Number(values.events), batch, false);
  const hostile = await measure(Number(values.hostile), 1, true);
  const tenths = Array.from({ length: parts }, (_, index) => `${index + 1}/${parts}`);
  console.log('most resident in each tenth, MB');
  console.log(
    table([
      ['', ...tenths, 'events/s', 'counted'],
      ['bounded variety', ...bounded],
      ['hostile', ...hostile],
    ]),
  );
}
