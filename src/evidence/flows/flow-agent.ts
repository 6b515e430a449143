import type { FlowAgent } from '../../domain/flows.ts';
import type { PodSpec } from '../../domain/pod-spec.ts';

/** An agent on a node, as its pod shows it. */
export interface FlowAgentPod {
  readonly agent: FlowAgent;
  /** Tigera's operator tells Calico's agents by this variable to send their flows to Goldmane. */
  readonly told?: true;
}

/** By the names that their charts and manifests give to the container. */
const byContainer: Readonly<Record<string, FlowAgent>> = {
  'cilium-agent': 'cilium',
  'calico-node': 'calico',
  'calico-accountant': 'calico-accountant',
};

/** What a DaemonSet does not own watches no node. */
export function flowAgentOf(
  { containers }: PodSpec,
  owner: { readonly kind: string } | undefined,
): FlowAgentPod | undefined {
  if (owner?.kind !== 'DaemonSet') return undefined;
  for (const { kind, name, process: started } of containers) {
    const agent = Object.hasOwn(byContainer, name) ? byContainer[name] : undefined;
    if (kind !== 'container' || agent === undefined) continue;
    return started.env.includes('FELIX_FLOWLOGSGOLDMANESERVER') ? { agent, told: true } : { agent };
  }
  return undefined;
}
