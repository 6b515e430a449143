import { z } from 'zod';

/** What a CustomResourceDefinition can say of a value: OpenAPI v3 in Kubernetes' "structural" form. */
export type StructuralSchema = Readonly<Record<string, unknown>>;

/** A schema says something that a CustomResourceDefinition cannot say, or leaves a bound out. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
  readonly code = 'NotStructural';

  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
  }
}

type Json = Readonly<Record<string, unknown>>;

/** Key under which the walk over zod leaves what zod's own translation would hide; it never leaves this file. */
const zodKey = 'zod';

/**
 * Translates the subset of zod that is structural: object, string, integer, boolean, enum, array, string map, and
 * objects that keep unknown fields. Every field needs a description, every string and list a bound.
 * @throws SchemaError with the field's path for anything else
 */
export function toStructuralSchema(schema: z.ZodType, path: string): StructuralSchema {
  const json = z.toJSONSchema(schema, {
    unrepresentable: 'any', // Refused below, with the path that zod's own error lacks.
    override: ({ zodSchema, jsonSchema }) => {
      const custom = zodSchema._zod.def.checks?.some((check) => check._zod.def.check === 'custom');
      const marked = jsonSchema as Record<string, unknown>;
      // A refinement would be lost in silence: the API server cannot run it.
      if (custom === true) marked[zodKey] = 'refinement';
      else if (!transparent.includes(zodSchema._zod.def.type)) marked[zodKey] = zodSchema._zod.def.type;
    },
  });
  // Keys that stand for nothing are dropped, so that equal schemas are deep-equal too.
  return JSON.parse(JSON.stringify(translate(json, path))) as StructuralSchema;
}

/** Wrappers that change nothing of the form; `required` shows the first, nobody needs to see the second. */
const transparent: readonly string[] = ['optional', 'readonly'];

/** By zod's own type: its translation would hide defaults, literals and fallbacks behind the type that they wrap. */
const translators: Readonly<Record<string, (json: Json, path: string) => Json>> = {
  object: translateObject,
  record: translateMap,
  array: translateArray,
  string: translateString,
  enum: ({ enum: values }) => ({ type: 'string', enum: values }),
  number: translateInteger,
  boolean: () => ({ type: 'boolean' }),
};

function translate(json: Json, path: string): StructuralSchema {
  const type = String(json[zodKey]);
  const translator = Object.hasOwn(translators, type) ? translators[type] : undefined;
  if (translator === undefined) {
    throw new SchemaError(path, `zod's ${type} has no structural form: describe the value otherwise`);
  }
  const { description } = json;
  if (typeof description !== 'string' || description === '') {
    throw new SchemaError(path, 'needs a description, for kubectl explain');
  }
  const extensions = Object.entries(json).filter(([key]) => key.startsWith('x-kubernetes-'));
  return { description, ...translator(json, path), ...Object.fromEntries(extensions) };
}

function translateObject(json: Json, path: string): Json {
  const { properties, required, additionalProperties } = json;
  const fields = Object.entries((properties ?? {}) as Record<string, Json>).map(
    ([name, field]) => [name, translate(field, `${path}.${name}`)] as const,
  );
  return {
    type: 'object',
    ...(isOpen(additionalProperties, path) ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
    ...(Array.isArray(required) && required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(fields),
  };
}

/** The values of a map need no description: the map's own speaks of them. */
function translateMap(json: Json, path: string): Json {
  const { maxProperties, additionalProperties } = json;
  if (typeof maxProperties !== 'number') throw new SchemaError(path, 'a map needs maxProperties');
  const value = translate({ description: 'value', ...(additionalProperties as Json) }, `${path}.*`);
  return { type: 'object', maxProperties, additionalProperties: { ...value, description: undefined } };
}

/** zod writes `false` for an object and an empty schema for a loose one; a catchall of a type has no structural form. */
function isOpen(additionalProperties: unknown, path: string): boolean {
  if (additionalProperties === undefined || additionalProperties === false) return false;
  if ((additionalProperties as Json)[zodKey] === 'unknown') return true;
  throw new SchemaError(path, 'an object has either named fields or values of one type, not both');
}

function translateArray(json: Json, path: string): Json {
  const { items, maxItems, minItems } = json;
  if (typeof maxItems !== 'number') throw new SchemaError(path, 'a list needs maxItems');
  return {
    type: 'array',
    minItems,
    maxItems,
    items: translate(items as Json, `${path}[]`),
  };
}

function translateString(json: Json, path: string): Json {
  const { minLength, maxLength, pattern, format } = json;
  if (typeof maxLength !== 'number') throw new SchemaError(path, 'a string needs maxLength');
  return { type: 'string', format, minLength, maxLength, pattern };
}

/** Bounds that only say what a JavaScript number can hold are left out. */
function translateInteger({ type, minimum, maximum }: Json, path: string): Json {
  if (type !== 'integer')
    throw new SchemaError(path, 'a number that is not an integer does not compare exactly');
  return {
    type,
    format: 'int64',
    minimum: minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum,
    maximum: maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum,
  };
}
