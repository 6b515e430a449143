import { z } from 'zod';
import type { ComplianceProfileSpec } from './compliance-profile.ts';
import { complianceProfileSpec } from './compliance-profile.ts';

/** One thing that is wrong; `field` as kubectl writes it, such as `spec.controls[3].rationale`. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: readonly FieldError[] };

/**
 * Reads the `spec` of a ComplianceProfile, from the API server or from a file. It looks at the shape alone: whether the
 * controls it names exist, and the parameters' values make sense, is for the caller to say.
 * @returns every error at once, unknown fields among them
 */
export function parseProfileSpec(spec: unknown): Parsed<ComplianceProfileSpec> {
  const result = complianceProfileSpec.safeParse(spec ?? {});
  const errors = [
    ...(result.success ? [] : result.error.issues.map(describe)),
    ...findUnknownFields(complianceProfileSpec, spec, 'spec'),
    ...findUnjustified(spec),
  ];
  return result.success && errors.length === 0 ? { ok: true, value: result.data } : { ok: false, errors };
}

const describe = ({ path, message }: z.core.$ZodIssue): FieldError => ({
  field: path.reduce<string>(
    (field, key) => field + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`),
    'spec',
  ),
  message: message.replace(/^Invalid (input|option): /, ''),
});

/** The API server's CEL rule, for profiles that it has not seen. */
function findUnjustified(spec: unknown): FieldError[] {
  const { data: controls = [] } = disabledControls.safeParse(spec);
  return controls.flatMap(({ disabled, rationale }, index) =>
    disabled && !/\S/.test(rationale)
      ? [{ field: `spec.controls[${index}].rationale`, message: 'a disabled control needs a rationale' }]
      : [],
  );
}

const disabledControls = z
  .object({
    controls: z.array(z.object({ disabled: z.boolean().catch(false), rationale: z.string().catch('') })),
  })
  .transform(({ controls }) => controls);

/** Fields that no schema names. Their values are not looked into. */
function findUnknownFields(schema: z.core.$ZodType, value: unknown, field: string): FieldError[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    return value.flatMap((item, index) => findUnknownFields(inner.element, item, `${field}[${index}]`));
  }
  if (!(inner instanceof z.ZodObject) || typeof value !== 'object' || value === null || Array.isArray(value))
    return [];
  const shape: z.core.$ZodShape = inner.shape;
  return Object.entries(value).flatMap(([name, child]) => {
    const known = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (known !== undefined) return findUnknownFields(known, child, `${field}.${name}`);
    return [{ field: `${field}.${name}`, message: `unknown field${suggest(name, Object.keys(shape))}` }];
  });
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

function suggest(name: string, known: readonly string[]): string {
  const near = known.find((candidate) => isNear(candidate.toLowerCase(), name.toLowerCase()));
  return near === undefined ? `; known are ${known.join(', ')}` : `; did you mean ${near}?`;
}

/** Equal but for one letter that is missing, too many, wrong or exchanged with its neighbour. */
function isNear(a: string, b: string): boolean {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const restA = a.slice(start);
  const restB = b.slice(start);
  return (
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    restA.slice(1) === restB.slice(1) ||
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  );
}
