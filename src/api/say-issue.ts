import type * as z from 'zod';

/** What is wrong with a value, in the words of a person who writes YAML: `must be text, not a number`. */
export function sayIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return mustBe(nameOf(issue.expected), issue.input, kindOf);
  if (issue.code === 'invalid_value') return mustBe(oneOf(issue.values), issue.input, show);
  if (issue.code === 'too_big') return mostOf(issue);
  if (issue.code === 'too_small') {
    if (issue.origin === 'string') return 'must not be empty';
    return `must be at least ${String(issue.minimum)}, not ${show(issue.input)}`;
  }
  // Of a text's form its own schema speaks.
  return issue.message;
}

const mustBe = (expected: string, input: unknown, found: (input: unknown) => string) =>
  input === undefined ? `is missing: it must be ${expected}` : `must be ${expected}, not ${found(input)}`;

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
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : 'a fraction';
  return typeof value === 'boolean' ? String(value) : 'an object';
}

const oneOf = (values: readonly unknown[]) => {
  const words = values.map(String);
  return words.length === 1 ? words.join('') : `one of ${words.join(', ')}`;
};

const show = (value: unknown) =>
  typeof value === 'object' ? kindOf(value) : JSON.stringify(value).slice(0, 80);
