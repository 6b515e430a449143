import type { knownSensors, SensorPod } from '../../domain/sensors.ts';
import type { PodSpec } from '../../domain/pod-spec.ts';
import type { Labels } from '../../domain/workload.ts';
import type { Json } from '../fields.ts';
import { integerField, objectField, objectsField, stringField } from '../fields.ts';
import { present } from '../present.ts';

type Sensor = (typeof knownSensors)[number];

/** By the label app.kubernetes.io/name, which the charts set. */
const byLabel: Readonly<Record<string, Sensor>> = {
  falco: 'falco',
  tetragon: 'tetragon',
  tracee: 'tracee',
  'node-agent': 'kubescape',
};

/** Of Falco the sensor alone: its sidekick, its exporter and falcoctl watch nothing. */
const byImage: readonly (readonly [RegExp, Sensor])[] = [
  [/(?:^|\/)falcosecurity\/falco(?:-no-driver|-distroless|-debian)?(?:[:@]|$)/, 'falco'],
  [/(?:^|\/)cilium\/tetragon(?:[:@]|$)/, 'tetragon'],
  [/(?:^|\/)aquasec\/tracee(?:[:@]|$)/, 'tracee'],
  [/(?:^|\/)kubescape\/node-agent(?:[:@]|$)/, 'kubescape'],
  [/(?:^|\/)neuvector\/enforcer(?:[:@]|$)/, 'neuvector'],
];

/**
 * Which sensor a pod is of. One that a Deployment owns watches no node: Falco reads the audit log that way, and bears the
 * same label.
 */
export function sensorOf(
  labels: Labels,
  { containers }: PodSpec,
  owner: { readonly kind: string } | undefined,
): Sensor | undefined {
  if (owner !== undefined && owner.kind !== 'DaemonSet') return undefined;
  const label = labels['app.kubernetes.io/name'] ?? '';
  if (Object.hasOwn(byLabel, label)) return byLabel[label];
  const images = containers.flatMap(({ kind, image }) => (kind === 'container' ? [image] : []));
  return byImage.find(([pattern]) => images.some((image) => pattern.test(image)))?.[1];
}

/** By the labels of its chart; the page that shows events is another component. */
export const isSidekick = (labels: Labels): boolean =>
  labels['app.kubernetes.io/name'] === 'falcosidekick' &&
  (labels['app.kubernetes.io/component'] ?? 'core') === 'core';

/** So often a container was started again: fewer times are no loop. */
const loops = 3;

/** Whether containers fail again and again, and when one did last. */
export function projectCrashes(status: Json): Pick<SensorPod, 'crashing' | 'crashedAt'> {
  let crashing: true | undefined;
  let crashedAt: number | undefined;
  objectsField(status, 'containerStatuses', 'status').forEach((item, index) => {
    const path = `status.containerStatuses[${index}]`;
    const waiting = objectField(objectField(item, 'state', path) ?? {}, 'waiting', path);
    if (waiting !== undefined && stringField(waiting, 'reason', path) === 'CrashLoopBackOff') crashing = true;
    const ended = objectField(objectField(item, 'lastState', path) ?? {}, 'terminated', path);
    const restarts = integerField(item, 'restartCount', path) ?? 0;
    if (ended === undefined || restarts < loops || integerField(ended, 'exitCode', path) === 0) return;
    const at = Date.parse(stringField(ended, 'finishedAt', path) ?? '');
    if (!Number.isNaN(at)) crashedAt = Math.max(crashedAt ?? at, at);
  });
  return present({ crashing, crashedAt });
}
