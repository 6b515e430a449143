import { referencesIn } from './references.ts';
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
    const value = name === '' ? undefined : valueAfter(line, match.index, match[0], from === 0);
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

const mustBeSet = /\$\{[\w.]+:$/;

function valueAfter(line: string, separator: number, kind: string, first: boolean): Value | undefined {
  let start = separator + 1;
  if (kind === '>') return elementAfter(line, start);
  // `:=`, `==`, `=>`, `::`, and `://` of a URL, which has a form of its own.
  if (line[start] === '=' || line[start] === '>') start++;
  if (line.startsWith('//', start)) return undefined;
  // `${NAME:?what is wrong}`
  if (line[start] === '?' && mustBeSet.test(line.slice(Math.max(0, start - longestName), start)))
    return undefined;
  const limit = start + 8;
  while (start < limit && (line[start] === ' ' || line[start] === '\t' || line[start] === '\\')) start++;
  const quote = line[start];
  if (quote === '"' || quote === "'" || quote === '`') {
    const close = closing(line, start + 1, quote, line[start - 1] === '\\');
    // In a shell it is a command, and what it finds is no more than that.
    if (quote === '`' && /\s/.test(line.slice(start, close))) return undefined;
    return { value: line.slice(start + 1, close), index: start + 1, end: Math.min(close + 1, line.length) };
  }
  let end = start;
  while (end < line.length && end - start < longestValue && !/[\s,;"'`<>()[\]{}|&\\]/.test(line[end] ?? ''))
    end++;
  if (first && startsLine(line, separator)) {
    const whole = wholeSetting(line, start, end, kind);
    if (whole !== undefined) return whole;
  }
  // `${NAME}` and `$(command)` end in what else ends a value.
  if (line[end - 1] === '$' || /^[{[(<]/.test(line[start] ?? '')) return undefined;
  return end === start ? undefined : { value: line.slice(start, end), index: start, end };
}

type Value = Omit<Pair, 'name'>;

/** A name, and before it what marks an item of a list, a comment or a variable. */
const nameAlone = /^[ \t]*(?:[-*#;]+[ \t]*|\/\/[ \t]*)?(?:export[ \t]+)?["'`]?[\w.-]+["'`]?[ \t]*$/;
const startsLine = (line: string, separator: number): boolean =>
  separator < 2 * longestName && nameAlone.test(line.slice(0, separator));

/** `a,b,c`, `80|443`, `$1;shift`: a list, or a command with others behind it. */
const words = /^(?:[A-Za-z_][A-Za-z_.:/@*-]*|[\d.:/-]+|\$\w+|)$/;
/** `a=1&b=2`: it is not one value. */
const innerPair = /[,;&|]["'`]?[A-Za-z_][\w.-]*["'`]?[=:]/;
/** `read(file)`, `environ["NAME"]`, `Map<string>`: code. */
const call = /^[A-Za-z_][\w.]*[([{<].*[)\]}>](?:\.[\w.]+)?$/;
const shell = /;(?:export|then|do|done|fi|exit|shift|echo|return|unset|set|readonly|exec)?$|&&|\|\|/;

/**
 * The value of a setting that has its line for itself: signs that end a value elsewhere are a part of it, as in `password: 1&Kd82`.
 * @param end where it ends if they end it
 * @returns undefined where it ends there
 */
function wholeSetting(line: string, start: number, end: number, kind: string): Value | undefined {
  if (/^[{[(<|>&*]/.test(line[start] ?? '')) return undefined;
  const to = settingEnd(line, start);
  if (to <= end) return undefined;
  const value = line.slice(start, to);
  const short = line.slice(start, end);
  if (innerPair.test(value) || call.test(value) || (kind === '=' && shell.test(value))) return undefined;
  const isWord = (part: string) => words.test(part) && textureOf(part) === 'words';
  if (value.split(/[,;|&]/).every(isWord)) return undefined;
  // It is like a key by itself, which with more behind it might not be seen.
  if (short.length >= 16 && textureOf(short) === 'random') return undefined;
  return { value, index: start, end: to };
}

/** Spaces end it, but not those within a reference; what closes a line of code is none of it. */
function settingEnd(line: string, start: number): number {
  const most = Math.min(line.length, start + longestValue);
  const text = line.slice(start, most);
  const references = referencesIn(text);
  let at = 0;
  for (const reference of references) {
    const space = text.slice(at, reference.start).search(/\s/);
    if (space >= 0) return trimmedEnd(line, start, start + at + space);
    at = reference.end;
  }
  const space = text.slice(at).search(/\s/);
  return trimmedEnd(line, start, space < 0 ? most : start + at + space);
}

function trimmedEnd(line: string, start: number, end: number): number {
  let last = end;
  while (last > start && /[,;"'`\\]/.test(line[last - 1] ?? '')) last--;
  return last;
}

/** What may follow a quotation mark within a value; behind `"C:\temp\"` nothing of it does. */
const goesOn = /[^\s,;)}\]]/;

/** @param quoted whether the whole stands in a text that is itself quoted, where `\"` opens and closes */
function closing(line: string, from: number, quote: string, quoted: boolean): number {
  const most = Math.min(line.length, from + longestValue);
  for (let at = from; at < most; at++) {
    if (line[at] === quote) return at;
    if (line[at] !== '\\') continue;
    if (line[at + 1] === quote && (quoted || !goesOn.test(line[at + 2] ?? ''))) return at;
    at++;
  }
  return most;
}

/** `<name>value</`; any other `>` ends no name. */
function elementAfter(line: string, start: number): Value | undefined {
  const end = line.slice(start, start + longestValue).indexOf('</');
  const value = end < 0 ? '' : line.slice(start, start + end);
  return value === '' || value.includes('>') ? undefined : { value, index: start, end: start + end };
}
