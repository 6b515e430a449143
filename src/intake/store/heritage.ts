import type { Clock } from '../../base/clock.ts';
import type { RuntimeAggregate } from '../../evidence/falco/runtime-aggregate.ts';
import type { Logger } from '../../telemetry/log.ts';
import { readKeys } from './frame-builder.ts';
import type { Content } from './messages.ts';
import type { CursorOf, Unpublished } from './restore.ts';
import { restore } from './restore.ts';
import type { PendingEvents } from './sums.ts';

interface HeritageOptions {
  readonly aggregate: RuntimeAggregate;
  readonly pending: PendingEvents;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What earlier processes have left: of it is known at once what was counted, and later, by the RuntimeReports, what was not published. */
export class Heritage {
  readonly #options: HeritageOptions;
  /** Until the RuntimeReports are read. */
  #content: Content | undefined;
  #cursorOf: CursorOf | undefined;
  /** Names of files that were another process's. */
  readonly #adopted = new Set<string>();

  constructor(options: HeritageOptions) {
    this.#options = options;
  }

  /** Whether the RuntimeReports are read. Before, nobody knows what the frames of an earlier process are worth. */
  get isSettled(): boolean {
    return this.#cursorOf !== undefined;
  }

  /** Whether something is there of which nobody knows yet what it is worth. */
  get waits(): boolean {
    return this.#content !== undefined;
  }

  /** The content of the file that is ours from now on. */
  receive(content: Content): void {
    this.#options.aggregate.skipTo(content.sequence);
    this.#recall(content);
    this.#content = content;
  }

  /** The RuntimeReports were read: hands over what was not written, once. */
  settle(cursorOf: CursorOf): ReadonlyMap<string, Unpublished> {
    this.#cursorOf = cursorOf;
    const content = this.#content;
    this.#content = undefined;
    return content === undefined ? new Map() : this.#restore(content, cursorOf);
  }

  /**
   * A file that was not there at the start, and is another process's: what it holds is taken over.
   * @returns false when it is too early for that
   */
  adopt(content: Content): boolean {
    if (this.#cursorOf === undefined) return false;
    // Until it can be written as ours it is read each time.
    if (this.#adopted.has(content.name)) return true;
    this.#adopted.add(content.name);
    const { aggregate, clock } = this.#options;
    const now = clock.now();
    this.#recall(content);
    for (const [namespace, { sent, waiting }] of this.#restore(content, this.#cursorOf)) {
      const taken = this.#taken(namespace);
      for (const all of [sent?.findings, waiting]) {
        if (all === undefined) continue;
        const findings = all.without(taken);
        if (findings.size + findings.gaveWay.events === 0) continue;
        findings.upTo = aggregate.nextSequence(now);
        aggregate.restore(namespace, findings, now);
      }
    }
    return true;
  }

  /** Marks of the events that were taken here without knowing that they are in the file: who had no answer has sent them again. */
  #taken(namespace: string): ReadonlySet<string> {
    const { sent, waiting } = this.#options.pending.pendingOf(namespace);
    return new Set([sent?.findings, waiting].flatMap((findings) => findings?.marks() ?? []));
  }

  /** Copies of its events are none, and its losses stay counted. */
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
}
