import { compareText } from '../domain/compare-text.ts';
import type { SensorNode, SensorPod } from '../domain/sensors.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { present } from '../evidence/present.ts';
import type { ClusterState } from './cluster-state.ts';
import type { SignKeeper } from './sign-keeper.ts';
import { valuesOf } from './watched.ts';

/** @param tell what was heard of a node */
export function gatherSensors(
  state: ClusterState,
  namespace: string,
  tell: (node: string) => ReturnType<SignKeeper['tell']>,
): Pick<Snapshot, 'sensorNodes' | 'sensorsPresent'> {
  const { pods, logReaders, nodes, sensors } = state;
  const sensorNodes = pods.evidence(undefined, () => {
    const names = new Set(
      valuesOf(pods, namespace).flatMap(({ state: is, node }) => (is === 'live' ? (node ?? []) : [])),
    );
    return [...names].toSorted(compareText).map((name): SensorNode =>
      present({
        name,
        since: logReaders.knows(name)?.since,
        uncoverable: nodes.store.get('', name)?.value.uncoverable,
        pods: inOrder(sensors.on(name)),
        ...tell(name),
      }),
    );
  });
  return { sensorNodes, ...(pods.available ? { sensorsPresent: sensors.names() } : {}) };
}

export const inOrder = (pods: readonly SensorPod[]): readonly SensorPod[] =>
  pods.toSorted(
    (a, b) =>
      compareText(a.node ?? '', b.node ?? '') ||
      compareText(a.namespace, b.namespace) ||
      compareText(a.name, b.name),
  );
