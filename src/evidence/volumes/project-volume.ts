import type { Json } from '../fields.ts';
import { asObject, objectField, stringField } from '../fields.ts';
import { present } from '../present.ts';
import { nameOf } from './name-of.ts';

/** A PersistentVolume, as far as it tells whether the node's own files are behind it. */
export interface VolumeObject {
  readonly name: string;
  readonly hostPath?: string;
  readonly local?: string;
  /** The claim that it is bound to, or kept for. */
  readonly claim?: { readonly namespace: string; readonly name: string };
}

/** @throws ShapeError when a field has another type than the API gives it */
export function projectVolume(object: unknown): VolumeObject {
  const from = asObject(object, '');
  const metadata = objectField(from, 'metadata', '') ?? {};
  const spec = objectField(from, 'spec', '') ?? {};
  const reference = objectField(spec, 'claimRef', 'spec');
  return present({
    name: nameOf(metadata),
    hostPath: pathOf(spec, 'hostPath'),
    local: pathOf(spec, 'local'),
    claim: reference && {
      namespace: stringField(reference, 'namespace', 'spec.claimRef') ?? 'default',
      name: stringField(reference, 'name', 'spec.claimRef') ?? '',
    },
  });
}

function pathOf(spec: Json, source: 'hostPath' | 'local'): string | undefined {
  const value = objectField(spec, source, 'spec');
  return value && (stringField(value, 'path', `spec.${source}`) ?? '');
}
