import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
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

interface ServerResult {
  readonly results: Readonly<Record<string, number>>;
  readonly unstored: number;
  readonly counted: number;
  readonly dropped: number;
  readonly commits: number;
  readonly commitMs: readonly [number, number];
  readonly bytes: number;
  readonly cpu: number;
}

/** Runs the intake in a process of its own while this one sends. */
async function measure(name: string, options: Omit<SendOptions, 'url'>): Promise<readonly string[]> {
  progress(name);
  const folder = mkdtempSync(join(values.folder, 'plumbline-intake-'));
  const server = spawn(
    process.execPath,
    [join(import.meta.dirname, 'intake-server.ts'), folder, values.publish],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
    const url = String((await lines.next()).value);
    const sent = await new Sender({ ...options, url }).run();
    const memory = peakMemory(server.pid ?? 0);
    server.kill('SIGTERM');
    const result = JSON.parse(String((await lines.next()).value)) as ServerResult;
    return row(name, options, sent, result, memory);
  } finally {
    await end(server);
    rmSync(folder, { recursive: true });
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGKILL');
  await once(server, 'exit');
}

function row(
  name: string,
  { batch }: Omit<SendOptions, 'url'>,
  sent: SendResult,
  result: ServerResult,
  memory: number,
) {
  const answered = Object.values(sent.statuses).reduce((sum, count) => sum + count, 0) * batch;
  const kept = result.counted + result.dropped;
  const problems = Object.entries({ ...sent.statuses, unstored: result.unstored }).filter(
    ([what, count]) => what !== '204' && count > 0,
  );
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
  const rows = [
    await measure('one event a request', { ...common, batch: 1 }),
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
  console.log(table([head, ...rows]));
}
