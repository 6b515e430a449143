import type { Json } from '../fields.ts';
import { objectField } from '../fields.ts';

/** A probe or a lifecycle hook of a container. */
export interface Handler {
  /** Its place below the container: `livenessProbe`, `lifecycle.preStop`. */
  readonly name: string;
  readonly handler: Json;
}

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
const hooks = ['postStart', 'preStop'] as const;

/**
 * Those that a container has.
 * @param path where the container stands, for errors
 * @throws ShapeError when one is no object
 */
export function handlersOf(container: Json, path: string): readonly Handler[] {
  const found: Handler[] = [];
  const add = (name: string, handler: Json | undefined) => {
    if (handler !== undefined) found.push({ name, handler });
  };
  for (const probe of probes) add(probe, objectField(container, probe, path));
  const lifecycle = objectField(container, 'lifecycle', path);
  if (lifecycle === undefined) return found;
  for (const hook of hooks) add(`lifecycle.${hook}`, objectField(lifecycle, hook, `${path}.lifecycle`));
  return found;
}
