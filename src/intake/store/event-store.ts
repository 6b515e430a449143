import type { FalcoEvent } from '../../evidence/falco/event.ts';
import type { Outcome } from '../../evidence/falco/runtime-aggregate.ts';
import { Heritage } from './heritage.ts';
import type { JournalWriterOptions } from './journal-writer.ts';
import { JournalWriter } from './journal-writer.ts';
import type { CursorOf, Unpublished } from './restore.ts';

/** What became of an event. `stored` is false where it is held in memory alone. */
export type StoredOutcome = Outcome & { readonly stored?: false };

export interface EventStoreOptions extends JournalWriterOptions {
  /** Events that were taken and are held in memory alone. */
  readonly onUnstored: (events: number) => void;
}

/** Takes events in, and keeps them on disk until they are in a RuntimeReport. Whoever sent one is answered when it is on the disk. */
export class EventStore {
  readonly #options: EventStoreOptions;
  readonly #heritage: Heritage;
  readonly #writer: JournalWriter;

  constructor(options: EventStoreOptions) {
    this.#options = options;
    this.#heritage = new Heritage(options);
    this.#writer = new JournalWriter(options, this.#heritage);
  }

  /** What this store's cursor in RuntimeReports is called; known after `open`. */
  get name(): string {
    return this.#writer.name;
  }

  /** Why events are held in memory alone, in a sentence; undefined while they are kept on disk. */
  get problem(): string | undefined {
    return this.#writer.problem;
  }

  /** Bytes of the file. */
  get bytes(): number {
    return this.#writer.bytes;
  }

  /** Reads what an earlier process has left. Never fails: without the file events are held in memory. */
  async open(): Promise<void> {
    await this.#writer.open();
  }

  /**
   * The RuntimeReports were read: hands over what was not written, once.
   * @param cursorOf is asked again later, should the file be found then
   */
  settle(cursorOf: CursorOf): ReadonlyMap<string, Unpublished> {
    return this.#heritage.settle(cursorOf);
  }

  /** Takes an event in. Resolves when it is on the disk, or is held in memory alone. */
  async add(event: FalcoEvent, now: number): Promise<StoredOutcome> {
    const outcome = this.#options.aggregate.add(event, now);
    const { record } = outcome;
    // The first copy may be on its way to the disk still.
    const stored = await (record === undefined ? this.#writer.written() : this.#writer.write(record));
    if (stored || outcome.result === 'dropped') return outcome;
    if (record !== undefined) this.#options.onUnstored(1);
    return { ...outcome, stored: false };
  }

  /** Notes how far a namespace's events are about to be sent. Resolves when that is on the disk, or cannot be. */
  async markSent(namespace: string, upTo: number): Promise<void> {
    // Not before the events themselves: who has no answer sends them again, and then they must be known.
    await this.#writer.written();
    await this.#writer.mark({ type: 'mark', namespace, sent: upTo, published: 0 });
  }

  /** They are in the RuntimeReport. */
  markPublished(namespace: string, upTo: number): void {
    void this.#writer.mark({ type: 'mark', namespace, sent: 0, published: upTo });
  }

  /** The namespace is gone: nothing that was taken for it is for one of the same name that may come. */
  forget(namespace: string): void {
    this.markPublished(namespace, this.#options.aggregate.sequence);
  }

  /** Writes what is gathered, and closes the file. */
  async close(): Promise<void> {
    await this.#writer.close();
  }
}
