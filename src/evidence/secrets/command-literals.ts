import type { Literal } from '../../domain/literal.ts';
import { describeMatch, describeValue, findFormats, lookAt } from './describe-value.ts';
import { looksLikeName } from './pairs.ts';
import { literalsInText } from './text-literals.ts';

/** Tools whose short flag takes a password, glued to it or after it. */
const passwordFlags: Readonly<Record<string, string>> = {
  mysql: 'p',
  mysqldump: 'p',
  mysqladmin: 'p',
  mariadb: 'p',
  'mariadb-dump': 'p',
  sshpass: 'p',
  mongo: 'p',
  mongosh: 'p',
  mongodump: 'p',
  'redis-cli': 'a',
  docker: 'p',
  podman: 'p',
  skopeo: 'p',
  helm: 'p',
  az: 'p',
  ldapsearch: 'w',
  ldapmodify: 'w',
  sqlcmd: 'P',
};
/** Here the flag takes `user:password`. */
const userFlags: Readonly<Record<string, string>> = { curl: 'u' };

const flag = /^--?(?:D(?=[a-z]))?([A-Za-z][\w.-]{0,80})$/;
const assignment = /^(?:--?(?:D(?=[a-z]))?)?([A-Za-z_][\w.-]{0,80})=(.*)$/s;

/** Longer commands are looked through as text alone. */
const mostWords = 2_000;

/**
 * What a command line has in plain text: values of flags, assignments, and words that are like a secret themselves.
 * @param words the list of the manifest; its first may be a shell, and a later one a whole script
 * @param path of the list
 * @param program what runs, where that stands in another list
 */
export function literalsInCommand(words: readonly string[], path: string, program = ''): readonly Literal[] {
  const found: Literal[] = [];
  const tool = toolOf(words) || baseName(program);
  words.forEach((word, index) => {
    const at = `${path}[${index}]`;
    if (/\s/.test(word)) found.push(...literalsInScript(word, at));
    else found.push(...literalsOfWord(word, words[index - 1], at, tool));
  });
  return found;
}

/** A script, or a header for `curl -H`. */
function literalsInScript(script: string, path: string): readonly Literal[] {
  const { literals } = literalsInText(script, path);
  const words = script.split(/\s+/).slice(0, mostWords).map(withoutQuotes);
  let tool = '';
  const flags: Literal[] = [];
  words.forEach((word, index) => {
    if (isTool(word)) tool = toolOf([word]);
    // What has no name in a script is a checksum sooner than a key: only flags are read here.
    const part = namedPart(word, words[index - 1], tool);
    if (part !== undefined)
      flags.push(...literalsOfPart(unquoted(part), path).filter(({ name }) => name !== ''));
  });
  return distinct([...literals.filter(({ format }) => format !== ''), ...flags, ...literals]);
}

/** `--password="$PASSWORD`: what closes it was taken off with the word. */
const unquoted = (part: NamedPart): NamedPart => ({ ...part, value: part.value.replace(/^["']/, '') });

/** The same value is told once, by what knows most of it: its form, then its flag. */
function distinct(literals: readonly Literal[]): readonly Literal[] {
  const known = new Set<number | undefined>();
  return literals.filter(({ marks: [mark] }) => !known.has(mark) && known.add(mark));
}

/** What a word says the value of, by itself or with the word before it. The value is the end of the word. */
interface NamedPart {
  readonly name: string;
  readonly value: string;
  readonly by: 'assignment' | 'flag' | 'login';
}

/** @param tool the program that the word is for, as `toolOf` tells it */
export function namedPart(word: string, before: string | undefined, tool: string): NamedPart | undefined {
  const assigned = assignment.exec(word);
  // The padding of base64 assigns nothing, and what stands before it is no name.
  if (assigned?.[1] !== undefined && looksLikeName(assigned[1]))
    return { name: assigned[1], value: assigned[2] ?? '', by: 'assignment' };
  const short = shortFlag(word, before, tool);
  if (short !== undefined) return { name: 'password', value: short, by: 'flag' };
  const login = userFlag(word, before, tool);
  if (login !== undefined) return { name: 'password', value: login, by: 'login' };
  const flagName = before === undefined || word.startsWith('-') ? undefined : flag.exec(before)?.[1];
  return flagName !== undefined && flagName.length > 1
    ? { name: flagName, value: word, by: 'flag' }
    : undefined;
}

function literalsOfWord(
  word: string,
  before: string | undefined,
  path: string,
  tool: string,
): readonly Literal[] {
  const part = namedPart(word, before, tool);
  if (part === undefined && word.startsWith('-'))
    return findFormats(word, 1).flatMap((match) => [{ path, name: '', line: 0, ...describeMatch(match) }]);
  if (part === undefined && hasPairs.test(word)) return pairsOf(word, path);
  // A word alone is kept when it is like a secret by itself: nothing else could make it one.
  if (part === undefined) {
    const look = lookAt(word);
    return look !== undefined && (look.format !== '' || look.texture === 'random')
      ? named('', word, path)
      : [];
  }
  return literalsOfPart(part, path);
}

/** Parameters of a URL, several settings in one, JSON. */
const hasPairs = /[?&;,][\w.-]+=|\{"/;

function pairsOf(text: string, path: string): readonly Literal[] {
  const { literals } = literalsInText(text, path);
  return literals.filter(({ name, format }) => name !== '' || format !== '');
}

function literalsOfPart(part: NamedPart, path: string): readonly Literal[] {
  const literals = named(part.name, part.value, path);
  if (part.by === 'login') return literals.map((each) => ({ ...each, format: each.format || 'login' }));
  if (part.by === 'flag') return literals;
  const { literals: all } = literalsInText(part.value, path);
  const inner = all.filter(({ format }) => format !== '');
  const pairs = hasPairs.test(part.value) ? pairsOf(part.value, path) : [];
  return distinct([...literals, ...(inner.length > 1 ? inner : []), ...pairs]);
}

/** The password of `-pPassword` and `-p Password`, where the tool has such a flag. */
function shortFlag(word: string, before: string | undefined, tool: string): string | undefined {
  const letter = passwordFlags[tool];
  if (letter !== undefined) {
    if (before === `-${letter}` && !word.startsWith('-')) return word;
    if (word.startsWith(`-${letter}`) && word.length > 2) return word.slice(2);
  }
  return undefined;
}

/** The password of `-u user:password`. */
function userFlag(word: string, before: string | undefined, tool: string): string | undefined {
  const user = userFlags[tool];
  if (user === undefined || (before !== `-${user}` && before !== '--user')) return undefined;
  const colon = word.indexOf(':');
  return colon < 0 ? undefined : word.slice(colon + 1);
}

function named(name: string, value: string, path: string): readonly Literal[] {
  const described = describeValue(value);
  return described === undefined ? [] : [{ path, name, ...described, line: 0 }];
}

const baseName = (word: string): string => word.slice(word.lastIndexOf('/') + 1);
/** Whether a word starts a program whose short flags take a password. */
export const isTool = (word: string): boolean =>
  Object.hasOwn(passwordFlags, baseName(word)) || Object.hasOwn(userFlags, baseName(word));
/** The first of these programs; '' for none. */
export const toolOf = (words: readonly string[]): string => baseName(words.find(isTool) ?? '');
const withoutQuotes = (word: string): string => word.replaceAll(/^["'`(]+|["'`);]+$/g, '');
