import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * What no intake that keeps events on disk can go below: a bare HTTP server that reads nothing of a body, and one row and one commit
 * for all that came in a turn: `node intake-floor.ts FOLDER`. It prints the same as intake-server.ts.
 */
const database = new DatabaseSync(join(process.argv[2] ?? '', 'events.db'));
database.exec(
  'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE frames (body TEXT NOT NULL) STRICT',
);
const insert = database.prepare('INSERT INTO frames (body) VALUES (?)');
const commits: number[] = [];
let counted = 0;
let waiting: (readonly [ServerResponse, string])[] = [];

function commit(): void {
  const began = performance.now();
  const frame = waiting;
  waiting = [];
  database.exec('BEGIN IMMEDIATE');
  insert.run(frame.map(([, text]) => text).join('\n'));
  database.exec('COMMIT');
  commits.push(performance.now() - began);
  counted += frame.length;
  for (const [response] of frame) response.writeHead(204).end();
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.once('end', () => {
    if (waiting.push([response, Buffer.concat(chunks).toString()]) === 1) setImmediate(commit);
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.on('SIGTERM', () => {
  commits.sort((a, b) => a - b);
  const { user, system } = process.cpuUsage();
  const at = (part: number) => Number((commits[Math.floor(commits.length * part)] ?? 0).toFixed(2));
  const commitMs = [at(0.5), at(0.99)];
  const bytes = Number(Object.values(database.prepare('PRAGMA page_count').get() ?? {})[0]) * 4_096;
  const nothing = { unstored: 0, dropped: 0, unattributed: 0 };
  console.log(
    JSON.stringify({
      ...nothing,
      counted,
      commits: commits.length,
      commitMs,
      bytes,
      cpu: (user + system) / 1e6,
    }),
  );
  process.exit(0);
});
