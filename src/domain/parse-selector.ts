import type { LabelExpression, LabelSelector } from './label-selector.ts';

const name = '[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?';
const key = `(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?/)?${name}`;
const value = `(?:${name})?`;
const values = `\\(\\s*(${value}(?:\\s*,\\s*${value})*)\\s*\\)`;

/** One requirement, such as `a=b`, `a!=b`, `a in (b, c)`, `a notin (b)`, `a` or `!a`, up to a comma or the end. */
const requirement = new RegExp(
  `\\s*(?:(!)\\s*(${key})|(${key})(?:\\s*(==?|!=)\\s*(${value})|\\s+(in|notin)\\s*${values})?)\\s*(?:,|$)`,
  'y',
);

/** Characters. The expression may look at a text several times over. */
const longest = 1024;

/** A label selector as `kubectl -l` takes it. @returns undefined for what is none; the empty text selects nothing here */
export function parseSelector(text: string): LabelSelector | undefined {
  if (text.length > longest) return undefined;
  const matchExpressions: LabelExpression[] = [];
  requirement.lastIndex = 0;
  while (requirement.lastIndex < text.length) {
    const match = requirement.exec(text);
    if (match === null) return undefined;
    matchExpressions.push(expressionOf(match));
  }
  // A comma at the end promises one more.
  return text.trim() === '' || /,\s*$/.test(text) ? undefined : { matchExpressions };
}

function expressionOf([
  ,
  not,
  absent = '',
  present = '',
  sign,
  single = '',
  word,
  several = '',
]: RegExpExecArray) {
  if (not !== undefined) return { key: absent, operator: 'DoesNotExist' };
  if (sign !== undefined) return { key: present, operator: sign === '!=' ? 'NotIn' : 'In', values: [single] };
  if (word === undefined) return { key: present, operator: 'Exists' };
  const operator = word === 'in' ? 'In' : 'NotIn';
  return { key: present, operator, values: several.split(',').map((each) => each.trim()) };
}
