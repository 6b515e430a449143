import type { PodSettings } from '../../domain/pod-spec.ts';
import type { Json } from '../fields.ts';
import { booleanField, integerField, stringField } from '../fields.ts';
import { isMeshAnnotation, projectMeshSettings } from '../mesh/project-mesh-settings.ts';
import { present } from '../present.ts';
import { projectResources, projectVolumeReferences } from './project-process.ts';

type Annotations = Readonly<Record<string, string>>;

export const baseImageAnnotation = 'plumbline.dev/base-image';
export const setuidFreeAnnotation = 'plumbline.dev/setuid-free-until';

/** What a pod says of itself beside its security. */
export function projectSettings(spec: Json, annotations: Annotations, path: string): PodSettings {
  return present({
    serviceAccountName:
      stringField(spec, 'serviceAccountName', path) || stringField(spec, 'serviceAccount', path) || undefined,
    automountServiceAccountToken: booleanField(spec, 'automountServiceAccountToken', path),
    shareProcessNamespace: booleanField(spec, 'shareProcessNamespace', path),
    enableServiceLinks: booleanField(spec, 'enableServiceLinks', path),
    terminationGracePeriodSeconds: integerField(spec, 'terminationGracePeriodSeconds', path),
    resources: (spec['resources'] ?? null) === null ? undefined : projectResources(spec, path),
    references: projectVolumeReferences(spec, path),
    baseImage: annotations[baseImageAnnotation],
    setuidFreeUntil: annotations[setuidFreeAnnotation],
    tracing: projectTracing(annotations),
    mesh: projectMeshSettings(spec, annotations, path),
  });
}

const limitRanger = 'kubernetes.io/limit-ranger';

const injector =
  /^(?:sidecar\.(?:jaegertracing|opentelemetry)\.io\/inject|instrumentation\.opentelemetry\.io\/inject-[a-z]+)$/;

/** Whether what is projected here depends on the annotation. */
export const isSettingAnnotation = (key: string): boolean =>
  [baseImageAnnotation, setuidFreeAnnotation, limitRanger].includes(key) ||
  injector.test(key) ||
  isMeshAnnotation(key);

/** Annotations that ask for tracing to be injected; the value is `true` or the name of what is to be injected. */
export function projectTracing(annotations: Annotations): string[] {
  return Object.entries(annotations)
    .filter(([key, value]) => value !== 'false' && injector.test(key))
    .map(([key]) => key)
    .toSorted();
}

/**
 * Which requests a LimitRange put into which container, from the annotation that the API server leaves:
 * `LimitRanger plugin set: cpu, memory request for container app; cpu limit for container app`.
 */
export function projectLimitRanged(annotations: Annotations): ReadonlyMap<string, readonly string[]> {
  const text = annotations[limitRanger];
  if (text === undefined) return new Map();
  const set = text.replace(/^LimitRanger plugin set: /, '');
  return new Map(
    set.split('; ').flatMap((clause) => {
      const match = /^(.+) request for (?:init )?container (\S+)$/.exec(clause);
      const [, names = '', container = ''] = match ?? [];
      return match === null ? [] : [[container, names.split(', ').toSorted()] as const];
    }),
  );
}
