import type { Uncoverable } from '../../domain/sensors.ts';
import { asObject, objectField, objectsField, stringMapField } from '../fields.ts';
import { present } from '../present.ts';

/** A core/v1 Node, as far as it says what can run on it. */
export interface NodeObject {
  readonly uncoverable?: Uncoverable;
}

/** Behind such a node is no machine of its own that a DaemonSet could run on. */
const virtualTaints = ['virtual-kubelet.io/provider', 'eks.amazonaws.com/compute-type'];

/** @throws ShapeError when a field has another type than the API gives it */
export function projectNode(object: unknown): NodeObject {
  const from = asObject(object, '');
  const labels = stringMapField(objectField(from, 'metadata', '') ?? {}, 'labels', 'metadata') ?? {};
  const taints = objectsField(objectField(from, 'spec', '') ?? {}, 'taints', 'spec');
  const isVirtual =
    labels['type'] === 'virtual-kubelet' ||
    labels['eks.amazonaws.com/compute-type'] === 'fargate' ||
    taints.some(({ key }) => virtualTaints.some((known) => known === key));
  const isWindows = labels['kubernetes.io/os'] === 'windows';
  return present({
    uncoverable: isVirtual ? ('virtual' as const) : isWindows ? ('windows' as const) : undefined,
  });
}
