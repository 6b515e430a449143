import type { FalcoRules } from './falco-rules.ts';
import type { SensorPod } from './sensors.ts';
import type { ClusterFacts, Source, SourceName } from './snapshot.ts';

/** All that the controls of the cluster see of it at one moment, each list in a fixed order. They fetch nothing. */
export interface ClusterSnapshot {
  readonly cluster: ClusterFacts;
  /** Pods of runtime sensors. */
  readonly sensors: Source<SensorPod>;
  /** ConfigMaps of Falco, wherever they are. */
  readonly falcoRules: Source<FalcoRules>;
  /** When the newest event came to be that has reached Plumbline, milliseconds since the epoch, to the hour; none if none did. */
  readonly deliveries: Source<number>;
}

/** The sources of a cluster's snapshot, by the names that people see. */
export function clusterSourcesOf(
  snapshot: ClusterSnapshot,
): Readonly<Partial<Record<SourceName, Source<unknown>>>> {
  return { sensors: snapshot.sensors, falcorules: snapshot.falcoRules, falco: snapshot.deliveries };
}
