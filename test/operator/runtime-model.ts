import { systemClock } from '../../src/base/clock.ts';
import { RuntimeAggregate } from '../../src/evidence/falco/runtime-aggregate.ts';
import { identify } from '../../src/evidence/falco/identity.ts';
import { timeText } from '../../src/evidence/falco/time.ts';
import type { RuntimeMemo } from '../../src/operator/memos.ts';
import { RuntimeLedger } from '../../src/operator/runtime-ledger.ts';
import { now } from '../support/builders.ts';

/** What a RuntimeReport is at one version; `memo` is undefined where it is not there. */
interface Version {
  readonly version: number;
  readonly memo: RuntimeMemo | undefined;
}

/** One RuntimeReport on a server that lets a write pass only on the version that it was decided on. */
export class ModelReport {
  readonly history: Version[] = [{ version: 0, memo: undefined }];

  get last(): Version {
    return this.history.at(-1) ?? { version: 0, memo: undefined };
  }

  get total(): number {
    return this.last.memo?.status?.total ?? 0;
  }

  put(memo: RuntimeMemo | undefined): Version {
    const next = { version: this.last.version + 1, memo };
    this.history.push(next);
    return next;
  }
}

let serial = 0;

/** Of an event that no replica has taken. */
export const newIdentity = (): string => identify([String(serial++)]);

/** What becomes of a write: `lost` and `unanswered` look the same to who sent it. */
export type Fate = 'answered' | 'lost' | 'unanswered';

/** A replica whose watch shows what it is told to show, one version after the other. */
export class ModelReplica {
  readonly #server: ModelReport;
  readonly #aggregate = new RuntimeAggregate();
  readonly ledger: RuntimeLedger;
  #seen: Version;
  /** What it wrote itself and the watch has not shown yet. */
  #ahead: Version | undefined;
  leads: boolean;
  /** Events that it published beyond what the report remembers. */
  unmarked = 0;

  constructor(server: ModelReport, leads: boolean) {
    this.#server = server;
    this.leads = leads;
    const name = `replica-${serial++}`;
    this.ledger = new RuntimeLedger({
      replica: () => name,
      aggregate: this.#aggregate,
      ownerOf: () => undefined,
      onPublished: (_, __, unmarked) => (this.unmarked += unmarked),
    });
    this.#seen = server.last;
    this.#look();
  }

  /**
   * @param identity of an event that another replica may have taken too
   * @returns whether it was kept
   */
  take(rule: string, at = now, identity = newIdentity()): boolean {
    const common = { kind: 'alert', priority: 'Warning', source: 'syscall', sample: 's' } as const;
    const event = { ...common, namespace: 'shop', pod: 'app', rule, time: timeText(at), at, identity };
    return this.#aggregate.add(event, now).result === 'accepted';
  }

  /** The watch shows the next version, or leaps over some: it had to list anew. */
  watch(leap = false): void {
    const { history, last } = this.#server;
    const next = leap ? last : history.find(({ version }) => version > this.#seen.version);
    if (next !== undefined) this.#seen = next;
    this.#look();
  }

  catchUp(): void {
    while (this.#seen.version < this.#server.last.version) this.watch();
  }

  /** As the publisher does it. @returns whether the server has something else than before */
  publish(fate: Fate = 'answered'): boolean {
    this.#look();
    if (!this.ledger.hasOwn('shop') && !this.leads) return false;
    const known = this.#known;
    this.ledger.gather('shop');
    const status = this.ledger.compose('shop', now);
    const isSame =
      JSON.stringify(status) === JSON.stringify(known.memo?.status) && known.memo?.foreign === false;
    if (isSame || (status.findings.length === 0 && known.memo === undefined)) {
      this.ledger.notSent('shop');
      return false;
    }
    if (fate === 'lost' || this.#server.last.version !== known.version) return false;
    const written = this.#server.put({ status, foreign: false });
    if (fate === 'answered') this.#ahead = written;
    this.#look();
    return true;
  }

  get #known(): Version {
    return this.#ahead !== undefined && this.#ahead.version > this.#seen.version ? this.#ahead : this.#seen;
  }

  #look(): void {
    this.ledger.see('shop', this.#known.memo, now);
  }
}

/** Lets everybody see and write until nobody has anything to do. @returns the number of writes */
export function settle(replicas: readonly ModelReplica[]): number {
  const until = systemClock.monotonic() + 5_000;
  let writes = 0;
  for (let quiet = false; !quiet;) {
    if (systemClock.monotonic() > until) throw new Error('they write on and on');
    quiet = true;
    for (const replica of replicas) {
      replica.catchUp();
      if (replica.publish()) {
        quiet = false;
        writes++;
      }
    }
  }
  return writes;
}
