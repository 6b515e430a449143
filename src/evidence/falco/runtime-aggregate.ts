import type { RuntimeFinding } from '../../domain/runtime.ts';
import type { Subject } from '../../domain/verdict.ts';
import { present } from '../present.ts';
import type { FalcoEvent } from './event.ts';
import type { StoreLimits } from './finding-store.ts';
import { FindingStore } from './finding-store.ts';
import type { GaveWay } from './namespace-findings.ts';
import { RecentEvents } from './recent-events.ts';
import { addEvent, fromFinding, keyOf, newEntry } from './runtime-entry.ts';
import type { EventTime } from './time.ts';
import { timeText } from './time.ts';

/** What became of one event. `namespace` is there when its findings have changed. */
export interface Outcome {
  readonly result: 'accepted' | 'duplicate' | 'unattributed' | 'dropped';
  readonly namespace?: string;
}

interface Owner {
  readonly kind: string;
  readonly name: string;
}

export interface AggregateOptions extends Partial<StoreLimits> {
  /** The top-level owner of a pod; undefined while the pod is not known. */
  readonly subjectOf?: (namespace: string, pod: string) => Owner | undefined;
  /** Milliseconds that a finding is kept after its last event: the longest window that a profile may ask for. */
  readonly keepFor?: number;
  /** Milliseconds that an event may lie ahead of our clock. */
  readonly maxSkew?: number;
  /** Events whose repetition is noticed. */
  readonly recentEvents?: number;
}

const minute = 60_000;
const defaults = {
  keepFor: 7 * 24 * 60 * minute,
  maxSkew: 5 * minute,
  maxNamespaces: 5_000,
  maxFindingsPerNamespace: 200,
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
  readonly #recent: RecentEvents;
  readonly #store: FindingStore;
  readonly #seeded = new Set<string>();
  #unattributed = 0;

  constructor({ subjectOf, ...options }: AggregateOptions = {}) {
    const all = { ...defaults, ...present(options) };
    this.#keepFor = all.keepFor;
    this.#maxSkew = all.maxSkew;
    this.#subjectOf = subjectOf ?? (() => undefined);
    this.#recent = new RecentEvents(all.recentEvents);
    this.#store = new FindingStore(all);
  }

  /**
   * Takes one event in. A test and what Falco says of itself are accepted and belong to no namespace.
   * @param now milliseconds since the epoch
   */
  add(event: FalcoEvent, now: number): Outcome {
    if (!this.#recent.add(event.identity)) return { result: 'duplicate' };
    if (event.kind !== 'alert') return { result: 'accepted' };
    const { namespace } = event;
    if (namespace === undefined) {
      this.#unattributed += 1;
      return { result: 'unattributed' };
    }
    const time = this.#timeOf(event, now);
    if (time.at < now - this.#keepFor) {
      this.#store.countLoss({ findings: 0, events: 1 });
      return { result: 'dropped' };
    }
    const key = this.#count(namespace, event, time);
    this.#store.makeRoom(namespace, now - this.#keepFor);
    const kept = this.#store.get(namespace)?.get(key) !== undefined;
    return { result: kept ? 'accepted' : 'dropped', namespace };
  }

  /**
   * Takes in what an earlier process had written about a namespace; what came since is added to it. It counts once:
   * a second call for the same namespace changes nothing.
   */
  seed(namespace: string, findings: readonly RuntimeFinding[], now: number): void {
    if (this.#seeded.has(namespace)) return;
    this.#seeded.add(namespace);
    const since = now - this.#keepFor;
    const entries = findings.flatMap((finding) => fromFinding(finding) ?? []);
    const alive = entries.filter(({ last }) => last.at >= since);
    if (alive.length === 0) return;
    this.#store.change(namespace, (all) => {
      for (const entry of alive) all.put(entry);
    });
    this.#store.makeRoom(namespace, since);
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

  /** Drops what is over. @returns the namespaces that have lost findings */
  expire(now: number): readonly string[] {
    return this.#store.expire(now - this.#keepFor);
  }

  /** The namespace is gone, and its findings with it. */
  forget(namespace: string): void {
    this.#store.delete(namespace);
    this.#seeded.delete(namespace);
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

  #count(namespace: string, event: FalcoEvent, time: EventTime): string {
    const owner = event.pod === undefined ? undefined : this.#subjectOf(namespace, event.pod);
    const { rule, priority, source } = event;
    const subject = describeSubject(namespace, event, owner);
    const key = keyOf({ rule, priority, source, subject });
    this.#store.change(namespace, (all) => {
      const entry = all.get(key) ?? newEntry(event, subject, time, owner === undefined);
      addEvent(entry, event, time);
      all.put(entry);
    });
    return key;
  }
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
