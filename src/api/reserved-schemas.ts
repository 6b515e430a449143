import * as z from 'zod';
import type { ReservedParameter, ReservedType } from '../domain/reserved-parameters.ts';
import { severities } from '../domain/verdict.ts';
import { choice, duration, flag, integer, openStruct, strings, text } from './schema.ts';

/** Fields for the parameters that no control reads yet: their shape alone is held to. */

const builders: Readonly<Record<ReservedType, (description: string) => z.ZodType>> = {
  boolean: flag,
  integer: (description) => integer(description, { minimum: 0, maximum: 1_000_000 }),
  duration,
  string: (description) => text(description, 512),
  strings,
  severity: (description) => choice(severities, description),
  endpoint: (description) =>
    openStruct(
      {
        url: text('Where it answers.', 512).exactOptional(),
        credentialsFile: text('A file in the operator that holds the credentials.', 512).exactOptional(),
      },
      description,
    ),
};

export function reservedSchema({ type, default: value, description }: ReservedParameter): z.ZodType {
  const empty = value === undefined || (Array.isArray(value) && value.length === 0);
  const initial = typeof value === 'string' ? value : JSON.stringify(value);
  const says = `${description} This version does not use it. ${empty ? 'None by default' : `Default ${initial}`}.`;
  if (typeof type === 'string') return builders[type](says);
  const fields = Object.entries(type).map(
    ([name, kind]) =>
      [
        name,
        builders[kind]('')
          .meta({ description: fieldWords(name) })
          .exactOptional(),
      ] as const,
  );
  return openStruct(Object.fromEntries(fields), says);
}

/** `certifiedUntil` in words. */
const fieldWords = (name: string) => {
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
};
