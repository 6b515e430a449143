import type { Json } from '../fields.ts';
import { isObject } from '../fields.ts';

/** Fields of a template, and of the controller around it, that the API server fills in where nobody wrote them. */
const filledIn = ['enableServiceLinks', 'terminationGracePeriodSeconds'] as const;
const lists = ['initContainers', 'containers'] as const;

/**
 * Which of the fields that the API server fills in somebody wrote: from what `kubectl apply` or a server-side apply left in
 * the object; of an object that never met a server, from itself. Foreign text is looked at, so nothing here throws.
 * @param templatePath keys from the object down to the pod's specification
 * @returns names, with `imagePullPolicy/<container>` for each container; undefined when nothing in the object tells
 */
export function projectWritten(object: Json, templatePath: readonly string[]): readonly string[] | undefined {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  if ((metadata['uid'] ?? null) === null) return namesIn(object, templatePath);
  const annotations = isObject(metadata['annotations']) ? metadata['annotations'] : {};
  const applied = parse(annotations['kubectl.kubernetes.io/last-applied-configuration']);
  if (applied !== undefined) return namesIn(applied, templatePath);
  const managed = Array.isArray(metadata['managedFields']) ? metadata['managedFields'] : [];
  const sets = managed.flatMap((entry) =>
    isObject(entry) && entry['operation'] === 'Apply' && isObject(entry['fieldsV1'])
      ? [entry['fieldsV1']]
      : [],
  );
  if (sets.length === 0) return undefined;
  return [...new Set(sets.flatMap((fields) => namesInFields(fields, templatePath)))].toSorted();
}

function parse(text: unknown): Json | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const descend = (from: Json, keys: readonly string[]): Json =>
  keys.reduce<Json>((value, key) => (isObject(value[key]) ? value[key] : {}), from);

function namesIn(object: Json, templatePath: readonly string[]): string[] {
  const around = descend(object, ['spec']);
  const spec = descend(object, templatePath);
  const containers = lists.flatMap((list) => (Array.isArray(spec[list]) ? spec[list] : []));
  return [
    ...filledIn.filter((name) => (spec[name] ?? null) !== null),
    ...containers.flatMap((container: unknown) =>
      isObject(container) && (container['imagePullPolicy'] ?? null) !== null
        ? [`imagePullPolicy/${String(container['name'])}`]
        : [],
    ),
    ...(isObject(around['strategy']) || isObject(around['updateStrategy']) ? ['strategy'] : []),
  ].toSorted();
}

/** The same in the form of `managedFields`: `f:` before a field, `k:` with the keys before an item of a list. */
function namesInFields(fields: Json, templatePath: readonly string[]): string[] {
  const around = descend(fields, ['f:spec']);
  const spec = descend(
    fields,
    templatePath.map((key) => `f:${key}`),
  );
  const containers = lists.flatMap((list) => Object.entries(descend(spec, [`f:${list}`])));
  return [
    ...filledIn.filter((name) => `f:${name}` in spec),
    ...containers.flatMap(([key, owned]) => {
      const name = parse(key.replace(/^k:/, ''))?.['name'];
      return isObject(owned) && 'f:imagePullPolicy' in owned && typeof name === 'string'
        ? [`imagePullPolicy/${name}`]
        : [];
    }),
    ...('f:strategy' in around || 'f:updateStrategy' in around ? ['strategy'] : []),
  ];
}
