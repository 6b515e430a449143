/**
 * Reading foreign JSON. A field that is absent or null is undefined; a field of the wrong type is an error that names
 * its path, because a silently ignored `runAsNonRoot: "yes"` would be a false verdict.
 */
export class ShapeError extends Error {
  readonly code = 'Shape';
  override readonly name = 'ShapeError';
  readonly path: string;

  constructor(path: string, expected: string, value: unknown) {
    super(`${path === '' ? 'the document' : path}: expected ${expected}, found ${describe(value)}`);
    this.path = path;
  }
}

export type Json = Readonly<Record<string, unknown>>;

const at = (path: string, key: string) => (path === '' ? key : `${path}.${key}`);

/** Names the type and, for scalars that can hold no secret, the value. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'boolean' || typeof value === 'number') return `${typeof value} ${String(value)}`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asObject(value: unknown, path: string): Json {
  if (!isObject(value)) throw new ShapeError(path, 'an object', value);
  return value;
}

export function objectField(from: Json, key: string, path: string): Json | undefined {
  const value = from[key];
  if (value === undefined || value === null) return undefined;
  // The path is made for an error alone: there are dozens of fields in every object that is watched.
  return isObject(value) ? value : asObject(value, at(path, key));
}

export function stringField(from: Json, key: string, path: string): string | undefined {
  const value = from[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new ShapeError(at(path, key), 'a string', value);
  return value;
}

export function booleanField(from: Json, key: string, path: string): boolean | undefined {
  const value = from[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw new ShapeError(at(path, key), 'a boolean', value);
  return value;
}

export function integerField(from: Json, key: string, path: string): number | undefined {
  const value = from[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new ShapeError(at(path, key), 'an integer', value);
  }
  return value;
}

export function numberField(from: Json, key: string, path: string): number | undefined {
  const value = from[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new ShapeError(at(path, key), 'a number', value);
  return value;
}

/** An `IntOrString`, such as a number of pods or a percentage. */
export function amountField(from: Json, key: string, path: string): number | string | undefined {
  const value = from[key];
  return typeof value === 'string' ? value : integerField(from, key, path);
}

/** An absent list is empty. */
export function listField(from: Json, key: string, path: string): readonly unknown[] {
  const value = from[key];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new ShapeError(at(path, key), 'a list', value);
  return value;
}

/** Each element an object; an absent list is empty. */
export function objectsField(from: Json, key: string, path: string): readonly Json[] {
  return listField(from, key, path).map((item, index) =>
    isObject(item) ? item : asObject(item, `${at(path, key)}[${index}]`),
  );
}

export function stringsField(from: Json, key: string, path: string): readonly string[] {
  return listField(from, key, path).map((item, index) => {
    if (typeof item !== 'string') throw new ShapeError(`${at(path, key)}[${index}]`, 'a string', item);
    return item;
  });
}

/** A map of strings; absent is undefined. */
export function stringMapField(
  from: Json,
  key: string,
  path: string,
): Readonly<Record<string, string>> | undefined {
  const map = objectField(from, key, path);
  if (map === undefined) return undefined;
  for (const [name, value] of Object.entries(map)) {
    if (typeof value !== 'string') throw new ShapeError(`${at(path, key)}[${name}]`, 'a string', value);
  }
  return map as Readonly<Record<string, string>>;
}
