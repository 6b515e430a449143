import type { z } from 'zod';
import type {
  AdmissionExemptions,
  ParameterDescription,
  ParameterKinds,
  ParameterPath,
  PodSecurityLevels,
} from '../domain/parameters.ts';
import { isParameterPath, parameterTable } from '../domain/parameters.ts';
import { priorities } from '../domain/runtime.ts';
import { choice, flag, integer, list, matching, openStruct, text } from './schema.ts';

/** `spec.parameters` of a ComplianceProfile, made from the table of the domain: one field for each dotted path. */

type ParameterType = keyof ParameterKinds;

/** As people write a parameter; only durations differ from the parsed form. */
type Written<K extends ParameterType> = K extends 'duration' ? string : ParameterKinds[K];
export type WrittenParameters = {
  readonly [P in ParameterPath]?: Written<(typeof parameterTable)[P]['type']>;
};

const podSecurityLevels = ['privileged', 'baseline', 'restricted'] as const;

const duration = (description: string) =>
  matching(
    /^(0|([0-9]+([.][0-9]+)?(ms|s|m|h|d))+)$/,
    'a duration is written as 15m, 1h30m or 7d',
    `${description} A duration, such as 15m, 1h30m or 7d.`,
    32,
  );

const builders: {
  readonly [K in ParameterType]: (description: string, bounds: ParameterDescription) => z.ZodType;
} = {
  duration,
  integer,
  boolean: flag,
  string: (description) => text(description, 253),
  strings: (description) => list(text('One entry.', 512), 256, description),
  userNamespaces: (description) => choice(['relax', 'strict'], description),
  priority: (description) => choice(priorities, description),
  podSecurityLevels: (description) =>
    openStruct(
      {
        enforce: choice(podSecurityLevels, 'The level that is enforced.'),
        audit: choice(podSecurityLevels, 'The level that is audited.').exactOptional(),
        warn: choice(podSecurityLevels, 'The level that is warned about.').exactOptional(),
      } satisfies Record<keyof PodSecurityLevels, z.ZodType>,
      description,
    ),
  admissionExemptions: (description) =>
    openStruct(
      {
        namespaces: list(text('A namespace.', 63), 256, 'Exempt namespaces.').exactOptional(),
        usernames: list(text('A user name.', 253), 256, 'Exempt users.').exactOptional(),
        runtimeClasses: list(text('A RuntimeClass.', 253), 256, 'Exempt runtime classes.').exactOptional(),
      } satisfies Record<keyof AdmissionExemptions, z.ZodType>,
      description,
    ),
};

const minute = 60_000;

/** In the words that a person would use in a profile; durations in the largest unit that is whole. */
function writeDefault({ type, default: value }: ParameterDescription): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return 'None by default.';
  if (type !== 'duration')
    return `Default: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}.`;
  const units = [
    ['d', 24 * 60 * minute],
    ['h', 60 * minute],
    ['m', minute],
    ['s', 1_000],
  ] as const;
  const [unit, size] = units.find(([, milliseconds]) => Number(value) % milliseconds === 0) ?? ['ms', 1];
  return `Default: ${Number(value) / size}${unit}.`;
}

interface Branch {
  readonly [name: string]: Branch | z.ZodType;
}
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Dotted paths as a tree; its leaves are schemas. */
function growTree(): Branch {
  const root: Mutable<Branch> = {};
  for (const [path, description] of Object.entries<ParameterDescription>(parameterTable)) {
    const names = path.split('.');
    const leaf = names.pop() ?? path;
    let branch = root;
    for (const name of names) branch = (branch[name] ??= {}) as Mutable<Branch>;
    const words = `${description.description} ${writeDefault(description)}`;
    branch[leaf] = builders[description.type](words, description);
  }
  return root;
}

const isSchema = (node: Branch | z.ZodType): node is z.ZodType => '_zod' in node;

function toSchema(branch: Branch, path: string): z.ZodType {
  const fields = Object.entries(branch).map(([name, node]) => {
    const schema = isSchema(node) ? node : toSchema(node, `${path}${name}.`);
    return [name, schema.exactOptional()] as const;
  });
  return openStruct(
    Object.fromEntries(fields),
    path === '' ? 'Parameters of the controls; what is left out has its default.' : `Parameters ${path}*.`,
  );
}

export const profileParameters = toSchema(growTree(), '');

/**
 * The known parameters that are set, by dotted path, in the form that people write (durations are still text).
 * @param parameters of a spec that `parseProfileSpec` accepted
 */
export function readParameters(parameters: unknown): WrittenParameters {
  const values: Partial<Record<ParameterPath, unknown>> = {};
  collect(parameters, '', values);
  return values as WrittenParameters;
}

function collect(node: unknown, prefix: string, values: Partial<Record<ParameterPath, unknown>>): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [name, value] of Object.entries(node)) {
    const path = prefix + name;
    if (isParameterPath(path)) values[path] = value;
    else collect(value, `${path}.`, values);
  }
}
