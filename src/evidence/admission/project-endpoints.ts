import { objectField, objectsField } from '../fields.ts';
import { open } from './admission-fields.ts';

/** An EndpointSlice: whether anything in it is ready. What says nothing of it is. */
export function projectEndpoints(object: unknown): { readonly ready: boolean } {
  const { from } = open(object);
  const ready = objectsField(from, 'endpoints', '').some(
    (each) => objectField(each, 'conditions', 'endpoints')?.['ready'] !== false,
  );
  return { ready };
}
