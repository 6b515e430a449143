import { parentPort, workerData } from 'node:worker_threads';
import type { JournalOptions } from './journal.ts';
import { Journal } from './journal.ts';
import { JournalError } from './journal-error.ts';
import type { Opened, Reply, Request, Write } from './messages.ts';

/**
 * The thread that writes. A commit waits for the disk, some milliseconds at best and seconds at worst; meanwhile more comes,
 * and goes into the next commit together.
 */
const options = workerData as JournalOptions;
type Message = Request & { readonly id: number };

let journal: Journal | undefined;
let waiting: (Write & { readonly id: number })[] = [];

const answer = (reply: Reply) => parentPort?.postMessage(reply, []);
const succeed = (id: number, bytes: number, opened?: Opened) =>
  answer({ id, bytes, ...(opened === undefined ? {} : { opened }) });

function fail(id: number, error: unknown): void {
  const { code, message } =
    error instanceof JournalError ? error : { code: 'Unknown', message: (error as Error).message };
  answer({ id, error: { code, message } });
}

function writeAll(): void {
  const writes = waiting;
  waiting = [];
  if (writes.length === 0) return;
  try {
    if (journal === undefined) throw new JournalError('Closed', 'the store is not open');
    journal.write(writes);
    const { bytes } = journal;
    for (const { id } of writes) succeed(id, bytes);
  } catch (error) {
    for (const { id } of writes) fail(id, error);
  }
}

function close(): void {
  journal?.close();
  journal = undefined;
}

parentPort?.on('message', (message: Message) => {
  if (message.type !== 'open' && message.type !== 'close') {
    if (waiting.push(message) === 1) setImmediate(writeAll);
    return;
  }
  writeAll();
  try {
    close();
    if (message.type === 'close') return succeed(message.id, 0);
    const { journal: opened, opened: result } = Journal.open(options, message.name, message.known);
    journal = opened;
    succeed(message.id, opened.bytes, result);
  } catch (error) {
    fail(message.id, error);
  }
});
