import type { RuntimeReportStatus } from '../../../src/api/runtime-report.ts';
import { systemClock } from '../../../src/base/clock.ts';
import type { FalcoEvent } from '../../../src/evidence/falco/event.ts';
import { RuntimeAggregate } from '../../../src/evidence/falco/runtime-aggregate.ts';
import type { EventStoreOptions } from '../../../src/intake/store/event-store.ts';
import { EventStore } from '../../../src/intake/store/event-store.ts';
import { cursorOf } from '../../../src/operator/replica-cursors.ts';
import { RuntimeLedger } from '../../../src/operator/runtime-ledger.ts';

/** A RuntimeReport at one version. */
export interface Report {
  readonly version: number;
  readonly status?: RuntimeReportStatus;
}

/** Takes a write only on the version that it was decided on, as the API server does. */
export interface Reports {
  read(namespace: string): Promise<Report>;
  /** @returns whether it was taken */
  write(namespace: string, version: number, status: RuntimeReportStatus): Promise<boolean>;
}

export class ModelReports implements Reports {
  readonly #reports = new Map<string, Report>();

  get namespaces(): string[] {
    return [...this.#reports.keys()].sort();
  }

  at(namespace: string): Report {
    return this.#reports.get(namespace) ?? { version: 0 };
  }

  total(namespace: string): number {
    return this.at(namespace).status?.total ?? 0;
  }

  async read(namespace: string): Promise<Report> {
    return this.at(namespace);
  }

  async write(namespace: string, version: number, status: RuntimeReportStatus): Promise<boolean> {
    if (this.at(namespace).version !== version) return false;
    this.#reports.set(namespace, { version: version + 1, status });
    return true;
  }
}

type LifeOptions = Pick<EventStoreOptions, 'folder'> & Partial<EventStoreOptions>;

/** One life of a replica: what takes events, keeps them and adds them to reports, put together as the operator does it. */
export class Life {
  readonly aggregate = new RuntimeAggregate();
  readonly ledger: RuntimeLedger;
  readonly store: EventStore;
  readonly log: [message: string, fields: object][] = [];
  readonly #reports: Reports;
  unstored = 0;
  /** Called at the moments at which a process may die; see `moments`. */
  onMoment: (moment: Moment) => void = () => {};

  constructor(reports: Reports, options: LifeOptions) {
    this.#reports = reports;
    const log = (message: string, fields: object = {}) => void this.log.push([message, fields]);
    this.ledger = new RuntimeLedger({
      replica: () => this.store.name,
      aggregate: this.aggregate,
      ownerOf: () => undefined,
      onPublished: (namespace, sequence) => this.store.markPublished(namespace, sequence),
    });
    this.store = new EventStore({
      maxBytes: 64 * 1_048_576,
      replica: 'test',
      aggregate: this.aggregate,
      pending: this.ledger,
      clock: systemClock,
      logger: { debug: log, info: log, warn: log, error: log },
      onUnstored: (events) => (this.unstored += events),
      onCommit: () => {},
      ...options,
    });
  }

  /** Opens the store, reads the reports of these namespaces, and goes on where the life before ended. */
  async begin(namespaces: readonly string[]): Promise<void> {
    await this.store.open();
    const reports = new Map<string, Report>();
    for (const namespace of namespaces) reports.set(namespace, await this.#reports.read(namespace));
    const left = this.store.settle((name, namespace) =>
      cursorOf(reports.get(namespace)?.status?.replicas ?? [], name),
    );
    for (const [namespace, unpublished] of left)
      this.ledger.restore(namespace, unpublished, systemClock.now());
  }

  async add(event: FalcoEvent, now = systemClock.now()) {
    const taking = this.store.add(event, now);
    this.onMoment('received');
    const outcome = await taking;
    this.onMoment('committed');
    return outcome;
  }

  /** As the publisher does it, once. @returns whether the report is as it should be */
  async publish(namespace: string, fate: 'answered' | 'lost' | 'unanswered' = 'answered'): Promise<boolean> {
    const { version, status } = await this.#reports.read(namespace);
    const now = systemClock.now();
    this.ledger.see(namespace, { status, foreign: false }, now);
    if (!this.ledger.hasOwn(namespace)) return true;
    const upTo = this.ledger.gather(namespace);
    if (upTo !== undefined) await this.store.markSent(namespace, upTo);
    this.onMoment('marked');
    const composed = this.ledger.compose(namespace, now);
    if (fate === 'lost') return false;
    const writing = this.#reports.write(namespace, version, composed);
    this.onMoment('sent');
    const taken = await writing;
    this.onMoment('published');
    if (taken && fate === 'answered') this.ledger.see(namespace, { status: composed, foreign: false }, now);
    return false;
  }

  async publishAll(): Promise<void> {
    for (const namespace of this.ledger.namespaces())
      for (let tries = 0; tries < 10 && !(await this.publish(namespace)); tries++);
  }
}

/** Between them lies everything that may be lost or done twice. */
export const moments = ['received', 'committed', 'answered', 'marked', 'sent', 'published'] as const;
export type Moment = (typeof moments)[number];
