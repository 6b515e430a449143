import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StatementSync } from 'node:sqlite';
import { DatabaseSync } from 'node:sqlite';
import { JournalError } from './journal-error.ts';
import type { Content, Mark, Opened, Segment, Write } from './messages.ts';
import { applicationId, schema, schemaVersion, statements } from './schema.ts';

export interface JournalOptions {
  readonly path: string;
  /** How large the file may grow; beside it lies a log of a few megabytes. */
  readonly maxBytes: number;
  /** So many events are known again after a restart. */
  readonly recentEvents: number;
}

const pageBytes = 4_096;
/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const damaged = new Set([11, 26]);

/** The SQLite file, on the thread that may wait for the disk. Nothing is in it but what was written as a whole. */
export class Journal {
  readonly #options: JournalOptions;
  readonly #database: DatabaseSync;
  readonly #statements: { readonly [Name in keyof typeof statements]: StatementSync };
  readonly #files: readonly { readonly path: string; readonly inode: number }[];

  /**
   * Opens the file, or makes one; one that cannot be read is set aside.
   * @throws JournalError
   */
  static open(options: JournalOptions, name: string, known: boolean): { journal: Journal; opened: Opened } {
    try {
      mkdirSync(dirname(options.path), { recursive: true });
      const reason = problemOf(options.path);
      const setAside = reason === undefined ? {} : { setAside: { reason, path: moveAside(options.path) } };
      const journal = new Journal(options, name);
      const content = known && journal.#name === name ? {} : { content: journal.#read() };
      return { journal, opened: { ...setAside, ...content } };
    } catch (error) {
      throw asJournalError(error);
    }
  }

  private constructor(options: JournalOptions, name: string) {
    this.#options = options;
    this.#database = openDatabase(options.path);
    try {
      this.#database.exec(
        `PRAGMA max_page_count = ${Math.max(64, Math.floor(options.maxBytes / pageBytes))}`,
      );
      if (this.#first('PRAGMA user_version') === 0) this.#create(name);
      this.#statements = mapValues(statements, (text) => this.#database.prepare(text));
      // The log beside it is there by now.
      this.#database.exec('BEGIN IMMEDIATE; UPDATE state SET name = name; COMMIT');
      this.#files = [options.path, `${options.path}-wal`].map((path) => ({
        path,
        inode: statSync(path).ino,
      }));
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /**
   * Writes all of it or nothing, to the disk itself.
   * @throws JournalError
   */
  write(writes: readonly Write[]): void {
    try {
      // Who removes the folder of an open file makes every write go nowhere, and SQLite does not mind.
      for (const { path, inode } of this.#files) {
        if (statSync(path).ino !== inode)
          throw new JournalError('Replaced', `${path} is another file by now`);
      }
      this.#database.exec('BEGIN IMMEDIATE');
      for (const write of writes) this.#write(write);
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw asJournalError(error);
    }
  }

  /** Bytes of the file. */
  get bytes(): number {
    return this.#first('PRAGMA page_count') * pageBytes;
  }

  close(): void {
    this.#database.close();
  }

  get #name(): unknown {
    return this.#database.prepare('SELECT name FROM state').get()?.['name'];
  }

  #create(name: string): void {
    this.#database.exec(`BEGIN IMMEDIATE; ${schema}`);
    this.#database.prepare('INSERT INTO state VALUES (?, 0, 0, 0)').run(name);
    this.#database.exec('COMMIT');
  }

  #write(write: Write): void {
    const run = this.#statements;
    switch (write.type) {
      case 'frame':
        if (write.body !== '') run.frame.run(write.sequence, write.body);
        run.recent.run(write.sequence, write.events, write.keys);
        run.state.run(write.sequence, write.unattributed, write.dropped);
        return;
      case 'mark':
        run.mark.run(write.namespace, write.sent, write.published);
        return;
      case 'fold':
        // What goes makes room for what comes, also in a file that may not grow.
        run.noFrames.run(write.upTo);
        run.noSegments.run();
        run.noRecent.run(this.#options.recentEvents);
        if (write.frame !== undefined) this.#write(write.frame);
        for (const { namespace, part, upTo, findings } of write.segments)
          run.segment.run(namespace, part, upTo, findings);
        run.noMarks.run(write.upTo, write.upTo);
        run.rename.run(write.name, write.upTo);
    }
  }

  #read(): Content {
    const all = (query: string) => this.#database.prepare(query).all() as unknown[];
    const [state] = all('SELECT * FROM state') as Pick<
      Content,
      'name' | 'sequence' | 'unattributed' | 'dropped'
    >[];
    if (state === undefined) throw new JournalError('Empty', 'the file has no state');
    const keys = all('SELECT keys FROM recent ORDER BY sequence') as { keys: string }[];
    const bodies = all('SELECT body FROM frames ORDER BY sequence') as { body: string }[];
    return {
      ...state,
      marks: (all('SELECT * FROM marks') as Omit<Mark, 'type'>[]).map((row) => ({ ...row })),
      segments: (all('SELECT * FROM segments') as Segment[]).map((row) => ({ ...row })),
      bodies: bodies.map(({ body }) => body),
      keys: keys.map((row) => row.keys),
    };
  }

  #first(query: string): number {
    return Number(Object.values(this.#database.prepare(query).get() ?? {})[0]);
  }
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    // Alone: a second process that writes the same file would be a second replica of the same name.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Why a file that is there cannot be used, if it is no passing trouble. */
function problemOf(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  let database: DatabaseSync | undefined;
  try {
    database = openDatabase(path);
    const read = (query: string) => Object.values(database?.prepare(query).get() ?? {})[0];
    const check = read('PRAGMA quick_check(1)');
    if (check !== 'ok') return String(check);
    const [application, version] = [read('PRAGMA application_id'), read('PRAGMA user_version')];
    // Made, and nothing written into it yet.
    if (application === 0 && version === 0 && read('SELECT count(*) FROM sqlite_schema') === 0)
      return undefined;
    if (application === applicationId && version === schemaVersion) return undefined;
    return `it is no store of this version (application ${String(application)}, version ${String(version)})`;
  } catch (error) {
    if (damaged.has((error as { errcode?: number }).errcode ?? 0)) return (error as Error).message;
    throw error;
  } finally {
    database?.close();
  }
}

/** One is kept, to be looked into. @returns its new name */
function moveAside(path: string): string {
  const target = `${path}.set-aside`;
  for (const end of ['', '-wal', '-shm']) {
    rmSync(`${target}${end}`, { force: true });
    if (existsSync(path + end)) renameSync(path + end, `${target}${end}`);
  }
  return target;
}

function asJournalError(error: unknown): JournalError {
  if (error instanceof JournalError) return error;
  const { errcode, code, message } = error as { errcode?: number; code?: string; message: string };
  return new JournalError(errcode === undefined ? (code ?? 'Unknown') : `SQLITE_${errcode}`, message, error);
}

function mapValues<T extends object, V>(from: T, map: (value: T[keyof T]) => V): { [K in keyof T]: V } {
  const entries = Object.entries(from) as [keyof T, T[keyof T]][];
  return Object.fromEntries(entries.map(([key, value]) => [key, map(value)])) as { [K in keyof T]: V };
}
