/** Agents that see the traffic of all pods of their node. `cilium` and `calico` tell of it only where they are told to. */
export const flowAgents = ['cilium', 'calico', 'calico-accountant'] as const;
export type FlowAgent = (typeof flowAgents)[number];

/** A node that runs pods of the namespace. */
export interface FlowNode {
  readonly name: string;
  /** What shows the flows of its pods; none where nothing does. By name. */
  readonly sources: readonly FlowSource[];
}

export interface FlowSource {
  /** Such as `Hubble`. */
  readonly name: string;
  /** Of one that is away for the moment, when it no longer counts, milliseconds since the epoch. */
  readonly until?: number;
}
