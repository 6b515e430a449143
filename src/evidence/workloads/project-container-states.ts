import type { ContainerState, Pod, StartRefusal } from '../../domain/workload.ts';
import type { Json } from '../fields.ts';
import { integerField, objectField, objectsField, stringField } from '../fields.ts';
import { present } from '../present.ts';

const lists = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'] as const;

/** What a pod's status says of its containers. No times and counts, so that pods in good order share one. */
export function projectContainerStates(status: Json): Pod['containers'] {
  const states: [string, ContainerState][] = [];
  for (const list of lists) {
    objectsField(status, list, 'status').forEach((item, index) => {
      const path = `status.${list}[${index}]`;
      const name = stringField(item, 'name', path);
      if (name !== undefined) states.push([name, projectState(item, path)]);
    });
  }
  return Object.fromEntries(states);
}

function projectState(item: Json, path: string): ContainerState {
  const state = objectField(item, 'state', path) ?? {};
  const last = objectField(item, 'lastState', path) ?? {};
  const ran = state['running'] ?? state['terminated'] ?? last['terminated'] ?? null;
  const user = objectField(item, 'user', path);
  const linux = user && objectField(user, 'linux', `${path}.user`);
  const waiting = objectField(state, 'waiting', `${path}.state`);
  return present({
    started: ran !== null,
    uid: linux && integerField(linux, 'uid', `${path}.user.linux`),
    gid: linux && integerField(linux, 'gid', `${path}.user.linux`),
    refused: waiting && projectRefusal(waiting, `${path}.state.waiting`),
  });
}

/** The kubelet's own words (kuberuntime/security_context.go and kubelet_pods.go). */
const refusals: readonly (readonly [RegExp, StartRefusal])[] = [
  [/container has runAsNonRoot and image will run as root/, 'RootImage'],
  [/container's runAsUser breaks non-root policy/, 'RootImage'],
  [/container has runAsNonRoot and image has non-numeric user/, 'NamedUser'],
  [
    /^(?:configmap|secret) "[^"]*" not found|couldn't find key \S+ in (?:ConfigMap|Secret) /i,
    'MissingReference',
  ],
];

function projectRefusal(waiting: Json, path: string): StartRefusal | undefined {
  if (stringField(waiting, 'reason', path) !== 'CreateContainerConfigError') return undefined;
  const message = stringField(waiting, 'message', path) ?? '';
  return refusals.find(([words]) => words.test(message))?.[1];
}
