import {
  binaryTag,
  boolYaml11Tag,
  FAILSAFE_SCHEMA,
  floatYaml11Tag,
  intYaml11Tag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  Schema,
} from 'js-yaml';

const integer = /^[-+]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|[0-9][0-9_]*)$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

function readInteger(source: string): number | typeof NOT_RESOLVED {
  if (!integer.test(source)) return NOT_RESOLVED;
  const plain = source.replaceAll('_', '').replace(/^\+/, '').toLowerCase();
  const digits = plain.replace(/^-/, '');
  // A leading zero means octal; 09 is then no integer but, as Go reads on, a float.
  const octal = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  if (!Number.isFinite(octal) || /^0\d*[89]/.test(digits)) return NOT_RESOLVED;
  return plain.startsWith('-') ? -octal : octal;
}

function readFloat(source: string): number | typeof NOT_RESOLVED {
  const plain = source.replaceAll('_', '');
  return float.test(plain) ? Number(plain) : NOT_RESOLVED;
}

/**
 * Scalars as kubectl reads them: YAML 1.1 in the manner of go-yaml, so `yes` is true and `0777` is octal, while a date or
 * `12:30` stays text (facts: go.yaml.in/yaml/v2, resolve.go).
 */
export const kubectlSchema = new Schema([
  ...FAILSAFE_SCHEMA.tags,
  nullYaml11Tag,
  boolYaml11Tag,
  { ...intYaml11Tag, resolve: readInteger },
  { ...floatYaml11Tag, resolve: readFloat },
  mergeTag,
  binaryTag,
]);

/** The value of a plain scalar that is not empty, as the schema has it. */
export function resolvePlain(source: string): unknown {
  for (const resolve of [nullYaml11Tag.resolve, boolYaml11Tag.resolve, readInteger, readFloat]) {
    const value = resolve(source, false, '');
    if (value !== NOT_RESOLVED) return value;
  }
  return source;
}
