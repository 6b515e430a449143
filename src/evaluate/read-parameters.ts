import { didYouMean } from '../base/closest.ts';
import { formatDuration, parseDuration } from '../base/duration.ts';
import { isParseFailure } from '../domain/image-reference.ts';
import type { ParameterDescription, ParameterPath, Parameters } from '../domain/parameters.ts';
import {
  defaultParameters,
  isParameterPath,
  isPriority,
  parameterTable,
  scannerNames,
  templateFields,
} from '../domain/parameters.ts';
import { isReservedPath, reservedTable } from '../domain/reserved-parameters.ts';
import { parseSelector } from '../domain/parse-selector.ts';
import { priorities } from '../domain/runtime.ts';
import { severities } from '../domain/verdict.ts';
import { isBadPattern, parseNamePattern } from '../domain/name-pattern.ts';
import { parseRegistryEntry } from '../domain/registry-entry.ts';
import type { FieldError } from '../domain/field-error.ts';

interface Reading {
  /** What holds where the tree says nothing. */
  readonly base?: Parameters | undefined;
  /** Takes the paths that are set and that no control reads. */
  readonly unread?: Set<string>;
}

/** Parameters are nested objects whose leaves stand in the table: `images.allowedRegistries`. */
export function readParameters(
  tree: Readonly<Record<string, unknown>>,
  errors: FieldError[],
  { base = defaultParameters, unread }: Reading = {},
): Parameters {
  const values: Record<string, unknown> = { ...base };
  const visit = (node: Readonly<Record<string, unknown>>, prefix: string) => {
    for (const [key, value] of Object.entries(node)) {
      const path = prefix === '' ? key : `${prefix}.${key}`;
      if (isParameterPath(path)) {
        const read = readValue(parameterTable[path], value);
        if (read.ok) values[path] = read.value;
        else errors.push({ field: `spec.parameters.${path}`, message: read.message });
      } else if (isReservedPath(path)) {
        unread?.add(path);
      } else if (isGroup(path) && isRecord(value)) {
        visit(value, path);
      } else {
        const message = isGroup(path)
          ? 'expected an object'
          : `no such parameter${didYouMean(path, knownPaths)}`;
        errors.push({ field: `spec.parameters.${path}`, message });
      }
    }
  };
  visit(tree, '');
  errors.push(...disorders(values as unknown as Parameters, tree));
  return Object.freeze(values) as unknown as Parameters;
}

/** What would make no sense the other way round, the lesser first. */
const ordered: readonly (readonly [ParameterPath, ParameterPath])[] = [
  ['secrets.warnScore', 'secrets.failScore'],
  ['vulnerabilities.highScore', 'vulnerabilities.criticalScore'],
];

function disorders(values: Parameters, tree: Readonly<Record<string, unknown>>): FieldError[] {
  const isSet = (path: string) =>
    path.split('.').reduce<unknown>((node, key) => (isRecord(node) ? node[key] : undefined), tree) !==
    undefined;
  return ordered.flatMap(([lesser, greater]) => {
    if (Number(values[lesser]) <= Number(values[greater])) return [];
    const [field, bound, other] = isSet(lesser)
      ? [lesser, 'at most', greater]
      : [greater, 'at least', lesser];
    const message = `must be ${bound} ${other}, which is ${Number(values[other])}`;
    return [{ field: `spec.parameters.${field}`, message }];
  });
}

const knownPaths = [...Object.keys(parameterTable), ...Object.keys(reservedTable)];

const isGroup = (path: string) => knownPaths.some((known) => known.startsWith(`${path}.`));

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Read = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

function readValue(description: ParameterDescription, value: unknown): Read {
  const good = (parsed: unknown): Read => ({ ok: true, value: parsed });
  const bad = (expected: string): Read => ({
    ok: false,
    message: `expected ${expected}, found ${quote(value)}`,
  });
  const listOf = (known: readonly string[]): Read =>
    isStrings(value) && value.every((each) => known.includes(each))
      ? good(value)
      : bad(`a list of ${known.join(', ')}`);
  switch (description.type) {
    case 'boolean':
      return typeof value === 'boolean' ? good(value) : bad('true or false');
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value)
        ? bounded(value, description, String)
        : bad('an integer');
    case 'selector':
      return typeof value === 'string' && parseSelector(value) !== undefined
        ? good(value)
        : bad('a label selector such as environment=production');
    case 'optionalDuration':
    case 'duration': {
      const parsed = typeof value === 'string' ? parseDuration(value) : undefined;
      return parsed === undefined
        ? bad('a duration such as 15m, 24h or 7d')
        : bounded(parsed, description, formatDuration);
    }
    case 'string':
      return typeof value === 'string' && value !== '' ? good(value) : bad('a string');
    case 'configMapName':
      return typeof value === 'string' && configMapName.test(value)
        ? good(value)
        : bad('the name of a ConfigMap, or namespace/name');
    case 'strings':
      return isStrings(value) ? good(value) : bad('a list of strings');
    case 'registries':
      return isStrings(value) ? readRegistries(value) : bad('a list of strings');
    case 'userNamespaces':
      return value === 'relax' || value === 'strict' ? good(value) : bad('relax or strict');
    case 'priority':
      return typeof value === 'string' && isPriority(value)
        ? good(value)
        : bad(`one of ${priorities.join(', ')}`);
    case 'severity': {
      const known: readonly unknown[] = severities;
      return known.includes(value) ? good(value) : bad(`one of ${severities.join(', ')}`);
    }
    case 'podSecurityLevels':
      return (
        readLevels(value) ??
        bad('an object {enforce, audit, warn} of levels privileged, baseline or restricted')
      );
    case 'admissionExemptions':
      return (
        readExemptions(value) ?? bad('an object {namespaces, usernames, runtimeClasses} of lists of strings')
      );
    case 'decimal':
      return typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value)
        ? bounded(Number(value), description, String)
        : bad('a decimal in quotes, such as "3.5"');
    case 'namePattern':
      return typeof value === 'string' && value !== '' ? readPattern(value) : bad('a pattern');
    case 'environmentVerdict':
      return value === 'Warn' || value === 'Fail' ? good(value) : bad('Warn or Fail');
    case 'integers':
      return readIntegers(value, description);
    case 'patterns':
      return isStrings(value) ? readPatterns(value) : bad('a list of regular expressions');
    case 'mirrors':
      return isRecord(value) ? readMirrors(value) : bad('an object from registry to registry');
    case 'templateFields':
      return listOf(templateFields);
    case 'scanners':
      return listOf(scannerNames);
  }
}

const configMapName = /^(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?\/)?[a-z0-9](?:[-.a-z0-9]*[a-z0-9])?$/;

function readPattern(value: string): Read {
  const pattern = parseNamePattern(value);
  return isBadPattern(pattern)
    ? { ok: false, message: `the pattern ${pattern.problem}` }
    : { ok: true, value };
}

function bounded(
  value: number,
  { minimum, maximum }: ParameterDescription,
  show: (bound: number) => string,
): Read {
  if (minimum !== undefined && value < minimum)
    return { ok: false, message: `must be at least ${show(minimum)}` };
  if (maximum !== undefined && value > maximum)
    return { ok: false, message: `must be at most ${show(maximum)}` };
  return { ok: true, value };
}

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

function readRegistries(entries: readonly string[]): Read {
  const problems = entries.flatMap((entry) => {
    const parsed = parseRegistryEntry(entry);
    return isParseFailure(parsed) ? [`the entry ${quote(entry)} ${parsed.problem}`] : [];
  });
  return problems.length === 0 ? { ok: true, value: entries } : { ok: false, message: problems.join('; ') };
}

function readIntegers(value: unknown, description: ParameterDescription): Read {
  if (!Array.isArray(value))
    return { ok: false, message: `expected a list of integers, found ${quote(value)}` };
  const wrong = value
    .map((each) => readValue({ ...description, type: 'integer', default: 0 }, each))
    .find((each) => !each.ok);
  return wrong ?? { ok: true, value };
}

function readPatterns(patterns: readonly string[]): Read {
  const wrong = patterns.find((pattern) => pattern === '' || !isPattern(pattern));
  if (wrong === undefined) return { ok: true, value: patterns };
  return { ok: false, message: `${quote(wrong)} is not a regular expression that matches some text` };
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text).source !== '';
  } catch {
    return false;
  }
}

/** Both sides are entries of a registry, and name one without wildcards. */
function readMirrors(map: Readonly<Record<string, unknown>>): Read {
  const wrong = Object.entries(map)
    .flat()
    .find(
      (side) => typeof side !== 'string' || side.includes('*') || isParseFailure(parseRegistryEntry(side)),
    );
  if (wrong === undefined) return { ok: true, value: map };
  return { ok: false, message: `${quote(wrong)} is not a registry, with or without a path` };
}

const levels = ['privileged', 'baseline', 'restricted'];

function readLevels(value: unknown): Read | undefined {
  if (!isRecord(value)) return undefined;
  const known = Object.entries(value).every(
    ([key, level]) => ['enforce', 'audit', 'warn'].includes(key) && levels.some((known) => known === level),
  );
  return known ? { ok: true, value: { enforce: 'privileged', ...value } } : undefined;
}

function readExemptions(value: unknown): Read | undefined {
  if (!isRecord(value)) return undefined;
  const lists = { namespaces: [], usernames: [], runtimeClasses: [], ...value };
  const known = Object.entries(lists).every(
    ([key, list]) => ['namespaces', 'usernames', 'runtimeClasses'].includes(key) && isStrings(list),
  );
  return known ? { ok: true, value: lists } : undefined;
}

const quote = (value: unknown) => JSON.stringify(value)?.slice(0, 80) ?? 'nothing';
