import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import type { ServerResult } from './intake-process.ts';
import { IntakeProcess } from './intake-process.ts';
import type { SendOptions, SendResult } from './intake-sender.ts';
import { Sender } from './intake-sender.ts';
import { describeMachine, peakMemory } from './machine.ts';
import { progress } from './progress.ts';
import { percentile, table } from './statistics.ts';

const { values } = parseArgs({
  options: {
    help: { type: 'boolean' },
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '64' },
    batch: { type: 'string', default: '50' },
    folder: { type: 'string', default: tmpdir() },
    publish: { type: 'string', default: '10000' },
  },
});

/** Runs a server in a process of its own while this one sends. */
async function measure(
  name: string,
  options: Omit<SendOptions, 'url'>,
  program = 'intake-server.ts',
): Promise<Measured> {
  progress(name);
  const server = await IntakeProcess.start(program, values.folder, values.publish);
  try {
    const sent = await new Sender({ ...options, url: server.url }).run();
    const memory = peakMemory(server.pid);
    const result = await server.result();
    return {
      row: row(name, options, sent, result, memory),
      rate: sent.events / sent.seconds,
      cpu: result.cpu / sent.events,
    };
  } finally {
    await server.discard();
  }
}

interface Measured {
  readonly row: readonly string[];
  /** Events a second; seconds of the processor for one event. */
  readonly rate: number;
  readonly cpu: number;
}

function row(
  name: string,
  { batch }: Omit<SendOptions, 'url'>,
  sent: SendResult,
  result: ServerResult,
  memory: number,
) {
  const answered = Object.values(sent.statuses).reduce((sum, count) => sum + count, 0) * batch;
  const kept = result.counted + result.dropped + result.unattributed;
  const problems = Object.entries({
    ...sent.statuses,
    unstored: result.unstored,
    unsent: sent.unsent,
  }).filter(([what, count]) => what !== '204' && count > 0);
  return [
    name,
    Math.round(sent.events / sent.seconds).toLocaleString('en'),
    percentile(sent.latencies, 0.5).toFixed(1),
    percentile(sent.latencies, 0.99).toFixed(1),
    `${result.commits}: ${result.commitMs.join(', ')}`,
    result.cpu.toFixed(1),
    (memory / 1e6).toFixed(0),
    (result.bytes / 1e6).toFixed(1),
    answered === kept ? 'all' : `${kept} of ${answered}`,
    problems.map(([what, count]) => `${count} x ${what}`).join(', ') || '-',
  ];
}

if (values.help === true) {
  console.log(
    'npm run bench intake -- [--seconds 10] [--connections 64] [--batch 50] [--folder DISK] [--publish MS]',
  );
} else {
  const common = { connections: Number(values.connections), seconds: Number(values.seconds) };
  const batch = Number(values.batch);
  console.log(describeMachine());
  const floor = await measure('floor, one a request', { ...common, batch: 1 }, 'intake-floor.ts');
  const ours = await measure('one event a request', { ...common, batch: 1 });
  const others = [
    await measure(`${batch} a request`, { ...common, batch }),
    await measure('one a request, 10,000/s', { ...common, batch: 1, rate: 10_000 }),
    await measure(`${batch} a request, 10,000/s`, { ...common, batch, rate: 10_000 }),
    await measure('hostile, one a request', { ...common, batch: 1, hostile: true }),
  ];
  const head = [
    'what is sent',
    'events/s',
    'p50 ms',
    'p99 ms',
    'commits: p50, p99 ms',
    'CPU s',
    'peak MB',
    'file MB',
    'counted',
    'not 204',
  ];
  console.log(table([head, ...[floor, ours, ...others].map((each) => each.row)]));
  console.log(
    `beside the floor: ${(ours.rate / floor.rate).toFixed(2)} times the events a second, ${(ours.cpu / floor.cpu).toFixed(2)} times the processor time for one`,
  );
}
