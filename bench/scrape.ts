import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine, peakMemory, residentMemory } from './machine.ts';
import { progress } from './progress.ts';
import type { Measured } from './scrape-server.ts';
import { median, spread, table } from './statistics.ts';

const { values } = parseArgs({
  options: {
    namespaces: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '7' },
    help: { type: 'boolean', default: false },
  },
});

interface Case {
  readonly name: string;
  readonly writer: 'plumbline' | 'prom-client';
  readonly headers: Record<string, string>;
}

interface Round extends Measured {
  readonly bytes: number;
  readonly lines: number;
  readonly wall: number;
  readonly memory: number;
}

const openMetrics = { accept: 'application/openmetrics-text;version=1.0.0' };
const cases: readonly Case[] = [
  { name: 'plumbline, text', writer: 'plumbline', headers: {} },
  { name: 'plumbline, OpenMetrics', writer: 'plumbline', headers: openMetrics },
  {
    name: 'plumbline, OpenMetrics, gzip',
    writer: 'plumbline',
    headers: { ...openMetrics, 'accept-encoding': 'gzip' },
  },
  { name: 'prom-client, text', writer: 'prom-client', headers: {} },
];

async function main(): Promise<void> {
  console.log(describeMachine());
  const servers = new Map<string, { child: ChildProcess; port: number }>();
  try {
    for (const writer of ['plumbline', 'prom-client']) servers.set(writer, await start(writer));
    const measured = new Map<Case, Round[]>(cases.map((each) => [each, []]));
    for (let round = 0; round <= Number(values.rounds); round++) {
      progress(round === 0 ? 'warming up' : `round ${round}`);
      for (const each of cases) {
        const server = servers.get(each.writer);
        if (server === undefined) throw new Error(each.writer);
        const result = await scrape(server.child, server.port, each.headers);
        if (round > 0) measured.get(each)?.push(result);
      }
    }
    show(measured);
  } finally {
    for (const { child } of servers.values()) child.kill();
  }
}

async function start(writer: string): Promise<{ child: ChildProcess; port: number }> {
  progress(`filling ${writer}`);
  const args = [writer, values.namespaces];
  const child = fork(join(import.meta.dirname, 'scrape-server.ts'), args, { execArgv: ['--expose-gc'] });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { child, port };
}

async function scrape(child: ChildProcess, port: number, headers: Record<string, string>): Promise<Round> {
  child.send('begin');
  await once(child, 'message');
  const pid = child.pid ?? 0;
  // The kernel forgets the peak (proc(5)).
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const resident = residentMemory(pid);
  const started = performance.now();
  const asked = request({ host: '127.0.0.1', port, path: '/metrics', headers, agent: false }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let [bytes, lines] = [0, 0];
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
  }
  const wall = (performance.now() - started) / 1_000;
  const memory = peakMemory(pid) - resident;
  child.send('end');
  const [usage] = (await once(child, 'message')) as [Measured];
  return { ...usage, bytes, lines, wall, memory };
}

function show(measured: ReadonlyMap<Case, readonly Round[]>): void {
  const rows = [...measured].map(([{ name }, rounds]) => {
    const all = (field: keyof Round, scale = 1) => rounds.map((one) => one[field] / scale);
    return [
      name,
      (median(all('bytes')) / 1e6).toFixed(1),
      spread(all('cpu'), 2),
      spread(all('wall'), 2),
      spread(all('block'), 0),
      spread(all('memory', 2 ** 20), 0),
    ];
  });
  const heads = ['', 'MB', 'CPU s', 'wall s', 'longest block ms', 'MiB added'];
  console.log(table([heads, ...rows]));
  const [ours] = [...measured].filter(([{ name }]) => name === 'plumbline, text').map(([, one]) => one);
  const [theirs] = [...measured].filter(([{ writer }]) => writer === 'prom-client').map(([, one]) => one);
  const ratio = (field: keyof Round) =>
    (median(ours?.map((one) => one[field]) ?? []) / median(theirs?.map((one) => one[field]) ?? [])).toFixed(
      2,
    );
  console.log(`lines: ${ours?.[0]?.lines} and ${theirs?.[0]?.lines}`);
  console.log(
    `plumbline to prom-client, text: CPU ${ratio('cpu')}, longest block ${ratio('block')}, memory ${ratio('memory')}`,
  );
}

if (values.help) {
  console.log(`npm run bench scrape -- [OPTIONS]

  --namespaces N    each with every control that is its own (2000)
  --rounds N        of each kind of scrape, in turns (7)`);
} else {
  await main();
}
