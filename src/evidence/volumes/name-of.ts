import type { Json } from '../fields.ts';
import { ShapeError, stringField } from '../fields.ts';

/** @throws ShapeError when there is none */
export function nameOf(metadata: Json): string {
  const name = stringField(metadata, 'name', 'metadata');
  if (name === undefined) throw new ShapeError('metadata.name', 'a string', undefined);
  return name;
}
