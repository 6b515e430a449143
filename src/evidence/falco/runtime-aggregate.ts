import { hash } from 'node:crypto';
import type { RuntimeFinding } from '../../domain/runtime.ts';
import type { Subject } from '../../domain/verdict.ts';
import { present } from '../present.ts';
import type { FalcoEvent } from './event.ts';
import type { StoreLimits } from './finding-store.ts';
import { FindingStore } from './finding-store.ts';
import { startOfHour } from './hourly-alerts.ts';
import type { GaveWay, NamespaceFindings } from './namespace-findings.ts';
import { RecentEvents } from './recent-events.ts';
import { addEvent, keyOf, newEntry } from './runtime-entry.ts';
import { Sequence } from './sequence.ts';
import type { EventTime } from './time.ts';
import { timeText } from './time.ts';
import { markOf } from './traces.ts';

/** What became of one event. `namespace` is there when its findings have changed; `held` until it can be known which. */
export interface Outcome {
  readonly result: 'accepted' | 'duplicate' | 'unattributed' | 'dropped' | 'held';
  readonly namespace?: string;
  /** What is to be kept of it, so that another process can count it; absent for what is counted already or never will be. */
  readonly record?: EventRecord;
}

/** One event as it is kept until it is in a RuntimeReport, and what its copies and repeats are known by for a while longer. */
export interface EventRecord {
  readonly sequence: number;
  /** Absent where nothing but the identity is needed later. */
  readonly event?: FalcoEvent;
  readonly identity: string;
  /** By what a repeat within the hour is known. */
  readonly alert?: string;
  readonly repeat?: boolean;
}

/** Events since the beginning of the store, or of the process where there is none. */
export interface Losses {
  /** Those that belong to no namespace. */
  readonly unattributed: number;
  /** Those that are in no finding: too old, or without room. */
  readonly dropped: number;
}

interface Owner {
  readonly kind: string;
  readonly name: string;
}

export interface AggregateOptions extends Partial<StoreLimits> {
  /** The top-level owner of a pod; undefined while the pod is not known. */
  readonly subjectOf?: (namespace: string, pod: string) => Owner | undefined;
  /** Where an event happened that does not say its namespace itself. */
  readonly locate?: (event: FalcoEvent) => { readonly namespace: string; readonly pod: string } | undefined;
  /** Milliseconds that a finding is kept after its last event: the longest window that a profile may ask for. */
  readonly keepFor?: number;
  /** Milliseconds that an event may lie ahead of our clock. */
  readonly maxSkew?: number;
  /** Events whose repetition is noticed; and as many alerts of which repeats within the hour count once. */
  readonly recentEvents?: number;
}

const minute = 60_000;

/** So long a finding is kept after its last event: the longest window that a profile may ask for. */
export const keepFindingsMs = 7 * 24 * 60 * minute;
export const maxFindingsPerNamespace = 200;

const defaults = {
  keepFor: keepFindingsMs,
  maxSkew: 5 * minute,
  maxNamespaces: 5_000,
  maxFindingsPerNamespace,
  maxFindings: 20_000,
  recentEvents: 131_072,
};

/**
 * Adds events up by namespace, rule, priority and subject, in bounded memory. The order in which events come does not
 * show in the result, as long as nothing has to give way.
 */
export class RuntimeAggregate {
  readonly #keepFor: number;
  readonly #maxSkew: number;
  readonly #subjectOf: NonNullable<AggregateOptions['subjectOf']>;
  readonly #locate: NonNullable<AggregateOptions['locate']>;
  readonly #recent: RecentEvents;
  readonly #recentAlerts: RecentEvents;
  readonly #store: FindingStore;
  readonly #sequence = new Sequence();
  #unattributed = 0;

  constructor({ subjectOf, locate, ...options }: AggregateOptions = {}) {
    const all = { ...defaults, ...present(options) };
    this.#keepFor = all.keepFor;
    this.#maxSkew = all.maxSkew;
    this.#subjectOf = subjectOf ?? (() => undefined);
    this.#locate = locate ?? (() => undefined);
    this.#recent = new RecentEvents(all.recentEvents);
    this.#recentAlerts = new RecentEvents(all.recentEvents);
    this.#store = new FindingStore(all);
  }

  /**
   * Takes one event in. A test and what Falco says of itself are accepted and belong to no namespace.
   * @param now milliseconds since the epoch
   */
  add(event: FalcoEvent, now: number): Outcome {
    const { identity, kind } = event;
    if (!this.#recent.add(identity)) return { result: 'duplicate' };
    if (kind === 'alert') {
      const located = event.namespace === undefined ? { ...event, ...this.#locate(event) } : event;
      if (located.namespace !== undefined) return this.#addTo(located.namespace, located, now);
    }
    if (kind === 'alert') this.#unattributed += 1;
    const record = { sequence: this.#sequence.next(now), identity };
    return kind === 'alert'
      ? { result: 'unattributed', record }
      : { result: 'accepted', record: kind === 'internal' ? { ...record, event } : record };
  }

  #addTo(namespace: string, event: FalcoEvent, now: number): Outcome {
    const time = this.#timeOf(event, now);
    if (time.at < now - this.#keepFor) {
      this.#store.countLoss({ findings: 0, events: 1 });
      return { result: 'dropped' };
    }
    const alert = alertOf(namespace, event, time);
    const repeat = !this.#recentAlerts.add(alert);
    const record = { sequence: this.#sequence.next(now), event, identity: event.identity, alert, repeat };
    let key = '';
    this.#store.change(namespace, (all) => (key = this.countInto(all, namespace, record, now)));
    this.#store.makeRoom(namespace, now - this.#keepFor);
    const kept = this.#store.get(namespace)?.get(key) !== undefined;
    return { result: kept ? 'accepted' : 'dropped', namespace, record };
  }

  /** Knows an event again that an earlier process took. */
  remember(identity: string, alert: string | undefined): void {
    this.#recent.add(identity);
    if (alert !== undefined) this.#recentAlerts.add(alert);
  }

  /**
   * Counts one event that was taken into findings, which may be others than those that wait here.
   * @param now when it was received
   * @returns the key of its finding
   */
  countInto(
    findings: NamespaceFindings,
    namespace: string,
    { event, repeat = false, sequence }: EventRecord & { readonly event: FalcoEvent },
    now: number,
  ): string {
    const time = this.#timeOf(event, now);
    const owner = event.pod === undefined ? undefined : this.#subjectOf(namespace, event.pod);
    const { rule, priority, source } = event;
    const subject = describeSubject(namespace, event, owner);
    const key = keyOf({ rule, priority, source, subject });
    const entry = findings.get(key) ?? newEntry(event, subject, time, owner === undefined);
    addEvent(entry, event, time, repeat);
    findings.put(entry);
    findings.trace(markOf(event.identity), { key, at: time.at, alerts: repeat ? 0 : 1 });
    findings.upTo = Math.max(findings.upTo, sequence);
    return key;
  }

  /** Adds what an earlier process took and could not write. It is no loss of now that some of it finds no room. */
  restore(namespace: string, findings: NamespaceFindings, now: number): void {
    this.#store.change(namespace, (all) => all.addAll(findings));
    this.#store.makeRoom(namespace, now - this.#keepFor);
  }

  /** Sequence number of the last event. */
  get sequence(): number {
    return this.#sequence.last;
  }

  /** Numbers up to this one are used. */
  skipTo(sequence: number): void {
    this.#sequence.skip(sequence);
  }

  /** A number for what is added otherwise. */
  nextSequence(now: number): number {
    return this.#sequence.next(now);
  }

  losses(): Losses {
    return { unattributed: this.#unattributed, dropped: this.#store.gaveWay().events };
  }

  /** Goes on from what an earlier process had counted. */
  addLosses({ unattributed, dropped }: Losses): void {
    this.#unattributed += unattributed;
    this.#store.countLoss({ findings: 0, events: dropped });
  }

  /** Worst first, then newest. */
  findings(namespace: string, now: number): readonly RuntimeFinding[] {
    if (this.#store.get(namespace) === undefined) return [];
    this.#store.change(namespace, (all) => {
      all.expire(now - this.#keepFor);
      all.resolve((pod) => this.#subjectOf(namespace, pod));
    });
    return this.#store.get(namespace)?.list() ?? [];
  }

  /** What was added up and not taken yet. */
  pending(namespace: string): NamespaceFindings | undefined {
    return this.#store.get(namespace);
  }

  /** Hands over what was added up; what comes from now on is added up anew. */
  take(namespace: string): NamespaceFindings | undefined {
    const findings = this.#store.get(namespace);
    this.#store.delete(namespace);
    return findings;
  }

  /** Drops what is over. @returns the namespaces that have lost findings */
  expire(now: number): readonly string[] {
    return this.#store.expire(now - this.#keepFor);
  }

  /**
   * No namespace of this name has come: its events are counted with those that belong to none.
   * @returns how many
   */
  giveUp(namespace: string): number {
    const findings = this.#store.get(namespace);
    const events = (findings?.events() ?? 0) + (findings?.gaveWay.events ?? 0);
    this.#unattributed += events;
    this.#store.delete(namespace);
    return events;
  }

  /** The namespace is gone, and its findings with it. */
  forget(namespace: string): void {
    this.#store.delete(namespace);
  }

  /** Namespaces with findings, sorted. */
  namespaces(): readonly string[] {
    return this.#store.names();
  }

  /** Events since the start that belong to no namespace. */
  get unattributed(): number {
    return this.#unattributed;
  }

  /** What gave way since the start: in one namespace, or altogether (also namespaces as a whole, and events too old). */
  gaveWay(namespace?: string): GaveWay {
    return this.#store.gaveWay(namespace);
  }

  /** A stamp from the future would outlast every window: such an event counts as of its receipt. */
  #timeOf({ time, at }: FalcoEvent, now: number): EventTime {
    return at - now > this.#maxSkew ? { text: timeText(now), at: now } : { text: time, at };
  }
}

/** What repeats of within the hour are one alert: not by subject, since the owner of the pod may become known in between. */
function alertOf(namespace: string, event: FalcoEvent, { at }: EventTime): string {
  const { rule, priority, source, pod, container, target } = event;
  const parts = [namespace, rule, priority, source, pod, container, target?.kind, target?.name];
  return hash('sha256', JSON.stringify([...parts, startOfHour(at)]), 'base64url').slice(0, 22);
}

/** The workload of the pod; else what an audit event was about; else the namespace itself. */
function describeSubject(
  namespace: string,
  { pod, container, target }: FalcoEvent,
  owner: Owner | undefined,
): Subject {
  if (pod !== undefined) {
    return { kind: owner?.kind ?? 'Pod', name: owner?.name ?? pod, ...present({ container }) };
  }
  return target ?? { kind: 'Namespace', name: namespace, ...present({ container }) };
}
