import { resolvePlain } from './kubectl-schema.ts';

/** What a text gives that is not plain: it is for the whole YAML reader. */
export const notPlain = Symbol('not plain');

class NotPlain extends Error {
  readonly code = 'NotPlain';
  override readonly name = 'NotPlain';
}

// One for all: it is no failure, and a trace of each would cost more than reading on.
const stop = new NotPlain();

/** What a printable text of one line holds; a tab, a return or a rare character is for the whole reader. */
const unusual = /[^\n -~\u00A0-\u2027\u202A-\uD7FF\uE000-\uFEFE\uFF00-\uFFFD]/;

/** Neither a number nor one of the words for true, false and null, which start with a letter: those are looked for. */
const key = /[A-Za-z_][A-Za-z0-9_./-]*:(?=[ \n]|$)/y;
const scalarStart = /[A-Za-z0-9_./+$(-]/;
const otherThanText = /^(?:y|n|yes|no|on|off|true|false|null|[-+.\d].*)$/i;
/** What most scalars are: a word that is longer than those, or a number that is written in one way only. */
const plainText = /^[A-Za-z_/][\w./@=,+-]{5,}$/;
const plainNumber = /^(?:0|[1-9]\d{0,14})$/;

/**
 * Reads the part of YAML that manifests are mostly written in: block mappings and lists, scalars of one line, `{}` and `[]`.
 * It gives what the whole reader gives, in a fraction of the time, or `notPlain`, also for what is no YAML at all.
 */
export function readPlainYaml(text: string): unknown {
  if (unusual.test(text)) return notPlain;
  try {
    return new PlainReader(text).read();
  } catch (error) {
    if (error === stop) return notPlain;
    throw error;
  }
}

/** Goes from line to line; those that are blank or comments are passed over. */
class PlainReader {
  readonly #text: string;
  /** Where the next line starts. */
  #next = 0;
  /** Of the present line: its indentation, its first character and the end of its last that is no space. */
  #indent = 0;
  #start = 0;
  #end = 0;
  #done = false;

  constructor(text: string) {
    this.#text = text;
  }

  read(): unknown {
    this.#advance();
    if (this.#done) throw stop;
    const value = this.#readBlock();
    if (!this.#done) throw stop;
    return value;
  }

  #advance(): void {
    const text = this.#text;
    while (this.#next < text.length) {
      const from = this.#next;
      const newline = text.indexOf('\n', from);
      let end = newline === -1 ? text.length : newline;
      this.#next = end + 1;
      let start = from;
      while (start < end && text.charCodeAt(start) === space) start++;
      if (start === end || text.charCodeAt(start) === hash) continue;
      while (text.charCodeAt(end - 1) === space) end--;
      this.#indent = start - from;
      this.#start = start;
      this.#end = end;
      return;
    }
    this.#done = true;
  }

  #readBlock(): unknown {
    return this.#isItem(this.#start) ? this.#readList(this.#indent) : this.#readMapping(this.#indent);
  }

  #isItem(at: number): boolean {
    const text = this.#text;
    if (text.charCodeAt(at) !== dash) return false;
    const next = text.charCodeAt(at + 1);
    return next === space || next === newLine || at + 1 === text.length;
  }

  #keyAt(at: number): string | undefined {
    key.lastIndex = at;
    return key.test(this.#text) ? this.#text.slice(at, key.lastIndex - 1) : undefined;
  }

  /** The column is that of its keys, which in a list stand behind the dash. */
  #readMapping(column: number): unknown {
    const mapping: Record<string, unknown> = {};
    do {
      const name = this.#keyAt(this.#start);
      if (name === undefined || otherThanText.test(name) || name === '__proto__') throw stop;
      // The whole reader says that a key stands twice.
      if (Object.hasOwn(mapping, name)) throw stop;
      mapping[name] = this.#readValue(this.#start + name.length + 1, column);
    } while (!this.#done && this.#indent === column && !this.#isItem(this.#start));
    if (!this.#done && this.#indent > column) throw stop;
    return mapping;
  }

  /** What stands behind a key: on its line, or below. */
  #readValue(after: number, column: number): unknown {
    const written = this.#rest(after);
    this.#advance();
    const isBelow = !this.#done && this.#indent > column;
    if (written !== '') {
      // A scalar that goes on in the next line.
      if (isBelow) throw stop;
      return readScalar(written);
    }
    if (isBelow) return this.#readBlock();
    // The items of a list may stand below its key itself.
    return !this.#done && this.#indent === column && this.#isItem(this.#start)
      ? this.#readList(column)
      : null;
  }

  #readList(column: number): unknown {
    const list: unknown[] = [];
    do {
      list.push(this.#readItem(column));
    } while (!this.#done && this.#indent === column && this.#isItem(this.#start));
    if (!this.#done && this.#indent > column) throw stop;
    return list;
  }

  #readItem(column: number): unknown {
    let at = this.#start + 1;
    while (at < this.#end && this.#text.charCodeAt(at) === space) at++;
    if (at < this.#end && this.#isItem(at)) throw stop;
    key.lastIndex = at;
    if (at < this.#end && key.test(this.#text)) {
      this.#indent = column + at - this.#start;
      this.#start = at;
      return this.#readMapping(this.#indent);
    }
    const written = this.#rest(this.#start + 1);
    this.#advance();
    const isBelow = !this.#done && this.#indent > column;
    if (written === '') return isBelow ? this.#readBlock() : null;
    if (isBelow) throw stop;
    return readScalar(written);
  }

  #rest(from: number): string {
    let at = from;
    while (at < this.#end && this.#text.charCodeAt(at) === space) at++;
    return this.#text.slice(at, this.#end);
  }
}

const [space, newLine, hash, dash] = Array.from(' \n#-', (letter) => letter.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
];

function readScalar(written: string): unknown {
  if (plainText.test(written)) return written;
  if (plainNumber.test(written)) return Number(written);
  const first = written[0] ?? '';
  if (first === '"' || first === "'") return readQuoted(written, first);
  if (written === '{}') return {};
  if (written === '[]') return [];
  // A key without a value is no scalar, and neither is what has one inside; a comment ends a scalar.
  if (!scalarStart.test(first) || written.endsWith(':') || written.includes(': ') || written.includes(' #'))
    throw stop;
  if (written.startsWith('- ') || written === '-') throw stop;
  return otherThanText.test(written) ? resolvePlain(written) : written;
}

function readQuoted(written: string, quote: string): string {
  const inside = written.slice(1, -1);
  if (written.length < 2 || !written.endsWith(quote) || inside.includes(quote) || inside.includes('\\'))
    throw stop;
  return inside;
}
