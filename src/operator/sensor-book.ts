import type { Clock } from '../base/clock.ts';
import { compareText } from '../domain/compare-text.ts';
import type { SensorPod } from '../domain/sensors.ts';
import { present } from '../evidence/present.ts';
import type { PodObject } from '../evidence/workloads/project-pod.ts';
import type { Change, Store } from '../kube/store.ts';

/** Rollouts leave one behind for each of their steps. */
const longestLost = 4;

/** Names of pods that are gone, by which events may still come. */
const mostNames = 20_000;

/** What has changed: which nodes, and whether one became ready, or one that was is no longer. */
export interface SensorNews {
  readonly what: 'gained' | 'lost' | 'changed';
  readonly node: string | undefined;
  /** Another sensor runs in the cluster than before, or one no longer does. */
  readonly moved: boolean;
}

/** Which pods of runtime sensors there are, by node, so that nobody has to look through all pods for them. */
export class SensorBook {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #pods = new Set<PodObject>();
  /** How many pods each sensor has. */
  readonly #names = new Map<string, number>();
  readonly #nodes = new Map<string, { readonly pods: Set<PodObject>; lost: readonly SensorPod[] }>();
  readonly #nodeByPod = new Map<string, string>();
  readonly #sidekicks = new Set<PodObject>();
  /** How many pods of Falco that a DaemonSet owns each namespace has. */
  readonly #homes = new Map<string, number>();
  readonly #listeners = new Set<(news: SensorNews) => void>();

  constructor(pods: Pick<Store<PodObject>, 'subscribe'>, clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    pods.subscribe((change) => this.#take(change));
  }

  /** Calls `listener` for what happens after the first list. */
  subscribe(listener: (news: SensorNews) => void): void {
    this.#listeners.add(listener);
  }

  /** With those that went not long ago. */
  on(node: string): readonly SensorPod[] {
    const entry = this.#nodes.get(node);
    return entry === undefined ? [] : [...[...entry.pods].map(sensorPod), ...entry.lost];
  }

  /** All that are there, scheduled or not. */
  all(): readonly SensorPod[] {
    return [...this.#pods].map(sensorPod);
  }

  /** Which of them run in the cluster, by name. */
  names(): readonly string[] {
    return [...this.#names.keys()].toSorted(compareText);
  }

  /** Pods of Falco that are ready, on whatever node; another is not expected to answer. */
  falco(): readonly PodObject[] {
    return [...this.#pods].filter((pod) => pod.sensor?.name === 'falco' && isReady(pod));
  }

  /**
   * Pods of Falcosidekick beside Falco. Elsewhere anybody may give a pod its label, and would decide with it what is said of
   * all namespaces.
   */
  sidekicks(): readonly PodObject[] {
    return [...this.#sidekicks].filter(({ namespace }) => this.#homes.has(namespace));
  }

  /** Forgets what was lost on nodes that are gone. */
  keepOnly(has: (node: string) => boolean): void {
    for (const [node, { pods }] of this.#nodes) if (pods.size === 0 && !has(node)) this.#nodes.delete(node);
  }

  /** The node of a pod of a sensor, also of one that went not long ago. */
  nodeOf(pod: string): string | undefined {
    return this.#nodeByPod.get(pod);
  }

  #take(change: Change<PodObject>): void {
    // A pod that says the same is the same object, which must not be taken out for what it was.
    if (change.type === 'set' && change.value === change.old) return;
    this.#takeSidekick(change);
    const old = sensed(change.old);
    const value = change.type === 'set' ? sensed(change.value) : undefined;
    if (value === undefined && old === undefined) return;
    const names = this.names().join();
    if (old !== undefined) this.#leave(old, value !== undefined);
    if (value !== undefined) this.#enter(value);
    if (change.initial) return;
    const node = value?.node ?? old?.node;
    const moved = this.names().join() !== names;
    const what =
      isReady(value) === isReady(old) ? 'changed' : isReady(value) ? ('gained' as const) : ('lost' as const);
    for (const listener of this.#listeners) listener({ what, node, moved });
  }

  #takeSidekick(change: Change<PodObject>): void {
    if (change.old?.sidekick !== undefined) this.#sidekicks.delete(change.old);
    const pod = change.type === 'set' ? change.value : undefined;
    if (pod?.sidekick !== undefined && pod.state === 'live') this.#sidekicks.add(pod);
  }

  #enter(pod: PodObject): void {
    this.#pods.add(pod);
    this.#count(pod, 1);
    const { node, name } = pod;
    if (node === undefined) return;
    const entry = this.#nodes.get(node) ?? { pods: new Set(), lost: [] };
    entry.pods.add(pod);
    if (isReady(pod)) entry.lost = [];
    this.#nodes.set(node, entry);
    if (this.#nodeByPod.size >= mostNames) this.#forgetNames();
    this.#nodeByPod.set(name, node);
  }

  /** Those of pods that are gone. */
  #forgetNames(): void {
    this.#nodeByPod.clear();
    for (const { name, node } of this.#pods) if (node !== undefined) this.#nodeByPod.set(name, node);
  }

  #count({ sensor, namespace, owner }: PodObject, change: number): void {
    addTo(this.#names, sensor?.name ?? '', change);
    if (sensor?.name === 'falco' && owner?.kind === 'DaemonSet') addTo(this.#homes, namespace, change);
  }

  /** @param stays it only changed */
  #leave(pod: PodObject, stays: boolean): void {
    this.#pods.delete(pod);
    this.#count(pod, -1);
    const entry = pod.node === undefined ? undefined : this.#nodes.get(pod.node);
    if (entry === undefined) return;
    entry.pods.delete(pod);
    if (stays || !isReady(pod)) return;
    const gone = { ...sensorPod(pod), ready: false, since: this.#clock.now() };
    entry.lost = [...entry.lost, gone].slice(-longestLost);
  }
}

function addTo(counts: Map<string, number>, name: string, change: number): void {
  const count = (counts.get(name) ?? 0) + change;
  if (count > 0) counts.set(name, count);
  else counts.delete(name);
}

const sensed = (pod: PodObject | undefined): PodObject | undefined =>
  pod?.sensor !== undefined && pod.state === 'live' ? pod : undefined;

const isReady = (pod: PodObject | undefined): boolean => pod?.sensor?.ready === true;

function sensorPod({ namespace, name, node, sensor }: PodObject): SensorPod {
  const { name: of = '', ready = false, since, crashing, crashedAt } = sensor ?? {};
  return present({ sensor: of, namespace, name, node, ready, since, crashing, crashedAt });
}
