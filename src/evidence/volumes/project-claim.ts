import { asObject, objectField, stringField, stringMapField, stringsField } from '../fields.ts';
import { present } from '../present.ts';
import { nameOf } from './name-of.ts';

/** A PersistentVolumeClaim. */
export interface ClaimObject {
  readonly name: string;
  /** `default` where a manifest leaves it out, as for kubectl. */
  readonly namespace: string;
  readonly volume?: string;
  readonly accessModes: readonly string[];
  /** Annotation `volume.kubernetes.io/storage-provisioner` of one that has a volume. */
  readonly provisioner?: string;
}

/** @throws ShapeError when a field has another type than the API gives it */
export function projectClaim(object: unknown): ClaimObject {
  const from = asObject(object, '');
  const metadata = objectField(from, 'metadata', '') ?? {};
  const spec = objectField(from, 'spec', '') ?? {};
  // An empty name asks for no volume in particular.
  const volume = stringField(spec, 'volumeName', 'spec') || undefined;
  const annotations = stringMapField(metadata, 'annotations', 'metadata') ?? {};
  return present({
    name: nameOf(metadata),
    namespace: stringField(metadata, 'namespace', 'metadata') ?? 'default',
    volume,
    accessModes: stringsField(spec, 'accessModes', 'spec'),
    provisioner: volume === undefined ? undefined : provisionerIn(annotations),
  });
}

/** The controller of volumes writes both, for those who know only the older one. */
const provisionerIn = (annotations: Readonly<Record<string, string>>): string | undefined =>
  annotations['volume.kubernetes.io/storage-provisioner'] ??
  annotations['volume.beta.kubernetes.io/storage-provisioner'];
