import { isBadPattern, parseNamePattern, wordsOf } from '../../domain/name-pattern.ts';
import { defaultParameters } from '../../domain/parameters.ts';
import { isTool, namedPart, toolOf } from './command-literals.ts';
import { findFormats, lookAt } from './describe-value.ts';
import { isReference } from './harmless.ts';
import { pairsIn } from './pairs.ts';

/** From where to where something of a text must not be kept. */
type Span = readonly [start: number, end: number];

/** What stands in the place of a value. */
const veil = '…';

/** A word that no name makes a secret is kept up to this length, unless it looks like chance: `pip3.11` is one. */
const longestMixed = 11;

const names = parseNamePattern(defaultParameters['secrets.namePattern']);
const isSecretName = (name: string): boolean =>
  !isBadPattern(names) && names.match(wordsOf(name)) !== undefined;

/**
 * The words of a command joined by single spaces, without what is or may be a secret among them: patterns of profiles
 * are matched against it later, and no value may be kept for that (docs/adr/0008).
 * @param words the list of the manifest; a later one may be a whole script
 */
export function veilCommand(words: readonly string[]): string {
  const text = words.join(' ');
  const spans: Span[] = [...spansOfForms(text), ...spansOfPairs(text), ...spansOfPieces(text)];
  let tool = toolOf(words);
  let at = 0;
  words.forEach((word, index) => {
    if (/\s/.test(word)) spans.push(...spansOfScript(word, at));
    else spans.push(...spansOfWord({ text: word, at }, words[index - 1], tool));
    tool = isTool(word) ? toolOf([word]) : tool;
    at += word.length + 1;
  });
  return withoutSpans(text, spans);
}

interface Word {
  readonly text: string;
  readonly at: number;
}

/** A word of a shell: quotes hold together what has spaces. Each alternative begins with another character. */
const shellWord = /(?:"[^"]*"|'[^']*'|[^\s"']|["'])+/g;
const quotes = /^["'`(]+|["'`);]+$/g;

/** Once as a shell sees it, and once by spaces alone: what is quoted may itself be a script. */
function spansOfScript(script: string, at: number): Span[] {
  return [shellWord, /\S+/g].flatMap((words) => {
    let tool = '';
    let before: string | undefined;
    return Array.from(script.matchAll(words)).flatMap(({ 0: written, index }) => {
      const text = written.replaceAll(quotes, '');
      if (isTool(text)) tool = toolOf([text]);
      const spans = spansOfWord({ text, at: at + index + written.indexOf(text) }, before, tool);
      before = text;
      return spans;
    });
  });
}

const shellSign = /^[|&;<>]+$/;

/** The value of a flag or an assignment whose name speaks of a secret, whatever the value is like. */
function spansOfWord({ text, at }: Word, before: string | undefined, tool: string): Span[] {
  const part = shellSign.test(text) ? undefined : namedPart(text, before, tool);
  if (part === undefined || part.value === '' || !isSecretName(part.name)) return [];
  return isReference(part.value) ? [] : [[at + text.length - part.value.length, at + text.length]];
}

/** With what is glued to its end: of a key in lines the form is its beginning. */
const spansOfForms = (text: string): Span[] =>
  findFormats(text).map(({ index, end }): Span => [
    index,
    end + (/^\S*/.exec(text.slice(end))?.[0].length ?? 0),
  ]);

function spansOfPairs(text: string): Span[] {
  let start = 0;
  return text.split('\n').flatMap((line) => {
    const from = start;
    start += line.length + 1;
    return Array.from(pairsIn(line)).flatMap(({ name, value, index }): Span[] =>
      isSecretName(name) && !isReference(value) ? [[from + index, from + index + value.length]] : [],
    );
  });
}

/** Words between the signs of a shell and of what configuration is written in. */
const piece = /[^\s|&;()<>"'`{}[\],]+/g;

function spansOfPieces(text: string): Span[] {
  return Array.from(text.matchAll(piece)).flatMap(({ 0: word, index }): Span[] => {
    const value = namedPart(word, undefined, '')?.value ?? word;
    return isLikeSecret(value) ? [[index + word.length - value.length, index + word.length]] : [];
  });
}

function isLikeSecret(value: string): boolean {
  const look = lookAt(value);
  if (look === undefined) return false;
  const { format, texture, length } = look;
  return format !== '' || texture === 'random' || (texture === 'mixed' && length > longestMixed);
}

function withoutSpans(text: string, spans: Span[]): string {
  let kept = '';
  let from = 0;
  for (const [start, end] of spans.toSorted((a, b) => a[0] - b[0])) {
    if (start >= from) kept += text.slice(from, start) + veil;
    from = Math.max(from, end);
  }
  return kept + text.slice(from);
}
