import { textureOf } from './texture.ts';

/** `name = value` within a text, wherever it stands. */
export interface Pair {
  readonly name: string;
  readonly value: string;
  /** Where the value begins, and where what belongs to the pair ends. */
  readonly index: number;
  readonly end: number;
}

const longestName = 80;
const longestValue = 2_048;
const isNameLetter = (letter: string) => /[\w.-]/.test(letter);

/**
 * Everything of the form `name=value`, `name: value`, `"name": "value"`, `name=>value`, `<name>value</name>` on one line
 * of configuration, in linear time: from each separator it looks back and ahead by a bounded number of characters, and
 * goes on behind the value.
 */
export function* pairsIn(line: string): Generator<Pair> {
  const separator = /[:=>]/g;
  for (let from = 0; ;) {
    separator.lastIndex = from;
    const match = separator.exec(line);
    if (match === null) return;
    const name = nameBefore(line, match.index, from);
    const value = name === '' ? undefined : valueAfter(line, match.index, match[0]);
    if (value !== undefined) yield { name, ...value };
    from = value === undefined ? match.index + 1 : Math.max(value.end, match.index + 1);
  }
}

function nameBefore(line: string, separator: number, from: number): string {
  let end = separator;
  while (end > from && end > separator - 4 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--;
  if (end > from && /["'`\]]/.test(line[end - 1] ?? '')) end--;
  // `"name\": ` within a text that is itself quoted.
  if (end > from && line[end - 1] === '\\') end--;
  let start = end;
  while (start > from && end - start < longestName && isNameLetter(line[start - 1] ?? '')) start--;
  // `--password`, `-Dpassword`: the dashes are no part of the name.
  const name = line.slice(start, end).replace(/^-+(?:D(?=[a-z]))?/, '');
  // A key whose padding looks like a separator must not pass for a name, or it would be kept.
  return looksLikeName(name) ? name : '';
}

/** Names are written by people: words, with a number here and there. */
export const looksLikeName = (name: string): boolean =>
  /^[A-Za-z_][\w.-]*$/.test(name) && textureOf(name) !== 'random';

function valueAfter(
  line: string,
  separator: number,
  kind: string,
): { value: string; index: number; end: number } | undefined {
  let start = separator + 1;
  if (kind === '>') return elementAfter(line, start);
  // `:=`, `==`, `=>`, `::`, and `://` of a URL, which has a form of its own.
  if (line[start] === '=' || line[start] === '>') start++;
  if (line.startsWith('//', start)) return undefined;
  const limit = start + 8;
  while (start < limit && (line[start] === ' ' || line[start] === '\t' || line[start] === '\\')) start++;
  const quote = line[start];
  if (quote === '"' || quote === "'" || quote === '`') {
    const close = closing(line, start + 1, quote);
    return { value: line.slice(start + 1, close), index: start + 1, end: Math.min(close + 1, line.length) };
  }
  let end = start;
  while (end < line.length && end - start < longestValue && !/[\s,;"'`<>()[\]{}|&\\]/.test(line[end] ?? ''))
    end++;
  // `${NAME}` and `$(command)` end in what else ends a value.
  if (line[end - 1] === '$' || /^[{[(<]/.test(line[start] ?? '')) return undefined;
  return end === start ? undefined : { value: line.slice(start, end), index: start, end };
}

function closing(line: string, from: number, quote: string): number {
  const most = Math.min(line.length, from + longestValue);
  for (let at = from; at < most; at++) {
    if (line[at] === '\\' && line[at + 1] !== quote) at++;
    else if (line[at] === '\\') return at;
    else if (line[at] === quote) return at;
  }
  return most;
}

/** `<name>value</`; any other `>` ends no name. */
function elementAfter(
  line: string,
  start: number,
): { value: string; index: number; end: number } | undefined {
  const end = line.slice(start, start + longestValue).indexOf('</');
  const value = end < 0 ? '' : line.slice(start, start + end);
  return value === '' || value.includes('>') ? undefined : { value, index: start, end: start + end };
}
