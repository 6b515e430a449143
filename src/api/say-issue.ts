import type * as z from 'zod';

/** What is wrong with a value, in the words of a person who writes YAML: `must be text, not a number`. */
export function sayIssue(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? `is missing: it must be ${nameOf(issue.expected)}`
        : `must be ${nameOf(issue.expected)}, not ${kindOf(issue.input)}`;
    case 'invalid_value':
      return issue.input === undefined
        ? `is missing: it must be ${oneOf(issue.values)}`
        : `must be ${oneOf(issue.values)}, not ${show(issue.input)}`;
    case 'too_small':
      if (issue.origin === 'string') return 'must not be empty';
      return `must be at least ${String(issue.minimum)}, not ${show(issue.input)}`;
    case 'too_big':
      return `${mostOf(issue)}`;
    default:
      // Of a text's form its own schema speaks.
      return issue.message;
  }
}

function mostOf({ origin, maximum, input }: z.core.$ZodIssueTooBig): string {
  const most = String(maximum);
  if (origin === 'string') return `must not be longer than ${most} characters`;
  if (origin === 'array') return `must not have more than ${most} entries`;
  return `must be at most ${most}, not ${show(input)}`;
}

const names: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a whole number',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const nameOf = (type: string) => names[type] ?? type;

function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
      return Number.isInteger(value) ? 'a number' : 'a fraction';
    case 'boolean':
      return String(value);
    default:
      return 'an object';
  }
}

const oneOf = (values: readonly unknown[]) => {
  const words = values.map(String);
  return words.length === 1 ? words.join('') : `one of ${words.join(', ')}`;
};

const show = (value: unknown) =>
  typeof value === 'object' ? kindOf(value) : JSON.stringify(value).slice(0, 80);
