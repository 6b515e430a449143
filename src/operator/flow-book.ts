import type { Clock } from '../base/clock.ts';
import type { FlowAgent } from '../domain/flows.ts';
import type { PodObject } from '../evidence/workloads/project-pod.ts';
import type { Change, Store } from '../kube/store.ts';

/** An agent of a node, and until when it counts where it is not ready at the moment. */
export interface KnownAgent {
  readonly agent: FlowAgent;
  readonly namespace: string;
  readonly told: boolean;
  readonly until?: number;
}

/** A rollout takes an agent away for minutes, and what it shows of before stays. */
const graceMs = 15 * 60_000;

type Agent = PodObject & Required<Pick<PodObject, 'flowAgent' | 'node'>>;

/** Which agents that see traffic run on which node, so that nobody has to look through all pods for them. */
export class FlowBook {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #agents = new Set<Agent>();
  readonly #nodes = new Map<string, { readonly ready: Set<Agent>; lost: readonly KnownAgent[] }>();
  readonly #listeners = new Set<(node: string) => void>();

  constructor(pods: Pick<Store<PodObject>, 'subscribe'>, clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    pods.subscribe((change) => this.#take(change));
  }

  /** Calls `listener` with a node whose agents are others than before, after the first list. */
  subscribe(listener: (node: string) => void): void {
    this.#listeners.add(listener);
  }

  /** Those that are ready, and those that were not long ago. */
  on(node: string): readonly KnownAgent[] {
    const { ready, lost } = this.#nodes.get(node) ?? { ready: new Set<Agent>(), lost: [] };
    const now = this.#clock.now();
    return [...[...ready].map(known), ...lost.filter(({ until }) => until !== undefined && until > now)];
  }

  /** Whether any runs in the cluster. */
  has(agent: FlowAgent): boolean {
    return [...this.#agents].some(({ flowAgent }) => flowAgent.agent === agent);
  }

  /** Forgets what was lost on nodes that are gone. */
  keepOnly(has: (node: string) => boolean): void {
    for (const [node, { ready }] of this.#nodes) if (ready.size === 0 && !has(node)) this.#nodes.delete(node);
  }

  #take(change: Change<PodObject>): void {
    if (change.type === 'set' && change.value === change.old) return;
    const old = agentIn(change.old);
    const value = change.type === 'set' ? agentIn(change.value) : undefined;
    if (old !== undefined) this.#leave(old);
    if (value !== undefined) this.#enter(value);
    const node = value?.node ?? old?.node;
    if (node === undefined || change.initial) return;
    for (const listener of this.#listeners) listener(node);
  }

  #enter(pod: Agent): void {
    this.#agents.add(pod);
    if (!pod.flowAgent.ready) return;
    const entry = this.#nodes.get(pod.node) ?? { ready: new Set<Agent>(), lost: [] };
    this.#nodes.set(pod.node, entry);
    entry.ready.add(pod);
    entry.lost = entry.lost.filter(({ agent }) => agent !== pod.flowAgent.agent);
  }

  #leave(pod: Agent): void {
    this.#agents.delete(pod);
    const entry = this.#nodes.get(pod.node);
    if (entry?.ready.delete(pod) !== true) return;
    const others = entry.lost.filter(({ agent }) => agent !== pod.flowAgent.agent);
    entry.lost = [...others, { ...known(pod), until: this.#clock.now() + graceMs }];
  }
}

const known = ({ flowAgent: { agent, told }, namespace }: Agent): KnownAgent => ({
  ...{ agent, namespace },
  told: told === true,
});

const agentIn = (pod: PodObject | undefined): Agent | undefined =>
  pod?.flowAgent !== undefined && pod.node !== undefined && pod.state === 'live' ? (pod as Agent) : undefined;
