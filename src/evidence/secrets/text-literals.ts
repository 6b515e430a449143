import type { Literal } from '../../domain/literal.ts';
import type { Described, FormatMatch } from './describe-value.ts';
import { describeMatch, describeValue, findFormats, isRegistryAuth } from './describe-value.ts';
import { isReference } from './harmless.ts';
import type { Pair } from './pairs.ts';
import { pairsIn } from './pairs.ts';

/** As many literals of one text are kept. What is beyond is told by `cut`. */
export const mostLiterals = 1_000;

export interface TextLiterals {
  readonly literals: readonly Literal[];
  /** For each literal, the character of the text at which it stands. */
  readonly offsets: readonly number[];
  readonly cut: boolean;
}

/** What is in a text of configuration, a script or a manifest: secrets of known forms, and all pairs of name and value. */
export function literalsInText(text: string, path: string): TextLiterals {
  const matches = findFormats(text).toSorted((a, b) => a.index - b.index);
  const told = new Set<FormatMatch>();
  const found = new Collector(path, text.includes('\n'));
  let next = 0;
  let line = 1;
  for (let start = 0; start <= text.length; line++) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    for (const pair of pairsIn(text.slice(start, end))) {
      const [from, to] = [start + pair.index, start + pair.end];
      const match = matches.find(({ index, end: last }) => index < to && from < last);
      if (match !== undefined && told.has(match)) continue;
      if (match !== undefined) told.add(match);
      const described = match === undefined ? describePair(pair) : describeMatch(match);
      if (described !== undefined) found.add(pair.name, described, line, from);
    }
    // What no pair has named; of one that goes on over several lines, this is the first.
    for (let match = matches[next]; match !== undefined && match.index <= end; match = matches[++next]) {
      if (!told.has(match)) found.add('', describeMatch(match), line, match.index);
      told.add(match);
    }
    start = end + 1;
  }
  return found;
}

function describePair({ name, value }: Pair): Described | undefined {
  if (isReference(value)) return undefined;
  const described = describeValue(value);
  if (!isRegistryAuth(name, value)) return described;
  return {
    ...(described ?? describeMatch({ kind: '', secret: value, index: 0, end: 0 })),
    format: 'registry password',
  };
}

/** Each once: a dashboard says `type: graph` a hundred times. */
class Collector implements TextLiterals {
  readonly literals: Literal[] = [];
  readonly offsets: number[] = [];
  cut = false;
  readonly #known = new Set<string>();
  readonly #path: string;
  readonly #lines: boolean;

  constructor(path: string, lines: boolean) {
    this.#path = path;
    this.#lines = lines;
  }

  add(name: string, described: Described, line: number, offset: number): void {
    const key = `${name}\n${described.format}\n${described.marks[0] ?? ''}`;
    if (this.#known.has(key)) return;
    if (this.literals.length >= mostLiterals) {
      this.cut = true;
      return;
    }
    this.#known.add(key);
    this.literals.push({ path: this.#path, name, ...described, line: this.#lines ? line : 0 });
    this.offsets.push(offset);
  }
}
