import { asObject, objectField, stringField, stringsField } from '../fields.ts';
import { present } from '../present.ts';
import { nameOf } from './name-of.ts';

/** A PersistentVolumeClaim. */
export interface ClaimObject {
  readonly name: string;
  /** `default` where a manifest leaves it out, as for kubectl. */
  readonly namespace: string;
  readonly volume?: string;
  readonly accessModes: readonly string[];
}

/** @throws ShapeError when a field has another type than the API gives it */
export function projectClaim(object: unknown): ClaimObject {
  const from = asObject(object, '');
  const metadata = objectField(from, 'metadata', '') ?? {};
  const spec = objectField(from, 'spec', '') ?? {};
  return present({
    name: nameOf(metadata),
    namespace: stringField(metadata, 'namespace', 'metadata') ?? 'default',
    // An empty name asks for no volume in particular.
    volume: stringField(spec, 'volumeName', 'spec') || undefined,
    accessModes: stringsField(spec, 'accessModes', 'spec'),
  });
}
