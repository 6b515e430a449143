import type { FieldError } from '../domain/field-error.ts';
import * as z from 'zod';
import type { ComplianceProfileSpec } from './compliance-profile.ts';
import { complianceProfileSpec } from './compliance-profile.ts';
import { sayIssue } from './say-issue.ts';

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: readonly FieldError[] };

export type FindMeant = (word: string, known: readonly string[]) => string | undefined;

/**
 * Reads the `spec` of a ComplianceProfile, from the API server or from a file. It looks at the shape alone: whether the
 * controls it names exist, and the parameters' values make sense, is for the caller to say.
 * @param meant the known field that a mistyped one was probably meant to be
 * @returns every error at once, unknown fields among them
 */
export function parseProfileSpec(
  spec: unknown,
  meant: FindMeant = () => undefined,
): Parsed<ComplianceProfileSpec> {
  const result = complianceProfileSpec.safeParse(spec ?? {}, { reportInput: true });
  const errors = [
    ...(result.success ? [] : result.error.issues.map(describe)),
    ...findUnknownFields(complianceProfileSpec, spec, 'spec', meant),
  ];
  return result.success && errors.length === 0 ? { ok: true, value: result.data } : { ok: false, errors };
}

const describe = (issue: z.core.$ZodIssue): FieldError => ({
  field: issue.path.reduce<string>(
    (field, key) => field + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`),
    'spec',
  ),
  message: sayIssue(issue),
});

/** Fields that no schema names. Their values are not looked into. */
function findUnknownFields(
  schema: z.core.$ZodType,
  value: unknown,
  field: string,
  meant: FindMeant,
): FieldError[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    return value.flatMap((item, index) =>
      findUnknownFields(inner.element, item, `${field}[${index}]`, meant),
    );
  }
  if (!(inner instanceof z.ZodObject) || typeof value !== 'object' || value === null || Array.isArray(value))
    return [];
  const shape: z.core.$ZodShape = inner.shape;
  return Object.entries(value).flatMap(([name, child]) => {
    const known = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (known !== undefined) return findUnknownFields(known, child, `${field}.${name}`, meant);
    return [{ field: `${field}.${name}`, message: describeUnknown(name, Object.keys(shape), meant) }];
  });
}

function describeUnknown(name: string, known: readonly string[], find: FindMeant): string {
  const meant = find(name, known);
  const all = `nown are ${known.toSorted().join(', ')}`;
  return meant === undefined ? `unknown field; k${all}` : `unknown field; did you mean ${meant}? K${all}`;
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while (
    inner instanceof z.ZodExactOptional ||
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodReadonly
  ) {
    inner = inner.unwrap();
  }
  return inner;
}
