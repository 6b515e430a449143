import * as z from 'zod';
import { limits } from './resources.ts';

/**
 * The words that the kinds are written in. Each carries its description (shown by `kubectl explain`), its bounds (without
 * them the API server refuses the CEL rules as too dear) and how server-side apply merges it. Metadata keys that begin
 * with `x-kubernetes-` go into the CustomResourceDefinition as they are.
 */

/** A CEL rule of the API server, and what it tells who broke it. */
export interface Rule {
  readonly rule: string;
  readonly message: string;
}

const validations = (rules: readonly Rule[]) =>
  rules.length === 0 ? {} : { 'x-kubernetes-validations': rules };

export const text = (description: string, maxLength: number = limits.text) =>
  z.string().max(maxLength).meta({ description });

/** A text that must not be empty. */
export const word = (description: string, maxLength: number = limits.text) =>
  z.string().min(1).max(maxLength).meta({ description });

/** A text of one form. Of a `pattern` the API server shows only the expression, so a CEL rule speaks in its place. */
export const matching = (pattern: RegExp, message: string, description: string, maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(pattern, { error: message })
    .meta({
      description,
      pattern: undefined,
      'x-kubernetes-validations': [{ rule: `self.matches(r'${pattern.source}')`, message }],
    });

/** CamelCase, for programs; never a sentence. Only the operator writes one, so a bare pattern says enough. */
export const reason = (description: string) =>
  z
    .string()
    .max(64)
    .regex(/^[A-Z][A-Za-z0-9]*$/)
    .meta({ description });

/** RFC 3339. The API server checks the form, not zod: no one but the operator writes one. */
export const timestamp = (description: string) =>
  z.string().max(64).meta({ description, format: 'date-time' });

export const choice = <const T extends readonly [string, ...string[]]>(values: T, description: string) =>
  z.enum(values).meta({ description });

export const count = (description: string) => z.int().min(0).meta({ description });

export const integer = (description: string, bounds: { minimum?: number; maximum?: number } = {}) =>
  z
    .int()
    .min(bounds.minimum ?? Number.MIN_SAFE_INTEGER)
    .max(bounds.maximum ?? Number.MAX_SAFE_INTEGER)
    .meta({ description });

export const flag = (description: string) => z.boolean().meta({ description });

/** A list that is written as a whole: with one writer, a field manager's entry for every item would buy nothing. */
export const list = <T extends z.ZodType>(item: T, maxItems: number, description: string) =>
  z.array(item).max(maxItems).readonly().meta({ description, 'x-kubernetes-list-type': 'atomic' });

/** A list of different names, to which several field managers may add. */
export const set = <T extends z.ZodType>(item: T, maxItems: number, description: string) =>
  z.array(item).max(maxItems).readonly().meta({ description, 'x-kubernetes-list-type': 'set' });

/** A list of objects that one of their fields tells apart. */
export const keyedList = <T extends z.ZodType>(item: T, key: string, maxItems: number, description: string) =>
  z
    .array(item)
    .max(maxItems)
    .readonly()
    .meta({ description, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] });

/** A status, or an object in one, written as a whole: what a foreign hand adds to it goes with the next write. */
export const part = <S extends z.ZodRawShape>(shape: S, description: string) =>
  z.object(shape).meta({ description, 'x-kubernetes-map-type': 'atomic' });

/** An object whose fields are merged one by one. */
export const struct = <S extends z.ZodRawShape>(shape: S, description: string, rules: readonly Rule[] = []) =>
  z.object(shape).meta({ description, ...validations(rules) });

/**
 * An object that people write. It keeps unknown fields, since the API server would drop a misspelt one in silence;
 * so the operator sees it, and says so in the object's `Ready` condition.
 */
export const openStruct = <S extends z.ZodRawShape>(
  shape: S,
  description: string,
  rules: readonly Rule[] = [],
) => z.looseObject(shape).meta({ description, ...validations(rules) });

export const stringMap = (value: z.ZodString, maxProperties: number, description: string) =>
  z.record(z.string(), value).readonly().meta({ description, maxProperties });

export const duration = (description: string) =>
  matching(
    /^(0|([0-9]+([.][0-9]+)?(ms|s|m|h|d))+)$/,
    'a duration is written as 15m, 1h30m or 7d',
    `${description} A duration, such as 15m, 1h30m or 7d.`,
    32,
  );

export const strings = (description: string) => list(text('One entry.', 512), 256, description);
