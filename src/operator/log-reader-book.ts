import type { Clock } from '../base/clock.ts';
import { compareText } from '../domain/compare-text.ts';
import type { LogNamespace, LogNode, LogReader } from '../domain/log-readers.ts';
import { present } from '../evidence/present.ts';
import type { PodObject } from '../evidence/workloads/project-pod.ts';
import type { Change, Store } from '../kube/store.ts';

/** What the pods of one node tell of its logs. */
interface NodeEntry {
  /** How many live pods of which namespace it runs. */
  readonly namespaces: Map<string, number>;
  /** When the first of them was seen; undefined when it was there before. */
  readonly since: number | undefined;
  readonly readers: Set<PodObject>;
  /** Readers that were ready until they went, the newest last. */
  lost: readonly LogReader[];
}

/** Rollouts leave one behind for each specification. */
const longestLost = 4;

export type Coverage =
  /** A reader of a node became ready, or one that was is no longer. */
  | { readonly what: 'gained' | 'lost'; readonly namespaces: readonly string[] }
  /** A namespace began or ceased to have readers. */
  | { readonly what: 'moved' };

/**
 * Which pods read the logs of which node, so that nobody has to look through all pods for them. It holds a number for
 * each node and namespace that has pods there, and else the few pods that mount their node's logs.
 */
export class LogReaderBook {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #nodes = new Map<string, NodeEntry>();
  readonly #readers = new Map<string, Set<PodObject>>();
  readonly #listeners = new Set<(coverage: Coverage) => void>();

  constructor(pods: Pick<Store<PodObject>, 'subscribe'>, clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    pods.subscribe((change) => this.#take(change));
  }

  /** Calls `listener` for what happens after the first list. */
  subscribe(listener: (coverage: Coverage) => void): void {
    this.#listeners.add(listener);
  }

  /** @returns undefined for a node that runs no pod */
  node(name: string): LogNode | undefined {
    const entry = this.#nodes.get(name);
    if (entry === undefined) return undefined;
    const readers = [...entry.readers].map(readerOf);
    return present({ name, since: entry.since, readers: [...readers, ...entry.lost] });
  }

  /** Those that have live pods on the node. */
  namespacesOn(node: string): readonly string[] {
    return [...(this.#nodes.get(node)?.namespaces.keys() ?? [])];
  }

  /** Whether it runs pods, and when the first of them was seen; undefined when it was there before. */
  knows(node: string): { readonly since: number | undefined } | undefined {
    return this.#nodes.get(node);
  }

  /** Those that have readers, by name, each reader that differs once. */
  namespaces(): LogNamespace[] {
    return [...this.#readers.keys()]
      .toSorted(compareText)
      .map((name) => ({ name, readers: this.readers(name) }));
  }

  readers(namespace: string): LogNamespace['readers'] {
    const distinct = new Map<object, PodObject>();
    for (const pod of this.#readers.get(namespace) ?? []) distinct.set(pod.spec, pod);
    return [...distinct.values()].map(({ spec, labels }) => ({ spec, labels }));
  }

  #take(change: Change<PodObject>): void {
    // A pod that says the same is the same object, which must not be taken out for what it was.
    if (change.type === 'set' && change.value === change.old) return;
    const old = placed(change.old);
    const value = change.type === 'set' ? placed(change.value) : undefined;
    const moved = this.#readers.size;
    // In this order: a node that has one pod is not forgotten while that changes.
    if (value !== undefined) this.#enter(value, change.initial);
    if (old !== undefined) this.#leave(old, value !== undefined);
    if (change.initial) return;
    if (isReady(value) && !isReady(old)) this.#tell('gained', value);
    if (isReady(old) && !isReady(value)) this.#tell('lost', old);
    if (this.#readers.size !== moved) this.#notify({ what: 'moved' });
  }

  #enter(pod: Placed, initial: boolean): void {
    const { node, namespace } = pod;
    let entry = this.#nodes.get(node);
    if (entry === undefined) {
      const since = initial ? undefined : this.#clock.now();
      this.#nodes.set(node, (entry = { namespaces: new Map(), since, readers: new Set(), lost: [] }));
    }
    entry.namespaces.set(namespace, (entry.namespaces.get(namespace) ?? 0) + 1);
    if (pod.logReader === undefined) return;
    entry.readers.add(pod);
    if (pod.logReader.ready) entry.lost = entry.lost.filter(({ spec }) => spec !== pod.spec);
    const known = this.#readers.get(namespace);
    if (known === undefined) this.#readers.set(namespace, new Set([pod]));
    else known.add(pod);
  }

  /** @param stays it only changed */
  #leave(pod: Placed, stays: boolean): void {
    const { node, namespace } = pod;
    const entry = this.#nodes.get(node);
    if (entry === undefined) return;
    const left = (entry.namespaces.get(namespace) ?? 1) - 1;
    if (left > 0) entry.namespaces.set(namespace, left);
    else entry.namespaces.delete(namespace);
    if (entry.readers.delete(pod)) this.#forgetReader(pod, entry, stays);
    if (entry.namespaces.size === 0) this.#nodes.delete(node);
  }

  #forgetReader(pod: Placed, entry: NodeEntry, stays: boolean): void {
    const known = this.#readers.get(pod.namespace);
    known?.delete(pod);
    if (known?.size === 0) this.#readers.delete(pod.namespace);
    if (stays || !isReady(pod)) return;
    const gone = { ...readerOf(pod), ready: false, since: this.#clock.now() };
    entry.lost = [...entry.lost.filter(({ spec }) => spec !== pod.spec), gone].slice(-longestLost);
  }

  #tell(what: 'gained' | 'lost', { node }: Placed): void {
    const namespaces = this.#nodes.get(node)?.namespaces.keys() ?? [];
    this.#notify({ what, namespaces: [...namespaces] });
  }

  #notify(coverage: Coverage): void {
    for (const listener of this.#listeners) listener(coverage);
  }
}

type Placed = PodObject & { readonly node: string };

/** Live, and on a node. */
const placed = (pod: PodObject | undefined): Placed | undefined =>
  pod?.node !== undefined && pod.state === 'live' ? (pod as Placed) : undefined;

const isReady = (pod: Placed | undefined): pod is Placed => pod?.logReader?.ready === true;

const readerOf = ({ spec, labels, logReader }: PodObject): LogReader =>
  present({ spec, labels, ready: logReader?.ready ?? false, since: logReader?.since });
