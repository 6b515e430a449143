import type {
  CommandLine,
  ConfigReference,
  ContainerProcess,
  LogTarget,
  StatedResources,
} from '../../domain/container-process.ts';
import type { Json } from '../fields.ts';
import { booleanField, objectField, objectsField, stringField, stringsField } from '../fields.ts';
import { present } from '../present.ts';
import { SecretMemo } from '../secrets/secret-memo.ts';
import { veilCommand } from '../secrets/veil-command.ts';
import { handlersOf } from './container-handlers.ts';

/** What is held of one command; a script longer than this is rather a file. */
const maxCommandLength = 16_384;

/** What a container starts. */
export function projectProcess(container: Json, path: string): ContainerProcess {
  const handlers = handlersOf(container, path);
  const env = objectsField(container, 'env', path).map((variable, index) =>
    projectVariable(variable, `env[${index}]`, path),
  );
  return {
    commands: [
      ...commandLine('command', [
        ...stringsField(container, 'command', path),
        ...stringsField(container, 'args', path),
      ]),
      ...handlers.flatMap(({ name, handler }) => {
        const exec = objectField(handler, 'exec', `${path}.${name}`);
        if (exec === undefined) return [];
        const words = stringsField(exec, 'command', `${path}.${name}.exec`);
        return commandLine(`${name}.exec.command`, words);
      }),
    ],
    env: env.map(({ name }) => name),
    logSettings: env.flatMap(({ name, to }) => (to === undefined ? [] : [{ name, to }])),
    references: [...env.flatMap(({ reference }) => reference ?? []), ...projectEnvFrom(container, path)],
    handlers: handlers.map(({ name }) => name),
  };
}

/** A template, its ReplicaSets of old and its pods say the same: it is looked through once. */
const veiled = new SecretMemo<string>(2_000);

function commandLine(path: string, words: readonly string[]): CommandLine[] {
  if (words.length === 0) return [];
  const begun = beginningOf(words);
  const text = veiled.get(JSON.stringify(begun), () => veilCommand(begun));
  if (text.length <= maxCommandLength && begun === words) return [{ path, text }];
  return [{ path, text: text.slice(0, maxCommandLength), cut: true }];
}

/** Twice what is held, since it is shorter without its secrets. It ends with a whole word: half a secret is not told for one. */
function beginningOf(words: readonly string[]): readonly string[] {
  let left = 2 * maxCommandLength;
  for (const [index, word] of words.entries()) {
    if (word.length > left) return [...words.slice(0, index), word.slice(0, left).replace(/\S*$/, '')];
    left -= word.length + 1;
  }
  return words;
}

interface Variable {
  readonly name: string;
  /** Only of a variable that names a log file. */
  readonly to?: LogTarget;
  readonly reference?: ConfigReference;
}

const logVariable =
  /^(?:LOG_?FILE|LOG_?PATH|LOG_?DIR|LOGGING_FILE_NAME|LOGGING_FILE_PATH|logging\.file\.name)$/i;

function projectVariable(variable: Json, at: string, container: string): Variable {
  const path = `${container}.${at}`;
  const name = stringField(variable, 'name', path) ?? '';
  const value = stringField(variable, 'value', path);
  const from = objectField(variable, 'valueFrom', path);
  const reference = from && keyReference(from, `${at}.valueFrom`, `${path}.valueFrom`);
  const to = logVariable.test(name) ? logTargetOf(value) : undefined;
  return present({ name, to, reference });
}

const streams = new Set([
  '/dev/stdout',
  '/dev/stderr',
  '/proc/1/fd/1',
  '/proc/1/fd/2',
  '/proc/self/fd/1',
  '/proc/self/fd/2',
  '-',
  'stdout',
  'stderr',
]);

/** Nothing but the kind of place is kept of the value. */
export function logTargetOf(value: string | undefined): LogTarget {
  if (value === undefined || value.includes('$(')) return 'unknown';
  return value === '' || streams.has(value) ? 'stdout' : 'file';
}

const sources = [
  ['configMap', 'ConfigMap'],
  ['secret', 'Secret'],
] as const;

function keyReference(from: Json, at: string, path: string): ConfigReference | undefined {
  for (const [key, kind] of sources) {
    const reference = objectField(from, `${key}KeyRef`, path);
    if (reference !== undefined)
      return toReference(reference, kind, `${at}.${key}KeyRef`, `${path}.${key}KeyRef`);
  }
  return undefined;
}

function projectEnvFrom(container: Json, path: string): ConfigReference[] {
  return objectsField(container, 'envFrom', path).flatMap((source, index) => {
    const at = `envFrom[${index}]`;
    return sources.flatMap(([key, kind]) => {
      const reference = objectField(source, `${key}Ref`, `${path}.${at}`);
      return reference ? [toReference(reference, kind, `${at}.${key}Ref`, `${path}.${at}.${key}Ref`)] : [];
    });
  });
}

function toReference(
  reference: Json,
  kind: ConfigReference['kind'],
  at: string,
  path: string,
  nameKey = 'name',
): ConfigReference {
  return {
    path: at,
    kind,
    name: stringField(reference, nameKey, path) ?? '',
    optional: booleanField(reference, 'optional', path) ?? false,
  };
}

/** ConfigMaps and Secrets behind the volumes of a pod; `at` of each is below the pod's `spec`. */
export function projectVolumeReferences(spec: Json, path: string): ConfigReference[] {
  const all = objectsField(spec, 'volumes', path).flatMap((volume, index) => {
    const at = `volumes[${index}]`;
    const projected = objectField(volume, 'projected', `${path}.${at}`);
    return [
      ...volumeReferences(volume, at, path, 'secretName'),
      ...(projected === undefined
        ? []
        : objectsField(projected, 'sources', `${path}.${at}.projected`).flatMap((source, place) =>
            volumeReferences(source, `${at}.projected.sources[${place}]`, path, 'name'),
          )),
    ];
  });
  return all.filter(({ name }) => name !== clusterRoot);
}

/** Every namespace has it, and the API server puts it into every pod. */
const clusterRoot = 'kube-root-ca.crt';

/** A secret is named by `secretName` as a volume, and by `name` as one of several sources of a volume. */
function volumeReferences(from: Json, at: string, path: string, secretName: string): ConfigReference[] {
  return sources.flatMap(([key, kind]) => {
    const below = `${path}.${at}.${key}`;
    const reference = objectField(from, key, `${path}.${at}`);
    const nameKey = kind === 'Secret' ? secretName : 'name';
    return reference ? [toReference(reference, kind, `${at}.${key}`, below, nameKey)] : [];
  });
}

/** A request of nothing, and a limit that is none: a quantity in any of its spellings. */
const isZero = (amount: unknown): boolean =>
  amount === 0 ||
  (typeof amount === 'string' && /^[+-]?(?:0+\.?0*|\.0+)(?:[eE][+-]?\d+|[A-Za-z]{1,2})?$/.test(amount));

/** @param defaulted requests that a LimitRange put in */
export function projectResources(
  from: Json,
  path: string,
  defaulted: readonly string[] = [],
): StatedResources {
  const resources = objectField(from, 'resources', path) ?? {};
  const zero: string[] = [];
  const written = (key: string) => {
    const stated = objectField(resources, key, `${path}.resources`) ?? {};
    const names = Object.keys(stated).filter((name) => (stated[name] ?? null) !== null);
    for (const name of names) if (isZero(stated[name])) zero.push(`${key}.${name}`);
    return names.sort();
  };
  const stated = (key: string) => written(key).filter((name) => !zero.includes(`${key}.${name}`));
  const limits = stated('limits');
  // The API server makes the limit the request where there is no other.
  const requests = [...new Set([...stated('requests'), ...limits])].filter(
    (name) => !zero.includes(`requests.${name}`),
  );
  return {
    ...{ requests: requests.sort(), limits },
    ...(defaulted.length === 0 ? {} : { defaulted }),
    ...(zero.length === 0 ? {} : { zero }),
  };
}
