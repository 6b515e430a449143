import * as z from 'zod';
import type {
  AdmissionExemptions,
  ParameterDescription,
  ParameterKinds,
  PodSecurityLevels,
} from '../domain/parameters.ts';
import { parameterTable, scannerNames, templateFields } from '../domain/parameters.ts';
import { reservedTable } from '../domain/reserved-parameters.ts';
import { priorities } from '../domain/runtime.ts';
import { severities } from '../domain/verdict.ts';
import { reservedSchema } from './reserved-schemas.ts';
import {
  choice,
  duration,
  flag,
  integer,
  list,
  matching,
  openStruct,
  stringMap,
  strings,
  text,
} from './schema.ts';

/** `spec.parameters` of a ComplianceProfile, made from the table of the domain: one field for each dotted path. */

type ParameterType = keyof ParameterKinds;

const podSecurityLevels = ['privileged', 'baseline', 'restricted'] as const;

const builders: {
  readonly [K in ParameterType]: (description: string, bounds: ParameterDescription) => z.ZodType;
} = {
  duration,
  optionalDuration: duration,
  severity: (description) => choice(severities, description),
  integer,
  selector: (description) => text(`${description} A label selector, such as environment=production.`, 1024),
  boolean: flag,
  string: (description) => text(description, 253),
  configMapName: (description) => text(description, 317),
  strings,
  registries: strings,
  userNamespaces: (description) => choice(['relax', 'strict'], description),
  priority: (description) => choice(priorities, description),
  podSecurityLevels: (description) =>
    openStruct(
      {
        enforce: choice(
          podSecurityLevels,
          'The level that is enforced; privileged if left out.',
        ).exactOptional(),
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
  decimal: (description) =>
    matching(/^[0-9]+([.][0-9]+)?$/, 'a decimal is a string such as "3.5"', description, 16),
  namePattern: (description) => text(description, 1_024),
  environmentVerdict: (description) => choice(['Warn', 'Fail'], description),
  integers: (description, { minimum = 0, maximum = 65_535 }) =>
    list(integer('One entry.', { minimum, maximum }), 64, description),
  patterns: (description) => list(text('One regular expression.', 512), 64, description),
  mirrors: (description) => stringMap(z.string().max(253), 64, description),
  templateFields: (description) => list(choice(templateFields, 'One field.'), 64, description),
  scanners: (description) => list(choice(scannerNames, 'One scanner.'), 3, description),
};

/** In the words that a person would use in a profile. */
function write({ type }: ParameterDescription, value: unknown): string {
  if (type === 'duration' || type === 'optionalDuration') return writeDuration(Number(value));
  if (type === 'decimal') return `"${String(value)}"`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** In the largest unit that is whole: `60m` would be odd, `1h` is not. */
function writeDuration(milliseconds: number): string {
  const [unit, size] = units.find(([, each]) => milliseconds % each === 0) ?? ['ms', 1];
  return `${milliseconds / size}${unit}`;
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

function describe(parameter: ParameterDescription): string {
  const { default: value, minimum, maximum } = parameter;
  const none = value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);
  const bounds = [
    ...(minimum === undefined ? [] : [`at least ${write(parameter, minimum)}`]),
    ...(maximum === undefined ? [] : [`at most ${write(parameter, maximum)}`]),
  ];
  const terms = [none ? 'None by default' : `Default ${write(parameter, value)}`, ...bounds];
  return `${parameter.description} ${terms.join('; ')}.`;
}

interface Branch {
  readonly [name: string]: Branch | z.ZodType;
}
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Dotted paths as a tree; its leaves are schemas. */
function growTree(): Branch {
  const root: Mutable<Branch> = {};
  const grow = (path: string, schema: z.ZodType) => {
    const names = path.split('.');
    const leaf = names.pop() ?? path;
    let branch = root;
    for (const name of names) branch = (branch[name] ??= {}) as Mutable<Branch>;
    branch[leaf] = schema;
  };
  for (const [path, parameter] of Object.entries(reservedTable)) grow(path, reservedSchema(parameter));
  for (const [path, parameter] of Object.entries<ParameterDescription>(parameterTable))
    grow(path, builders[parameter.type](describe(parameter), parameter));
  return root;
}

const isSchema = (node: Branch | z.ZodType): node is z.ZodType => '_zod' in node;

function toSchema(branch: Branch, path: string): z.ZodObject<z.ZodRawShape, z.core.$loose> {
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
