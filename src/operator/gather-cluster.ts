import type { ClusterSnapshot } from '../domain/cluster-snapshot.ts';
import type { ClusterFactsKeeper } from './cluster-facts.ts';

/** Reads the cluster from memory, as `gatherSnapshot` reads a namespace. */
export function gatherCluster({ facts }: { readonly facts: ClusterFactsKeeper }): ClusterSnapshot {
  return { cluster: facts.facts ?? { minor: 0, unreadPolicyApis: [], live: true } };
}
