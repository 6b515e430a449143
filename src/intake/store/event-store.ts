import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { isTurnSpent, nextTurn, sleep } from '../../base/clock.ts';
import type { FalcoEvent } from '../../evidence/falco/event.ts';
import type { NamespaceFindings } from '../../evidence/falco/namespace-findings.ts';
import type { EventRecord, Outcome, RuntimeAggregate } from '../../evidence/falco/runtime-aggregate.ts';
import type { Logger } from '../../telemetry/log.ts';
import { FrameBuilder, readKeys } from './frame-builder.ts';
import { JournalError } from './journal-error.ts';
import { JournalThread } from './journal-thread.ts';
import type { Content, Fold, Mark, Opened, Segment } from './messages.ts';
import type { CursorOf, Unpublished } from './restore.ts';
import { restore } from './restore.ts';

/** What became of an event. `stored` is false where it is held in memory alone. */
export type StoredOutcome = Outcome & { readonly stored?: false };

/** All that waits to be written to RuntimeReports, wherever it is held. */
export interface PendingEvents {
  namespaces(): readonly string[];
  pendingOf(namespace: string): {
    readonly sent?: { readonly findings: NamespaceFindings; readonly upTo: number } | undefined;
    readonly waiting?: NamespaceFindings | undefined;
  };
}

export interface EventStoreOptions {
  /** The folder of the file; one that belongs to this replica alone. */
  readonly folder: string;
  readonly maxBytes: number;
  /** What the replica is called; the cursor in RuntimeReports gets a longer name, which stays with the file. */
  readonly replica: string;
  readonly aggregate: RuntimeAggregate;
  readonly pending: PendingEvents;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Events that were taken and are held in memory alone. */
  readonly onUnstored: (events: number) => void;
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
const defaultFoldBytes = 8 * 1_048_576;
/** Commits are small rows of their own when few events come. */
const foldFrames = 20_000;
/** What may gather while the store comes back. */
const gatherBytes = 16 * 1_048_576;

/**
 * Keeps events on disk until they are in a RuntimeReport. Events are written as they come, those that come while a commit
 * is under way in the next one together, and are answered when they are on the disk. Now and then what is not published
 * is written added up, in place of the single events. When the disk fails, events are held in memory alone, as bounded as
 * ever, and all of it is written once the disk is well again.
 */
export class EventStore {
  readonly #options: EventStoreOptions;
  readonly #thread: JournalThread;
  readonly #ending = new AbortController();
  #name: string;
  #content: Content | undefined;
  #cursorOf: CursorOf | undefined;
  #frame = new FrameBuilder();
  #underWay: FrameBuilder | undefined;
  /** Why events are in memory alone; undefined while all is well. */
  #problem: string | undefined = 'not opened yet';
  /** While all is not well: whether new events are gathered to be written, whole. */
  #gathering = false;
  #pumping: Promise<void> | undefined;
  #recovering: Promise<void> | undefined;
  #folding: Promise<void> | undefined;
  /** Names of files that were another process's. */
  readonly #adopted = new Set<string>();
  #bytes = 0;
  #grown = { bytes: 0, frames: 0, limit: defaultFoldBytes };

  constructor(options: EventStoreOptions) {
    this.#options = options;
    const { folder, maxBytes, replica, foldBytes = defaultFoldBytes } = options;
    this.#grown.limit = foldBytes;
    this.#name = `${replica}_${randomBytes(6).toString('hex')}`;
    this.#thread = new JournalThread({ path: join(folder, 'events.db'), maxBytes, recentEvents });
  }

  /** What this store's cursor in RuntimeReports is called; known after `open`. */
  get name(): string {
    return this.#name;
  }

  /** Why events are held in memory alone, in a sentence; undefined while they are kept on disk. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Bytes of the file. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Reads what an earlier process has left. Never fails: without the file events are held in memory. */
  async open(): Promise<void> {
    try {
      const opening = this.#thread.request({ type: 'open', name: this.#name, known: false });
      const { opened, bytes } = await this.#within(openPatienceMs, opening);
      this.#bytes = bytes;
      this.#tell(opened);
      const { content } = opened ?? {};
      if (content !== undefined) {
        this.#name = content.name;
        this.#options.aggregate.skipTo(content.sequence);
        this.#recall(content);
        this.#content = content;
      }
      this.#problem = undefined;
    } catch (error) {
      this.#problem = undefined;
      this.#fallBack(error);
    }
  }

  /**
   * The RuntimeReports were read: hands over what was not written, once.
   * @param cursorOf is asked again later, should the file be found then
   */
  settle(cursorOf: CursorOf): ReadonlyMap<string, Unpublished> {
    this.#cursorOf = cursorOf;
    const content = this.#content;
    this.#content = undefined;
    return content === undefined ? new Map() : this.#restore(content, cursorOf);
  }

  /** Takes an event in. Resolves when it is on the disk, or is held in memory alone. */
  async add(event: FalcoEvent, now: number): Promise<StoredOutcome> {
    const outcome = this.#options.aggregate.add(event, now);
    const { record } = outcome;
    // The first copy may be on its way to the disk still.
    if (record === undefined) return this.#answer(outcome, (await this.#latest()?.done) ?? this.#isWell);
    const frame = this.#frame;
    if (this.#isWell) {
      frame.add(record);
      this.#pump();
      return this.#answer(outcome, await frame.done);
    }
    // What it is known by is kept in any case: its count will be on the disk one day, and then a copy must be known too.
    frame.add(this.#gathering ? record : withoutEvent(record));
    if (frame.bytes > gatherBytes) {
      this.#frame = new FrameBuilder();
      this.#gathering = false;
    }
    return this.#answer(outcome, false);
  }

  /** Notes how far a namespace's events are about to be sent. Resolves when that is on the disk, or cannot be. */
  async markSent(namespace: string, upTo: number): Promise<void> {
    // Not before the events themselves: who has no answer sends them again, and then they must be known.
    await this.#latest()?.done;
    await this.#mark({ type: 'mark', namespace, sent: upTo, published: 0 });
  }

  /** They are in the RuntimeReport. */
  markPublished(namespace: string, upTo: number): void {
    void this.#mark({ type: 'mark', namespace, sent: 0, published: upTo });
  }

  /** The namespace is gone: nothing that was taken for it is for one of the same name that may come. */
  forget(namespace: string): void {
    this.markPublished(namespace, this.#options.aggregate.sequence);
  }

  /** Writes what is gathered, and closes the file. */
  async close(): Promise<void> {
    this.#ending.abort();
    // A disk that hangs must not keep the process.
    const patiently = (work: Promise<unknown>) => this.#within(patienceMs, work).catch(() => {});
    await patiently(Promise.all([this.#pumping, this.#folding, this.#recovering]));
    this.#problem ??= 'it is closed';
    // After all that was asked before.
    await patiently(this.#thread.request({ type: 'close' }));
    await patiently(this.#thread.end());
  }

  get #isWell(): boolean {
    return this.#problem === undefined;
  }

  /** The newest events that are not on the disk yet. */
  #latest(): FrameBuilder | undefined {
    return this.#frame.events > 0 && this.#isWell ? this.#frame : this.#underWay;
  }

  #answer(outcome: Outcome, stored: boolean): StoredOutcome {
    if (stored || outcome.result === 'dropped') return outcome;
    if (outcome.record !== undefined) this.#options.onUnstored(1);
    return { ...outcome, stored: false };
  }

  /** Writes frames one after the other, for as long as events come. */
  #pump(): void {
    this.#pumping ??= this.#writeFrames().finally(() => {
      this.#pumping = undefined;
      if (this.#isWell && this.#frame.events > 0) this.#pump();
    });
  }

  async #writeFrames(): Promise<void> {
    while (this.#isWell && this.#frame.events > 0) {
      // All that this turn of the event loop reads goes together.
      await nextTurn();
      if (this.#isWell) await this.#writeFrame();
    }
  }

  async #writeFrame(): Promise<void> {
    const { aggregate, clock, onCommit } = this.#options;
    const frame = this.#frame;
    this.#frame = new FrameBuilder();
    this.#underWay = frame;
    const began = clock.monotonic();
    try {
      const writing = this.#thread.request(frame.build(aggregate.losses()));
      this.#bytes = (await this.#within(patienceMs, writing)).bytes;
      frame.finish(true);
      onCommit((clock.monotonic() - began) / 1_000);
    } catch (error) {
      this.#fallBack(error);
    }
    if (this.#underWay === frame) this.#underWay = undefined;
    this.#grown.bytes += frame.bytes;
    this.#grown.frames += 1;
    if (this.#grown.bytes > this.#grown.limit || this.#grown.frames > foldFrames) this.#foldSoon();
  }

  async #mark(mark: Mark): Promise<void> {
    if (!this.#isWell) return;
    try {
      await this.#within(patienceMs, this.#thread.request(mark));
    } catch (error) {
      this.#fallBack(error);
    }
  }

  /** Before the RuntimeReports were read nobody knows what the frames of an earlier process are worth. */
  #foldSoon(): void {
    if (this.#cursorOf === undefined || !this.#isWell) return;
    this.#folding ??= this.#fold()
      .catch((error: unknown) => this.#fallBack(error))
      .finally(() => (this.#folding = undefined));
  }

  /**
   * Puts what is not published, added up, in the place of single events. Namespaces are written one after the other as they
   * are by then; each says itself up to which event it is.
   */
  async #fold(): Promise<void> {
    const { aggregate, pending } = this.#options;
    const upTo = aggregate.sequence;
    const segments: Segment[] = [];
    for (const namespace of pending.namespaces()) {
      const { sent, waiting } = pending.pendingOf(namespace);
      if (sent !== undefined)
        segments.push({ namespace, part: 'sent', upTo: sent.upTo, findings: sent.findings.save() });
      if (waiting !== undefined)
        segments.push({ namespace, part: 'waiting', upTo: waiting.upTo, findings: waiting.save() });
      if (isTurnSpent()) await nextTurn();
    }
    const size = segments.reduce((sum, { findings }) => sum + findings.length, 0);
    const { foldBytes = defaultFoldBytes } = this.#options;
    this.#grown = { bytes: 0, frames: 0, limit: Math.max(foldBytes, 2 * size) };
    const fold: Fold = { type: 'fold', upTo, name: this.#name, segments };
    if (this.#isWell) {
      // Not before the events themselves are there: one that is sent again would be unknown, and be counted again.
      await this.#latest()?.done;
      if (this.#isWell) this.#bytes = (await this.#thread.request(fold)).bytes;
      return;
    }
    const frame = this.#frame;
    this.#frame = new FrameBuilder();
    try {
      const first = frame.events === 0 ? {} : { frame: frame.build(aggregate.losses()) };
      this.#bytes = (await this.#thread.request({ ...fold, ...first })).bytes;
    } catch (error) {
      this.#keep(frame);
      throw error;
    }
  }

  /** Of events whose writing has failed, what they are known by. They wait no longer. */
  #keep(frame: FrameBuilder): void {
    frame.finish(false);
    this.#frame.addKeys(frame);
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
    const frames = [this.#underWay, this.#frame];
    this.#frame = new FrameBuilder();
    for (const frame of frames) if (frame !== undefined) this.#keep(frame);
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
        if (opened?.content !== undefined && !this.#adopt(opened.content)) continue;
        if (this.#content !== undefined) continue;
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

  /** A file that was not there at the start, and is another process's: what it holds is taken over. */
  #adopt(content: Content): boolean {
    if (this.#cursorOf === undefined) return false;
    // Until it can be written as ours it is read each time.
    if (this.#adopted.has(content.name)) return true;
    this.#adopted.add(content.name);
    const { aggregate, clock } = this.#options;
    const now = clock.now();
    this.#recall(content);
    for (const [namespace, { sent, waiting }] of this.#restore(content, this.#cursorOf)) {
      for (const findings of [sent?.findings, waiting]) {
        if (findings === undefined) continue;
        findings.upTo = aggregate.nextSequence(now);
        aggregate.restore(namespace, findings, now);
      }
    }
    return true;
  }

  /** What an earlier process knew: copies of its events are none, and its losses stay counted. */
  #recall(content: Content): void {
    const { aggregate } = this.#options;
    for (const keys of content.keys)
      for (const [identity, alert] of readKeys(keys)) aggregate.remember(identity, alert);
    aggregate.addLosses(content);
  }

  #restore(content: Content, cursorOf: CursorOf): ReadonlyMap<string, Unpublished> {
    const { unpublished, broken } = restore(content, cursorOf, this.#options.aggregate);
    if (broken > 0) this.#options.logger.error('stored runtime events could not be read', { events: broken });
    return unpublished;
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

  async #within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = this.#options.clock.timer(milliseconds, () =>
      late.reject(new JournalError('Slow', `the disk has not answered within ${milliseconds} ms`)),
    );
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      timer.cancel();
    }
  }
}

function withoutEvent(record: EventRecord): EventRecord {
  const { event: _, ...rest } = record;
  return rest;
}
