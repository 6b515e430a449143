import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Clock, sleep } from '../../src/base/clock.ts';
import { throwIfStopped } from './errors.ts';

/**
 * Runs `work` while no other process on this machine holds the lock `path`. `onWait` is told once, with the pid of
 * the holder where that is known, if somebody else has it.
 *
 * The lock is SQLite's lock on a file, because the kernel gives that one back when its holder dies, however it
 * dies: two heirs of a lock file that only names a pid would both find it stale, and both take it.
 *
 * Throws ControlPlaneError `Stopped` if `signal` aborts while it waits.
 */
export async function withLock<T>(
  path: string,
  clock: Clock,
  onWait: (holder: number | undefined) => void,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: 0 });
  const holderFile = `${path}.pid`;
  try {
    for (let waited = false; !tryLock(database); waited = true) {
      if (!waited) onWait(readPid(holderFile));
      await sleep(clock, 250, signal);
      throwIfStopped(signal);
    }
    writeFileSync(holderFile, `${process.pid}\n`);
    try {
      return await work();
    } finally {
      rmSync(holderFile, { force: true });
    }
  } finally {
    database.close();
  }
}

const busy = 5; // SQLITE_BUSY

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === busy) return false;
    throw error;
  }
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    return undefined; // Written a moment after the lock is taken: nothing hangs on it but the message.
  }
}
