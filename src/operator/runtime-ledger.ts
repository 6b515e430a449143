import type { RuntimeReportStatus } from '../api/runtime-report.ts';
import type { RuntimeFinding } from '../domain/runtime.ts';
import type { MergeOptions } from '../evidence/falco/merge-findings.ts';
import { joinFindings, mergeFindings } from '../evidence/falco/merge-findings.ts';
import type { NamespaceFindings } from '../evidence/falco/namespace-findings.ts';
import type { RuntimeAggregate } from '../evidence/falco/runtime-aggregate.ts';
import { keepFindingsMs, maxFindingsPerNamespace } from '../evidence/falco/runtime-aggregate.ts';
import { present } from '../evidence/present.ts';
import type { RuntimeMemo } from './memos.ts';
import { cursorLifeMs, cursorOf, dropOld, joinCursors, moveCursor } from './replica-cursors.ts';
import type { ReportMemory } from './report-memory.ts';
import { forgetOld, joinMemories, knownIn, remember } from './report-memory.ts';
import { lostIn, runtimeStatus } from './runtime-status.ts';

/** Own events on their way into a RuntimeReport. */
interface Batch {
  readonly findings: NamespaceFindings;
  /** Where our cursor stands in the report once they are in it: the sequence number of the last of them. */
  readonly upTo: number;
  /** How often they may have reached the API server. Once they may, nothing joins them: they are there whole or not at all. */
  attempts: number;
}

/** What is known of one RuntimeReport. */
interface Account {
  /** As one of our replicas wrote it last, whatever others have made of it since. */
  written: RuntimeReportStatus | undefined;
  /** Up to which of our events they are in it. */
  added: number;
  addedAt: number;
  batch: Batch | undefined;
  /** The report was put back as it had been before our last events: they are to be put back too. */
  lacksOurs: boolean;
}

export interface LedgerOptions {
  /** The name of this replica's cursor: that of this process, or of the file that its events outlive it in. */
  readonly replica: () => string;
  /** Takes the events in; what it adds up is taken from it. */
  readonly aggregate: RuntimeAggregate;
  readonly ownerOf: (namespace: string, pod: string) => ReturnType<MergeOptions['ownerOf']>;
  /** All events up to this one are in the report, and so many of them beyond what it remembers. */
  readonly onPublished?: (namespace: string, sequence: number, unmarked: number) => void;
}

/**
 * Adds the events that this replica took to RuntimeReports to which other replicas add theirs. What a report says is what
 * all have added up; the cursor in it says how many of a replica's events it holds. So a write whose answer was lost
 * is not repeated when the report shows that it came through, and is when it does not: every write is decided on
 * one version of the report, and none is written twice on the same one. The report also knows the last events again that were
 * added to it: copies of them that this replica took are taken off before it adds its own, again on each version.
 */
export class RuntimeLedger {
  readonly #options: LedgerOptions;
  readonly #accounts = new Map<string, Account>();

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** Namespaces with a report or with events. */
  namespaces(): readonly string[] {
    return [...new Set([...this.#accounts.keys(), ...this.#options.aggregate.namespaces()])];
  }

  /** Takes notice of a report as it is now: what of ours it holds, and whether it is one of our replicas that wrote it. */
  see(namespace: string, report: RuntimeMemo | undefined, now: number): void {
    const { status, foreign = false } = report ?? {};
    if (status === undefined && !this.#accounts.has(namespace)) return;
    const account = this.#accountOf(namespace);
    if (status === undefined || foreign) {
      // Nobody clears an alert by editing or deleting a report; but of one that is met for the first time nothing else is known.
      account.written ??= status;
    } else {
      this.#take(account, status, now);
    }
    const cursor = cursorOf(account.written?.replicas ?? [], this.#options.replica());
    if (account.batch !== undefined && cursor >= account.batch.upTo) {
      const { untraced } = account.batch.findings;
      account.batch = undefined;
      this.#options.onPublished?.(namespace, cursor, untraced);
    }
    account.added = Math.max(account.added, cursor);
  }

  /** Whether this replica has something to add that nobody else can. */
  hasOwn(namespace: string): boolean {
    const account = this.#accounts.get(namespace);
    return (
      account?.batch !== undefined || account?.lacksOurs === true || this.#waiting(namespace) !== undefined
    );
  }

  /** All that is known: what was written, and the own events that are not in it yet. */
  findings(namespace: string, now: number): readonly RuntimeFinding[] {
    const account = this.#accounts.get(namespace);
    return this.#merge(namespace, account, [account?.batch?.findings, this.#waiting(namespace)], now)
      .findings;
  }

  /** Own events that are in no report as far as is known: those that may have been sent, and those that wait. */
  pendingOf(namespace: string): { readonly sent?: Batch; readonly waiting?: NamespaceFindings } {
    return present({ sent: this.#accounts.get(namespace)?.batch, waiting: this.#waiting(namespace) });
  }

  /** Goes on where an earlier process ended. What may have been sent is there whole or not at all, and nothing joins it. */
  restore(
    namespace: string,
    { sent, waiting }: { readonly sent?: Omit<Batch, 'attempts'>; readonly waiting?: NamespaceFindings },
    now: number,
  ): void {
    if (sent !== undefined) this.#accountOf(namespace).batch = { ...sent, attempts: 1 };
    if (waiting !== undefined) this.#options.aggregate.restore(namespace, waiting, now);
  }

  /**
   * Puts together what is to be written next. What waits joins what is under way, unless that may have been sent.
   * @returns where the cursor is to stand then, if that is news: who keeps events keeps it first
   */
  gather(namespace: string): number | undefined {
    const waiting = this.#waiting(namespace);
    if (waiting === undefined) return undefined;
    const account = this.#accountOf(namespace);
    const { batch } = account;
    if (batch !== undefined && batch.attempts > 0) return undefined;
    this.#options.aggregate.take(namespace);
    const findings = batch?.findings ?? waiting;
    if (findings !== waiting) findings.addAll(waiting);
    while (findings.size > maxFindingsPerNamespace) findings.dropLeast();
    account.batch = { findings, upTo: findings.upTo, attempts: 0 };
    return findings.upTo;
  }

  /** The report with what was gathered. It is taken for sent from then on; say `notSent` if it was not. */
  compose(namespace: string, now: number): RuntimeReportStatus {
    const account = this.#accounts.get(namespace);
    const batch = account?.batch;
    const written = account?.written;
    const { findings, lost } = this.#merge(namespace, account, [batch?.findings], now);
    const dropped = lost + (written === undefined ? 0 : lostIn(written));
    const { replicas: cursors = [], recent = [] } = written ?? {};
    if (batch !== undefined && account !== undefined) {
      batch.attempts += 1;
      account.addedAt = now;
      return runtimeStatus(
        findings,
        dropped,
        moveCursor(cursors, this.#options.replica(), batch.upTo, now),
        remember(recent, newMarks(batch, recent), now),
      );
    }
    // That a cursor or a mark has grown old is no reason to write.
    const ended = findings.length < (written?.findings.length ?? 0);
    return ended
      ? runtimeStatus(findings, dropped, dropOld(cursors, now), forgetOld(recent, now))
      : runtimeStatus(findings, dropped, cursors, recent);
  }

  /** What was composed last has not left this process. */
  notSent(namespace: string): void {
    const batch = this.#accounts.get(namespace)?.batch;
    if (batch !== undefined) batch.attempts -= 1;
  }

  /** The namespace is gone. */
  forget(namespace: string): void {
    this.#accounts.delete(namespace);
    this.#options.aggregate.forget(namespace);
  }

  #accountOf(namespace: string): Account {
    const found = this.#accounts.get(namespace) ?? {
      written: undefined,
      added: 0,
      addedAt: 0,
      batch: undefined,
      lacksOurs: false,
    };
    this.#accounts.set(namespace, found);
    return found;
  }

  /** A report that one of our replicas wrote. */
  #take(account: Account, status: RuntimeReportStatus, now: number): void {
    const { written, added, addedAt } = account;
    const cursors = status.replicas ?? [];
    const lacks = cursorOf(cursors, this.#options.replica()) < added;
    // An old cursor is dropped by whoever writes next.
    account.lacksOurs = lacks && now - addedAt < cursorLifeMs;
    if (!account.lacksOurs || written === undefined) {
      account.written = status;
      return;
    }
    // Whoever put it back, or restored it from a backup, had not seen our last events. Counts are then the larger ones.
    account.written = {
      ...status,
      findings: joinFindings(written.findings, status.findings),
      dropped: Math.max(lostIn(written), lostIn(status)),
      total: 0,
      replicas: joinCursors(written.replicas ?? [], cursors),
      recent: joinMemories(written.recent ?? [], status.recent ?? []),
    };
  }

  #waiting(namespace: string): NamespaceFindings | undefined {
    const pending = this.#options.aggregate.pending(namespace);
    return pending === undefined || pending.size + pending.gaveWay.events === 0 ? undefined : pending;
  }

  #merge(
    namespace: string,
    account: Account | undefined,
    added: readonly (NamespaceFindings | undefined)[],
    now: number,
  ) {
    return mergeFindings(account?.written?.findings ?? [], added, {
      since: now - keepFindingsMs,
      most: maxFindingsPerNamespace,
      known: knownIn(added.some((each) => each !== undefined) ? (account?.written?.recent ?? []) : []),
      ownerOf: (pod) => this.#options.ownerOf(namespace, pod),
    });
  }
}

/** Of what a batch adds: its copies are known by then. */
const newMarks = ({ findings }: Batch, recent: ReportMemory): readonly string[] => {
  const known = knownIn(recent);
  return findings.marks().filter((mark) => !known.has(mark));
};
