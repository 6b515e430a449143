import type { Json } from '../fields.ts';
import { isObject } from '../fields.ts';

const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** The containers of a pod specification as it was read; what is not one is left out. */
export const rawContainers = (spec: Json): readonly Json[] => lists.flatMap((list) => objectsIn(spec[list]));

/** The objects of a list as it was read; none where it is not a list. */
export const objectsIn = (list: unknown): readonly Json[] =>
  Array.isArray(list) ? list.filter(isObject) : [];
