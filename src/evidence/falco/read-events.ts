import type { InputError } from '../manifests/documents.ts';
import type { FalcoEvent } from './event.ts';
import { isRejection, parseFalcoEvent } from './event.ts';

export interface EventFile {
  readonly events: readonly FalcoEvent[];
  readonly errors: readonly InputError[];
}

/** One event is smaller; a brace that is never closed must not swallow the file. */
const longestEvent = 1_048_576;

/**
 * Reads a file of events: one object a line, as Falco's `file_output` writes them, a list, or objects that span several
 * lines. What cannot be read is an error with file and line, and costs nothing else.
 */
export function readFalcoEvents(file: string, text: string): EventFile {
  const events: FalcoEvent[] = [];
  const errors: InputError[] = [];
  const lines = new LineCounter(text);
  let at = 0;
  for (;;) {
    at = skipBetween(text, at);
    if (at >= text.length) return { events, errors };
    const line = lines.at(at);
    if (text[at] !== '{') {
      errors.push({
        file,
        line,
        message: 'not JSON: Falco writes plain text unless json_output: true is set',
      });
      at = nextLine(text, at);
      continue;
    }
    const end = endOfObject(text, at);
    if (end === undefined) {
      errors.push({ file, line, message: 'not a complete JSON object' });
      at = nextObject(text, at);
      continue;
    }
    const event = parseFalcoEvent(text.slice(at, end));
    if (isRejection(event)) errors.push({ file, line, message: event.error });
    else events.push(event);
    at = end;
  }
}

/** What may stand between objects: white space, and the brackets and commas of a list. */
function skipBetween(text: string, at: number): number {
  const between = /[\s\uFEFF,[\]]*/y;
  between.lastIndex = at;
  between.test(text);
  return between.lastIndex;
}

/**
 * The index behind the closing brace. Undefined when it is missing: when a string breaks off at the end of its line,
 * or the next line begins with an object (in an object that spans lines, those inside are indented).
 */
function endOfObject(text: string, start: number): number | undefined {
  const token = /["{}]|\n(?=\{)/g;
  const string = /"(?:[^"\\\n]|\\.)*"/y;
  token.lastIndex = start;
  let depth = 0;
  for (;;) {
    const match = token.exec(text);
    if (match === null || match[0] === '\n' || match.index - start > longestEvent) return undefined;
    if (match[0] === '"') {
      string.lastIndex = match.index;
      if (!string.test(text)) return undefined;
      token.lastIndex = string.lastIndex;
    } else {
      depth += match[0] === '{' ? 1 : -1;
      if (depth === 0) return token.lastIndex;
    }
  }
}

const nextLine = (text: string, at: number): number => text.indexOf('\n', at) + 1 || text.length;

/** The next line that begins with an object; what lies between belongs to the broken one. */
function nextObject(text: string, at: number): number {
  const start = /\n[ \t]*(?=\{)/g;
  start.lastIndex = at;
  return start.test(text) ? start.lastIndex : text.length;
}

/** Lines from 1, counted once over the whole text. */
class LineCounter {
  readonly #text: string;
  #line = 1;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** @param index never before that of the last call */
  at(index: number): number {
    for (let next = this.#text.indexOf('\n', this.#at); next >= 0 && next < index;) {
      this.#line += 1;
      this.#at = next + 1;
      next = this.#text.indexOf('\n', this.#at);
    }
    return this.#line;
  }
}
