/**
 * Patterns for names that suggest a secret. They are written as regular expressions, but only with what has finitely many
 * matches: letters, digits, `_` and `-`, groups, alternatives, sets such as `[_-]`, and `?`. So a pattern is a list of
 * words, a name is looked up in it, and none can be written that takes for ever.
 */
export interface NamePattern {
  /**
   * How a name speaks of a secret: as what it ends in (`DB_PASSWORD`), or on its way to something else
   * (`PASSWORD_POLICY`); undefined when it does not.
   */
  readonly match: (words: readonly string[]) => 'end' | 'inside' | undefined;
}

export interface BadPattern {
  /** A clause that follows the pattern's text. */
  readonly problem: string;
}

const mostWords = 2_000;

export const isBadPattern = (pattern: NamePattern | BadPattern): pattern is BadPattern =>
  'problem' in pattern;

export function parseNamePattern(text: string): NamePattern | BadPattern {
  const parser = new Parser(text.toLowerCase());
  const words = parser.parse();
  if (words === undefined) return { problem: parser.problem };
  return { match: matcherOf(new Set(words.filter((word) => word !== ''))) };
}

/** `oauth2ClientSecret`, `OAUTH2_CLIENT_SECRET` and `oauth2.client-secret` are `oauth client secret`. */
export const wordsOf = (name: string): readonly string[] =>
  name
    .slice(0, 256)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => word.replace(/\p{N}+$/u, ''))
    .filter((word) => word !== '');

/** Words that may follow and change nothing: `SECRET_KEY`, `TOKEN_VALUE`, `PASSWORD_PROD`. */
const neutral: ReadonlySet<string> = new Set(
  'key keys value plain raw default current previous primary secondary old new dev test prod production staging base encoded'.split(
    ' ',
  ),
);
/** From this length on a word may have something glued to its front: `pgpassword`. */
const longWord = 8;
/** Most parts that one word is spread over: `connection` `str` `ing` is three. */
const mostParts = 4;

function matcherOf(known: ReadonlySet<string>): NamePattern['match'] {
  const long = [...known].filter((word) => word.length >= longWord);
  const isKnown = (part: string) =>
    known.has(part) ||
    (part.endsWith('s') && known.has(part.slice(0, -1))) ||
    long.some((word) => part.endsWith(word) || part.endsWith(`${word}s`));
  return (words) => {
    let last = words.length;
    while (last > 1 && neutral.has(words[last - 1] ?? '')) last--;
    let found: 'inside' | undefined;
    for (let start = 0; start < words.length; start++) {
      let part = '';
      for (let end = start; end < Math.min(words.length, start + mostParts); end++) {
        part += words[end];
        if (!isKnown(part)) continue;
        if (end >= last - 1) return 'end';
        found = 'inside';
      }
    }
    return found;
  };
}

/** Recursive descent; a set of words stands for each part of the expression. `_` and `-` vanish: names have no glue left. */
class Parser {
  problem = '';
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): readonly string[] | undefined {
    const words = this.#alternatives();
    if (words !== undefined && this.#at < this.#text.length) return this.#fail();
    return words;
  }

  #alternatives(): readonly string[] | undefined {
    const all = new Set<string>();
    do {
      const words = this.#sequence();
      if (words === undefined) return undefined;
      for (const word of words) all.add(word);
    } while (this.#take('|'));
    return all.size > mostWords ? this.#fail('has too many alternatives') : [...all];
  }

  #sequence(): readonly string[] | undefined {
    let words: readonly string[] = [''];
    while (this.#at < this.#text.length && !this.#sees('|') && !this.#sees(')')) {
      let atom = this.#atom();
      if (atom === undefined) return undefined;
      if (this.#take('?')) atom = ['', ...atom];
      if (words.length * atom.length > mostWords) return this.#fail('has too many alternatives');
      words = [...new Set(words.flatMap((head) => (atom ?? []).map((tail) => head + tail)))];
    }
    return words;
  }

  #atom(): readonly string[] | undefined {
    if (this.#take('(')) return this.#group();
    if (this.#take('[')) return this.#set();
    const letter = this.#text[this.#at] ?? '';
    if (!isPlain(letter)) return this.#fail();
    this.#at++;
    return [withoutGlue(letter)];
  }

  #group(): readonly string[] | undefined {
    if (this.#text.startsWith('?:', this.#at)) this.#at += 2;
    if (++this.#depth > 20) return this.#fail('has groups too deep');
    const words = this.#alternatives();
    this.#depth--;
    return words === undefined || this.#take(')') ? words : this.#fail('has a group that does not end');
  }

  #set(): readonly string[] | undefined {
    const end = this.#text.indexOf(']', this.#at);
    const letters = Array.from(this.#text.slice(this.#at, Math.max(end, this.#at)));
    if (end < 0 || letters.length === 0 || !letters.every(isPlain))
      return this.#fail('has a set of something else than letters, digits, "_" and "-"');
    // A range such as a-z would make every name match.
    if (letters.some((letter, at) => letter === '-' && at > 0 && at < letters.length - 1))
      return this.#fail('has a range in a set; name the letters one by one');
    this.#at = end + 1;
    return [...new Set(letters.map(withoutGlue))];
  }

  #sees(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #take(text: string): boolean {
    if (!this.#sees(text)) return false;
    this.#at += text.length;
    return true;
  }

  #fail(problem?: string): undefined {
    this.problem ||=
      problem ??
      `has ${JSON.stringify(this.#text[this.#at] ?? 'an end')} at ${this.#at + 1}: only letters, digits, "_", "-", groups, "|", sets and "?" can be read`;
    return undefined;
  }
}

const isPlain = (letter: string) => /^[\p{L}\p{N}_-]$/u.test(letter);
const withoutGlue = (letter: string) => (letter === '_' || letter === '-' ? '' : letter);
