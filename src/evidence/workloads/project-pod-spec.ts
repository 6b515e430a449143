import type { Container, ContainerKind, ContainerPort, PodSpec, Volume } from '../../domain/pod-spec.ts';
import { Interner } from '../../domain/interner.ts';
import type { Json } from '../fields.ts';
import {
  asObject,
  booleanField,
  integerField,
  isObject,
  objectField,
  objectsField,
  stringField,
} from '../fields.ts';
import { present } from '../present.ts';
import { projectAnnotations } from '../secrets/project-annotations.ts';
import { projectPlainText } from '../secrets/project-container.ts';
import { handlersOf } from './container-handlers.ts';
import { projectProcess, projectResources } from './project-process.ts';
import { projectContainerSecurity, projectPodSecurity } from './project-security.ts';
import { isSettingAnnotation, projectLimitRanged, projectSettings } from './project-settings.ts';

/** Of one specification in a hundred is anything but the names new. */
const parts = new Interner<object>(300);
const share = <T extends object>(part: T): T => parts.intern(part) as T;

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';

/**
 * A core/v1 PodSpec, of a pod or of a template, as far as the controls read it. Two pods of one template give equal
 * results, whatever the API server has put in.
 * @param spec the JSON of `spec`
 * @param annotations of the pod, or of the template's metadata
 * @param path where `spec` stands, for errors
 * @throws ShapeError when a field has another type than the API gives it
 */
export function projectPodSpec(
  spec: unknown,
  annotations: Readonly<Record<string, string>> | undefined,
  path = 'spec',
): PodSpec {
  const from = asObject(spec, path);
  const os = objectField(from, 'os', path);
  const injected = new Map<string, string>();
  const limitRanged = projectLimitRanged(annotations ?? {});
  const volumes = objectsField(from, 'volumes', path).map((volume, index) =>
    projectVolume(volume, index, `${path}.volumes[${index}]`, injected),
  );
  const containers = (list: string, kind: ContainerKind) =>
    objectsField(from, list, path).map((container, index) => {
      const at = `${path}.${list}[${index}]`;
      const projected = projectContainer(container, kind, index, at, injected);
      return { ...projected, ...projectBehaviour(container, at, limitRanged.get(projected.name)) };
    });
  return present({
    os: os && stringField(os, 'name', `${path}.os`),
    hostUsers: booleanField(from, 'hostUsers', path),
    serviceAccountName: projectAccount(from, path),
    hostNetwork: booleanField(from, 'hostNetwork', path),
    hostPID: booleanField(from, 'hostPID', path),
    hostIPC: booleanField(from, 'hostIPC', path),
    security: share(projectPodSecurity(from, path)),
    volumes,
    containers: [
      ...containers('initContainers', 'initContainer'),
      ...containers('containers', 'container'),
      ...containers('ephemeralContainers', 'ephemeralContainer'),
    ],
    appArmorAnnotations: share(projectAppArmor(annotations)),
    annotationLiterals: projectAnnotations(annotations),
    settings: share(projectSettings(from, annotations ?? {}, path)),
  });
}

type Behaviour = Pick<Container, 'imagePullPolicy' | 'restartPolicy' | 'resources' | 'process'>;

function projectBehaviour(container: Json, path: string, limitRanged?: readonly string[]): Behaviour {
  return present({
    imagePullPolicy: stringField(container, 'imagePullPolicy', path),
    restartPolicy: stringField(container, 'restartPolicy', path),
    resources: share(projectResources(container, path, limitRanged)),
    process: share(projectProcess(container, path)),
  });
}

export const isTokenName = (name: string): boolean => /^kube-api-access-[a-z0-9]{5}$/.test(name);

/** The name of a volume that the API server has injected for the pod's token. */
export function injectedToken(volume: unknown): string | undefined {
  if (!isObject(volume)) return undefined;
  const { name } = volume;
  const isToken = typeof name === 'string' && isTokenName(name);
  return isToken && isObject(volume['projected']) ? name : undefined;
}

/** The API server writes `default` into a pod whose template leaves it out, and the older name of the field is still read. */
function projectAccount(from: Json, path: string): string | undefined {
  const written = stringField(from, 'serviceAccountName', path) || stringField(from, 'serviceAccount', path);
  return written === '' || written === 'default' ? undefined : written;
}

/**
 * The API server names the token volume that it injects `kube-api-access-xxxxx`, at random for each pod: with the
 * suffix, no two pods would share a specification. A volume that somebody else gave such a name keeps it.
 * @param injected gets the names to replace in the volume mounts
 */
function projectVolume(volume: Json, index: number, path: string, injected: Map<string, string>): Volume {
  const written = stringField(volume, 'name', path) ?? '';
  const sources = Object.keys(volume).filter((key) => key !== 'name' && (volume[key] ?? null) !== null);
  const name = injectedToken(volume) === undefined ? written : 'kube-api-access';
  if (name !== written) injected.set(written, name);
  const within = (source: string, key: string) => {
    const value = objectField(volume, source, path);
    return value && stringField(value, key, `${path}.${source}`);
  };
  return share(
    present({
      index,
      name,
      sources,
      hostPath: within('hostPath', 'path'),
      image: within('image', 'reference'),
      csiDriver: within('csi', 'driver'),
      secret: bringsSecret(volume, path) ? (true as const) : undefined,
    }),
  );
}

/** The driver of the Secrets Store brings what an external store holds. */
function bringsSecret(volume: Json, path: string): boolean {
  const projected = objectField(volume, 'projected', path) ?? {};
  const sources = objectsField(projected, 'sources', `${path}.projected`);
  return (
    objectField(volume, 'secret', path) !== undefined ||
    sources.some((source) => (source['secret'] ?? null) !== null) ||
    objectField(volume, 'csi', path)?.['driver'] === 'secrets-store.csi.k8s.io'
  );
}

function projectContainer(
  container: Json,
  kind: ContainerKind,
  index: number,
  path: string,
  injected: ReadonlyMap<string, string>,
): Omit<Container, keyof Behaviour> {
  return present({
    kind,
    index,
    // A manifest without the name is refused by the API server; here its place must do, so that a finding can name it.
    name: stringField(container, 'name', path) ?? path.slice(path.lastIndexOf('.') + 1),
    image: stringField(container, 'image', path) ?? '',
    security: share(projectContainerSecurity(container, path)),
    ports: share(
      objectsField(container, 'ports', path).map((port, at) => projectPort(port, at, `${path}.ports[${at}]`)),
    ),
    hostOverrides: share(projectHostOverrides(container, path)),
    volumeMounts: objectsField(container, 'volumeMounts', path).map((mount, at) => {
      const mountPath = `${path}.volumeMounts[${at}]`;
      const name = stringField(mount, 'name', mountPath) ?? '';
      return share({
        name: injected.get(name) ?? name,
        mountPath: stringField(mount, 'mountPath', mountPath) ?? '',
        readOnly: booleanField(mount, 'readOnly', mountPath) ?? false,
      });
    }),
    plainText: projectPlainText(container, path),
  });
}

function projectPort(port: Json, index: number, path: string): ContainerPort {
  return present({
    index,
    name: stringField(port, 'name', path),
    protocol: stringField(port, 'protocol', path) ?? 'TCP',
    containerPort: integerField(port, 'containerPort', path) ?? 0,
    hostPort: integerField(port, 'hostPort', path),
  });
}

function projectHostOverrides(container: Json, path: string): Container['hostOverrides'] {
  return handlersOf(container, path).flatMap(({ name, handler }) =>
    ['httpGet', 'tcpSocket'].flatMap((action) => {
      const target = objectField(handler, action, `${path}.${name}`);
      const host = target && stringField(target, 'host', `${path}.${name}.${action}`);
      return host === undefined || host === '' ? [] : [{ path: `${name}.${action}.host`, host }];
    }),
  );
}

/** The annotations that a projection depends on, as pairs. */
export function annotationsRead(
  annotations: Readonly<Record<string, string>> = {},
): readonly (readonly [string, string])[] {
  return Object.entries(annotations).filter(
    ([key]) => key.startsWith(appArmorPrefix) || isSettingAnnotation(key),
  );
}

function projectAppArmor(annotations?: Readonly<Record<string, string>>): PodSpec['appArmorAnnotations'] {
  return Object.fromEntries(
    Object.entries(annotations ?? {})
      .filter(([key]) => key.startsWith(appArmorPrefix))
      .map(([key, profile]) => [key.slice(appArmorPrefix.length), profile]),
  );
}
