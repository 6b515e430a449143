import type { PodSpec } from '../../domain/pod-spec.ts';
import type { Json } from '../fields.ts';
import { booleanField, isObject } from '../fields.ts';
import { keyedHash } from '../../domain/fingerprint.ts';
import { Interner, WeakValues } from '../../domain/interner.ts';
import { projectAnnotations } from '../secrets/project-annotations.ts';
import type { EncodedSpec } from './encoded-spec.ts';
import { unreadFields } from './encoded-spec.ts';
import type { EncodedPod } from './pod-message.ts';
import { annotationsRead, injectedToken, projectPodSpec } from './project-pod-spec.ts';
import { objectsIn, rawContainers } from './raw-containers.ts';

const specs = new Interner<PodSpec>();
/** Projections by the text that they were made from: pods of one template are projected once. */
const byText = new WeakValues<PodSpec>();

/** Not projected. */
const unread: ReadonlySet<string> = new Set(Object.keys(unreadFields));

/**
 * The projection of a pod specification; the same object for equal ones, and what is equal in it for those of a pod and of
 * its template.
 * @param path where `spec` stands, for errors
 * @throws ShapeError when a field has another type than the API gives it
 */
export function sharedPodSpec(
  spec: Json,
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
): PodSpec {
  // Of what is read, this alone the API server puts into a pod whose template leaves it out.
  const { enableServiceLinks: _links, ...others } = spec;
  const enableServiceLinks = booleanField(spec, 'enableServiceLinks', path);
  // Values of the environment are in the text: it is kept as a hash that nobody can try guesses on.
  const key = keyedHash(textOf(others, annotations));
  const whole = enableServiceLinks === undefined ? key : `${key} ${enableServiceLinks}`;
  const known = byText.get(whole);
  if (known !== undefined) return known;
  const base = byText.get(key) ?? keep(key, projectPodSpec(others, annotations, path));
  if (enableServiceLinks === undefined) return base;
  return keep(whole, { ...base, settings: { ...base.settings, enableServiceLinks } });
}

/**
 * The same of a specification in protobuf, which is decoded only where none of the same bytes is known.
 * @throws ShapeError, ProtobufError
 */
export function sharedEncodedSpec(
  pod: EncodedPod,
  { text, tokens }: EncodedSpec,
  annotations: Readonly<Record<string, string>>,
): PodSpec {
  const read = JSON.stringify([annotationsRead(annotations), projectAnnotations(annotations)]);
  // A name is replaced by one that is as long: what is the same then has the names in the same places, and where those are
  // was looked at when the first was decoded.
  const nameless = tokens.reduce((all, token) => all.replaceAll(token, anyToken), text);
  const key = keyedHash(`${nameless}\n${read}`);
  const known = byText.get(key);
  if (known !== undefined) return known;
  const { spec } = pod;
  const projected = sharedPodSpec(spec, annotations, 'spec');
  const isClear = tokens.every((token) => text.split(token).length - 1 === countUses(spec, token));
  if (isClear) byText.set(key, projected);
  return projected;
}

/** As long as a name that the API server makes. */
const anyToken = 'kube-api-access-*****';

function keep(key: string, projected: PodSpec): PodSpec {
  const spec = specs.intern(projected);
  byText.set(key, spec);
  return spec;
}

/** Of a specification, all that may show in its projection: without what differs from pod to pod of one template. */
function textOf(spec: Json, annotations: Readonly<Record<string, string>> | undefined): string {
  const { volumes } = spec;
  const rest = Object.entries(spec).filter(([key]) => key !== 'volumes' && !unread.has(key));
  // Of annotations what is read of them: most differ from pod to pod, and what is read of them does not.
  const read = [annotationsRead(annotations), projectAnnotations(annotations)];
  const text = JSON.stringify([rest, withoutClaims(volumes), ...read]);
  const tokens = objectsIn(volumes).flatMap((volume) => injectedToken(volume) ?? []);
  return tokens.reduce((known, token) => withoutName(known, token, spec), text);
}

/** Where the name stands elsewhere too, as somebody's image or container, it is left as it is: only less is shared then. */
function withoutName(text: string, token: string, spec: Json): string {
  const parts = text.split(`"${token}"`);
  return parts.length - 1 === countUses(spec, token) ? parts.join('"kube-api-access"') : text;
}

/** How often injected volumes and volume mounts bear the name; a volume of somebody else's keeps it. */
function countUses({ volumes, ...spec }: Json, token: string): number {
  const mounts = rawContainers(spec).flatMap((container) => objectsIn(container['volumeMounts']));
  const injected = objectsIn(volumes).filter((volume) => injectedToken(volume) === token);
  return injected.length + mounts.filter(({ name }) => name === token).length;
}

/** Each pod of a StatefulSet has a claim of its own; claims are projected apart from the specification. */
function withoutClaims(volumes: unknown): unknown {
  if (!Array.isArray(volumes)) return volumes;
  return volumes.map((volume: unknown) =>
    isObject(volume) && isObject(volume['persistentVolumeClaim'])
      ? { ...volume, persistentVolumeClaim: {} }
      : volume,
  );
}
