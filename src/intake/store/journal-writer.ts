import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { nextTurn, sleep } from '../../base/clock.ts';
import type { EventRecord, RuntimeAggregate } from '../../evidence/falco/runtime-aggregate.ts';
import type { Logger } from '../../telemetry/log.ts';
import { FrameQueue } from './frame-queue.ts';
import type { Heritage } from './heritage.ts';
import { JournalError } from './journal-error.ts';
import { JournalThread } from './journal-thread.ts';
import type { Fold, Mark, Opened } from './messages.ts';
import { within } from './patience.ts';
import type { PendingEvents } from './sums.ts';
import { addUp, Growth } from './sums.ts';

export interface JournalWriterOptions {
  /** The folder of the file; one that belongs to this replica alone. */
  readonly folder: string;
  readonly maxBytes: number;
  /** What the replica is called; the cursor in RuntimeReports gets a longer name, which stays with the file. */
  readonly replica: string;
  readonly aggregate: RuntimeAggregate;
  readonly pending: PendingEvents;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Seconds that a commit took, as those who wait for it see it. */
  readonly onCommit: (seconds: number) => void;
  /** Bytes after which events are added up; default 8 MiB. */
  readonly foldBytes?: number;
}

/** A commit that takes longer is not waited for: who sends must not hang because a disk does. */
const patienceMs = 1_000;
/** At the start nobody waits yet, and what is there has to be read. */
const openPatienceMs = 20_000;
const retryMs = 2_000;
/** As many events as the aggregate knows again. */
const recentEvents = 131_072;
/** What may gather while the store comes back. */
const gatherBytes = 16 * 1_048_576;

/**
 * Brings events to the disk. Those that come while a commit is under way go into the next one together. Now and then what is
 * not published is written added up, in place of the single events. When the disk fails, events stay in memory, as bounded
 * as ever, and all of it is written once the disk is well again.
 */
export class JournalWriter {
  readonly #options: JournalWriterOptions;
  readonly #heritage: Heritage;
  readonly #thread: JournalThread;
  readonly #frames = new FrameQueue();
  readonly #growth: Growth;
  readonly #ending = new AbortController();
  #name: string;
  /** Why events are in memory alone; undefined while all is well. */
  #problem: string | undefined = 'not opened yet';
  /** While all is not well: whether new events are gathered to be written, whole. */
  #gathering = false;
  #pumping: Promise<void> | undefined;
  #recovering: Promise<void> | undefined;
  #folding: Promise<void> | undefined;
  #bytes = 0;

  /** @param heritage is given what the file holds already */
  constructor(options: JournalWriterOptions, heritage: Heritage) {
    this.#options = options;
    this.#heritage = heritage;
    const { folder, maxBytes, replica, foldBytes } = options;
    this.#growth = new Growth(foldBytes);
    this.#name = `${replica}_${randomBytes(6).toString('hex')}`;
    this.#thread = new JournalThread({ path: join(folder, 'events.db'), maxBytes, recentEvents });
  }

  get name(): string {
    return this.#name;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Reads what an earlier process has left. Never fails: without the file events are held in memory. */
  async open(): Promise<void> {
    const { clock } = this.#options;
    try {
      const opening = this.#thread.request({ type: 'open', name: this.#name, known: false });
      const { opened, bytes } = await within(clock, openPatienceMs, opening);
      this.#bytes = bytes;
      this.#tell(opened);
      const { content } = opened ?? {};
      if (content !== undefined) {
        this.#name = content.name;
        this.#heritage.receive(content);
      }
      this.#problem = undefined;
    } catch (error) {
      this.#problem = undefined;
      this.#fallBack(error);
    }
  }

  /** @returns whether it is on the disk; if not, it is in memory alone */
  write(record: EventRecord): Promise<boolean> {
    const frame = this.#frames.next;
    if (this.#isWell) {
      frame.add(record);
      this.#pump();
      return frame.done;
    }
    // What it is known by is kept in any case: its count will be on the disk one day, and then a copy must be known too.
    frame.add(this.#gathering ? record : withoutEvent(record));
    if (frame.bytes > gatherBytes) {
      this.#frames.take();
      this.#gathering = false;
    }
    return Promise.resolve(false);
  }

  /** All that was to be written so far. @returns whether it is on the disk */
  async written(): Promise<boolean> {
    return (await this.#frames.latest(this.#isWell)?.done) ?? this.#isWell;
  }

  /** Resolves when it is on the disk, or cannot be. */
  async mark(mark: Mark): Promise<void> {
    if (!this.#isWell) return;
    try {
      await within(this.#options.clock, patienceMs, this.#thread.request(mark));
    } catch (error) {
      this.#fallBack(error);
    }
  }

  /** Writes what is gathered, and closes the file. */
  async close(): Promise<void> {
    this.#ending.abort();
    // A disk that hangs must not keep the process.
    const patiently = (work: Promise<unknown>) =>
      within(this.#options.clock, patienceMs, work).catch(() => {});
    await patiently(Promise.all([this.#pumping, this.#folding, this.#recovering]));
    this.#problem ??= 'it is closed';
    // After all that was asked before.
    await patiently(this.#thread.request({ type: 'close' }));
    await patiently(this.#thread.end());
  }

  get #isWell(): boolean {
    return this.#problem === undefined;
  }

  /** Writes frames one after the other, for as long as events come. */
  #pump(): void {
    this.#pumping ??= this.#writeFrames().finally(() => {
      this.#pumping = undefined;
      if (this.#isWell && this.#frames.next.events > 0) this.#pump();
    });
  }

  async #writeFrames(): Promise<void> {
    while (this.#isWell && this.#frames.next.events > 0) {
      // All that this turn of the event loop reads goes together.
      await nextTurn();
      if (this.#isWell) await this.#writeFrame();
    }
  }

  async #writeFrame(): Promise<void> {
    const { aggregate, clock, onCommit } = this.#options;
    const frame = this.#frames.begin();
    const began = clock.monotonic();
    try {
      const writing = this.#thread.request(frame.build(aggregate.losses()));
      this.#bytes = (await within(clock, patienceMs, writing)).bytes;
      frame.finish(true);
      onCommit((clock.monotonic() - began) / 1_000);
    } catch (error) {
      this.#fallBack(error);
    }
    this.#frames.end(frame);
    this.#growth.add(frame.bytes);
    if (this.#growth.isDue) this.#foldSoon();
  }

  #foldSoon(): void {
    if (!this.#heritage.isSettled || !this.#isWell) return;
    this.#folding ??= this.#fold()
      .catch((error: unknown) => this.#fallBack(error))
      .finally(() => (this.#folding = undefined));
  }

  /** Puts what is not published, added up, in the place of single events. */
  async #fold(): Promise<void> {
    const { aggregate, pending } = this.#options;
    const upTo = aggregate.sequence;
    const segments = await addUp(pending);
    this.#growth.reset(segments);
    const fold: Fold = { type: 'fold', upTo, name: this.#name, segments };
    if (this.#isWell) {
      // Not before the events themselves are there: one that is sent again would be unknown, and be counted again.
      await this.written();
      if (this.#isWell) this.#bytes = (await this.#thread.request(fold)).bytes;
      return;
    }
    const frame = this.#frames.take();
    try {
      const first = frame.events === 0 ? {} : { frame: frame.build(aggregate.losses()) };
      this.#bytes = (await this.#thread.request({ ...fold, ...first })).bytes;
    } catch (error) {
      this.#frames.keep(frame);
      throw error;
    }
  }

  /** From now on events are held in memory alone; whoever waits is told so. */
  #fallBack(error: unknown): void {
    if (!this.#isWell) return;
    const { code, message } =
      error instanceof JournalError ? error : new JournalError('Unknown', String(error));
    this.#problem = `the store of runtime events cannot be written: ${message}`;
    this.#options.logger.error('runtime events are held in memory alone: the store cannot be written', {
      code,
      reason: message,
      folder: this.#options.folder,
    });
    this.#frames.fail();
    this.#recovering ??= this.#recover().finally(() => (this.#recovering = undefined));
  }

  /** Tries until the file can be written again. What memory holds by then is all that it needs to hold. */
  async #recover(): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#ending;
    // At once the first time: a file that is as large as it may be has room when its events are added up.
    for (let wait = 0; !signal.aborted; wait = retryMs) {
      await sleep(clock, wait, signal);
      if (signal.aborted || this.#thread.busy) continue;
      try {
        const { opened } = await this.#thread.request({ type: 'open', name: this.#name, known: true });
        this.#tell(opened);
        if (opened?.content !== undefined && !this.#heritage.adopt(opened.content)) continue;
        if (this.#heritage.waits) continue;
        this.#gathering = true;
        await this.#fold();
        // More has come meanwhile than may wait.
        if (!this.#gathering) continue;
        this.#gathering = false;
        this.#problem = undefined;
        logger.info('runtime events are kept on disk again', { folder: this.#options.folder });
        return this.#pump();
      } catch (error) {
        this.#problem = `the store of runtime events cannot be written: ${(error as Error).message}`;
      }
      this.#gathering = false;
    }
  }

  #tell(opened: Opened | undefined): void {
    if (opened?.setAside === undefined) return;
    this.#options.logger.error(
      'the store of runtime events was damaged; it is set aside, and a new one begun',
      {
        ...opened.setAside,
      },
    );
  }
}

function withoutEvent(record: EventRecord): EventRecord {
  const { event: _, ...rest } = record;
  return rest;
}
