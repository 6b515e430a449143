/** Something else is put in its place later, or it says where the secret is, or it is encrypted: the whole value. */
const whole: readonly RegExp[] = [
  /^%[A-Za-z_]\w{0,80}%$|^\$\d$/,
  /^\$(?:[A-Z_][A-Z0-9_]{0,80}|[a-z_][a-z0-9_]{0,80})(?:$|\/)/,
  /^(?:vault|ref\+vault|secretref|awssm|gcpsm|azurekeyvault|keyvault|sm|op|bws|file|env|configmap|k8s|ssm):/i,
  /^arn:[\w-]*:/,
  /^projects\/[^/]+\/(?:secrets|locations)\//,
  /^(?:ENC[[(]|\{cipher\}|\{(?:bcrypt|noop|pbkdf2|ssha\d*|sha\d*|md5|crypt)\}|\$ANSIBLE_VAULT|!vault|!encrypted)/i,
  /^AgA[\w+/]{200}/,
];

const begun = /^["']?(?:\$[({]|\{\{-?|<%=?|`)(.*)$/s;

/** Where a reference within a value begins, and how each ends. `$$(` is how a manifest writes `$(` itself. */
const opening = /(?<!\$)\$\(|\$\{|\{\{|<%|%\(|`/g;
const closings: Readonly<Record<string, string>> = {
  ...{ '$(': ')', '${': '}', '{{': '}}', '<%': '%>', '%(': ')', '`': '`' },
};

export interface Reference {
  readonly start: number;
  readonly end: number;
  /** What stands in its place when it finds nothing: of `${NAME:-text}`, and of `${name:text}`. */
  readonly fallback: string;
}

interface Span {
  readonly open: string;
  readonly start: number;
  readonly end: number;
}

/** The references in a text, in linear time. One that does not end is none: it may be a secret with a brace in it. */
export const referencesIn = (text: string): readonly Reference[] =>
  Array.from(spansIn(text), ({ open, start, end }) => {
    const inside = text.slice(start + open.length, end - (closings[open]?.length ?? 1));
    return { start, end, fallback: fallbackOf(open, inside) };
  });

/** Without what stands within them. */
function* spansIn(text: string): Generator<Span> {
  const endless = new Set<string>();
  let from = 0;
  for (;;) {
    opening.lastIndex = from;
    const match = opening.exec(text);
    if (match === null) return;
    const [open] = match;
    from = match.index + open.length;
    const end = endless.has(open) ? -1 : closingOf(text, from, open);
    if (end < 0) {
      endless.add(open);
      continue;
    }
    yield { open, start: match.index, end };
    from = end;
  }
}

/** @returns behind its end, or less than 0 */
function closingOf(text: string, from: number, open: string): number {
  const close = closings[open] ?? '';
  if (open !== '$(' && open !== '${') {
    const at = text.indexOf(close, from);
    return at < 0 ? -1 : at + close.length;
  }
  const opens = open[1];
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === opens) depth++;
    else if (text[at] === close && --depth === 0) return at + 1;
  }
  return -1;
}

/** One with a reference in it is none; and only the first is looked for: a text may have thousands, one within the other. */
function fallbackOf(open: string, inside: string): string {
  const fallback = open === '${' ? /^[\w.]{1,80}:[-=]?([^?+].*)$/s.exec(inside)?.[1] : undefined;
  return fallback === undefined || spansIn(fallback).next().done !== true ? '' : fallback;
}

/** Shorter ones beside a reference are parts of names. */
const shortestRest = 8;
/** What holds the parts of a connection string, a path or a sentence together. */
const between = /[\s:/@,;=&?()"']+/;

/**
 * What is written beside the references of a value and is no part of a name or an address, such as the second half of
 * `${PREFIX}-x9Kd82hhQz7L`.
 * @param isName whether it says nothing by itself
 * @returns the longest; '' where there is none, undefined for a value without references
 */
export function besideReferences(value: string, isName: (part: string) => boolean): string | undefined {
  if (whole.some((form) => form.test(value))) return '';
  const references = referencesIn(value);
  // A command that was cut off at a space or a quotation mark.
  const command = references.length > 0 ? undefined : begun.exec(value)?.[1];
  if (command !== undefined) return longestOf(command.split(between), isName) === '' ? '' : undefined;
  if (references.length === 0) return undefined;
  let from = 0;
  const texts = references.flatMap(({ start, end, fallback }) => {
    const before = value.slice(from, start);
    from = end;
    return [before, fallback];
  });
  const words = [...texts, value.slice(from)].flatMap((text) => text.split(between));
  return longestOf(words, isName);
}

const longestOf = (words: readonly string[], isName: (part: string) => boolean): string =>
  words
    .filter((word) => word.length >= shortestRest && !isName(word))
    .reduce((longest, word) => (word.length > longest.length ? word : longest), '');

/** Whether any part of a text is put in later: what is written there is not the value. */
export const hasReference = (text: string): boolean =>
  whole.some((form) => form.test(text)) || referencesIn(text).length > 0;
