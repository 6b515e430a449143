import { fingerprint } from '../../domain/fingerprint.ts';
import type { Literal, PackedLiterals, PlainText } from '../../domain/literal.ts';
import { packLiterals } from '../../domain/literal.ts';
import type { Json } from '../fields.ts';
import { objectField, objectsField, stringField, stringsField } from '../fields.ts';
import { handlersOf } from '../workloads/container-handlers.ts';
import { literalsInCommand } from './command-literals.ts';
import { describeValue } from './describe-value.ts';
import { isAddress } from './harmless.ts';
import type { Learned } from './secret-memo.ts';
import { SecretMemo } from './secret-memo.ts';
import { literalsInText } from './text-literals.ts';

const fields = [
  'env',
  'envFrom',
  'command',
  'args',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
];
const known = new SecretMemo<PlainText | undefined>(10_000);

/**
 * What a container says in plain text; undefined when that is nothing.
 * @throws ShapeError when a field has another type than the API gives it
 */
export function projectPlainText(container: Json, path: string): PlainText | undefined {
  const source = sourceOf(container);
  // Ten thousand pods of one template say the same: it is looked through once.
  return source === undefined ? undefined : known.get(source, () => read(container, path));
}

export type LearnedText = Learned<PlainText | undefined>;

/**
 * The same, for another thread that will ask for it.
 * @returns undefined where that thread need not learn anything
 * @throws ShapeError
 */
export function preparePlainText(container: Json): LearnedText | undefined {
  const source = sourceOf(container);
  return source === undefined ? undefined : known.prepare(source, () => read(container, ''));
}

export function learnPlainText(learned: LearnedText): void {
  known.learn(learned);
}

/** All that is read of a container; undefined when it has none of it. */
function sourceOf(container: Json): string | undefined {
  const parts = fields.map((field) => container[field] ?? null);
  return parts.every((part) => part === null) ? undefined : JSON.stringify(parts);
}

function read(container: Json, path: string): PlainText | undefined {
  const env = objectsField(container, 'env', path).map((entry, index) =>
    readVariable(entry, `${path}.env[${index}]`),
  );
  const literals = env.flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }]));
  const addresses = literals.filter(({ value }) => isAddress(value));
  const secretEnv = [
    ...env.flatMap(({ name, secret }) => (secret === undefined ? [] : [{ path: `env[${name}]`, secret }])),
    ...secretsOfEnvFrom(container, path),
  ];
  const text: PlainText = {
    ...packed(
      'env',
      literals.flatMap(({ name, value }) => literalsOfVariable(name, value)),
    ),
    ...packed('commands', readCommands(container, path)),
    ...(literals.length === 0 ? {} : { literalEnv: literals.length }),
    ...(addresses.length === 0
      ? {}
      : { addresses: addresses.map(({ name, value }) => ({ name, mark: fingerprint(value) })) }),
    ...(secretEnv.length === 0 ? {} : { secretEnv }),
  };
  return Object.keys(text).length === 0 ? undefined : text;
}

const packed = <K extends string>(key: K, literals: readonly Literal[]) =>
  (literals.length === 0 ? {} : { [key]: packLiterals(literals) }) as { readonly [P in K]?: PackedLiterals };

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly secret?: string;
}

/** One without value and source is the empty text. */
function readVariable(entry: Json, path: string): Variable {
  const name = stringField(entry, 'name', path) ?? '';
  const value = stringField(entry, 'value', path);
  const source = objectField(entry, 'valueFrom', path);
  const reference = source && objectField(source, 'secretKeyRef', `${path}.valueFrom`);
  if (reference !== undefined) return { name, secret: stringField(reference, 'name', path) ?? '' };
  return source === undefined && value !== undefined ? { name, value } : { name };
}

function secretsOfEnvFrom(container: Json, path: string): { path: string; secret: string }[] {
  return objectsField(container, 'envFrom', path).flatMap((entry, index) => {
    const at = `${path}.envFrom[${index}]`;
    const reference = objectField(entry, 'secretRef', at);
    if (reference === undefined) return [];
    return [{ path: `envFrom[${index}]`, secret: stringField(reference, 'name', `${at}.secretRef`) ?? '' }];
  });
}

/** A value of several words or lines, such as a file of configuration, may have pairs within. */
export function literalsOfVariable(name: string, value: string, path = `env[${name}]`): readonly Literal[] {
  const several = /\s/.test(value.trim());
  const whole = several && value.includes('\n') ? undefined : describeValue(value);
  const inner = several || /[;?]|\{"/.test(value) ? literalsInText(value, path).literals : [];
  if (whole === undefined) return inner;
  return [{ path, name, ...whole, line: 0 }, ...inner.filter(({ marks }) => marks[0] !== whole.marks[0])];
}

function readCommands(container: Json, path: string): readonly Literal[] {
  const command = stringsField(container, 'command', path);
  const args = stringsField(container, 'args', path);
  return [
    ...literalsInCommand(command, 'command'),
    ...literalsInCommand(args, 'args', command.at(-1)),
    ...handlersOf(container, path).flatMap(({ name, handler }) =>
      readHandler(handler, name, `${path}.${name}`),
    ),
  ];
}

function readHandler(handler: Json, at: string, path: string): readonly Literal[] {
  const exec = objectField(handler, 'exec', path);
  const get = objectField(handler, 'httpGet', path);
  const command = exec === undefined ? [] : stringsField(exec, 'command', `${path}.exec`);
  const headers = get === undefined ? [] : objectsField(get, 'httpHeaders', `${path}.httpGet`);
  return [
    ...literalsInCommand(command, `${at}.exec.command`),
    ...headers.flatMap((header, index) => {
      const where = `${path}.httpGet.httpHeaders[${index}]`;
      return literalsOfHeader(
        stringField(header, 'name', where) ?? '',
        stringField(header, 'value', where) ?? '',
        `${at}.httpGet.httpHeaders`,
      );
    }),
  ];
}

const credentialHeader = /^(?:proxy-)?authorization$/i;

/** Whatever an Authorization header holds literally is a credential, with or without a scheme before it. */
function literalsOfHeader(name: string, value: string, list: string): readonly Literal[] {
  const path = `${list}[${name}]`;
  if (!credentialHeader.test(name)) return literalsOfVariable(name, value, path);
  const [, credential = ''] = /^(?:[A-Za-z]{1,20}\s+)?(.*)$/s.exec(value.trim()) ?? [];
  const described = describeValue(credential);
  return described === undefined
    ? []
    : [{ path, name, ...described, format: described.format || 'authorization header', line: 0 }];
}
