import { compareText } from '../domain/compare-text.ts';
import type { ClusterSnapshot } from '../domain/cluster-snapshot.ts';
import type { SensorPod } from '../domain/sensors.ts';
import { read } from '../domain/snapshot.ts';
import { present } from '../evidence/present.ts';
import type { ClusterFactsKeeper } from './cluster-facts.ts';
import type { ClusterState } from './cluster-state.ts';
import { inOrder } from './gather-sensors.ts';
import type { SignKeeper } from './sign-keeper.ts';

const hour = 3_600_000;

export interface ClusterParts {
  readonly facts: Pick<ClusterFactsKeeper, 'facts'>;
  readonly state: ClusterState;
  readonly signs: Pick<SignKeeper, 'lossOf' | 'delivered' | 'metricsOf'>;
}

/** Reads the cluster from memory, as `gatherSnapshot` reads a namespace. */
export function gatherCluster({ facts, state, signs }: ClusterParts): ClusterSnapshot {
  const { pods, sensors, falcoRules } = state;
  const delivered = signs.delivered();
  return {
    cluster: facts.facts ?? { minor: 0, unreadPolicyApis: [], live: true },
    sensors: pods.evidence(undefined, () =>
      inOrder(sensors.all()).map((pod): SensorPod => {
        const lost = pod.node === undefined ? undefined : signs.lossOf(pod.node);
        const metrics =
          pod.node === undefined || pod.sensor !== 'falco' ? undefined : signs.metricsOf(pod.node);
        return present({ ...pod, lost, metrics });
      }),
    ),
    // To the hour, so that not every event makes another snapshot.
    deliveries: read(delivered === undefined ? [] : [delivered - (delivered % hour)]),
    falcoRules: falcoRules.evidence(undefined, () =>
      [...falcoRules.store.all()]
        .map(({ value }) => value)
        .toSorted((a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name)),
    ),
  };
}
