import type { LabelOperator, PodTest } from '../../domain/pod-test.ts';
import { everyPod, holds, noPod } from '../../domain/pod-test.ts';
import type { Labels } from '../../domain/workload.ts';
import type { ReadKey } from './label-tests.ts';

export class SelectorError extends Error {
  readonly code = 'Selector';
  override readonly name = 'SelectorError';

  constructor(path: string, text: string, problem: string) {
    super(`${path}: ${problem} in the selector ${JSON.stringify(text.slice(0, 200))}`);
  }
}

/** What the words of a selector mean in the field where it stands. */
interface SelectorContext {
  /** The field, for errors. */
  readonly path: string;
  readonly read: ReadKey;
  /** Labels that have one value for every pod. */
  readonly constants?: Labels;
}

/** Nested brackets beyond that are no selector that a person wrote. */
const maxDepth = 64;

/**
 * Calico's selector language (docs: "Selectors"; its own parser decides what the docs leave open): comparisons of labels,
 * `has(key)`, `all()`, `global()`, `!`, `&&`, `||` and brackets; `&&` binds stronger. Empty text selects everything.
 * @throws SelectorError for anything else
 */
export function parseCalicoSelector(text: string, context: SelectorContext): PodTest {
  const parser = new Parser(text, context);
  return parser.parse();
}

class Parser {
  readonly #text: string;
  readonly #context: SelectorContext;
  #at = 0;
  #depth = 0;

  constructor(text: string, context: SelectorContext) {
    this.#text = text;
    this.#context = context;
  }

  parse(): PodTest {
    this.#skipBlanks();
    if (this.#at === this.#text.length) return everyPod;
    const test = this.#parseOr();
    if (this.#at < this.#text.length) this.#fail(`"${this.#text[this.#at]}" is not expected`);
    return test;
  }

  #parseOr(): PodTest {
    if (++this.#depth > maxDepth) this.#fail('the brackets are nested too deeply');
    const parts = [this.#parseAnd()];
    while (this.#take(/\|\|/y)) parts.push(this.#parseAnd());
    this.#depth--;
    return parts.length === 1 ? (parts[0] as PodTest) : { any: parts };
  }

  #parseAnd(): PodTest {
    const parts = [this.#parseOperand()];
    while (this.#take(/&&/y)) parts.push(this.#parseOperand());
    return parts.length === 1 ? (parts[0] as PodTest) : { all: parts };
  }

  #parseOperand(): PodTest {
    let negated = false;
    while (this.#take(/!(?!=)/y)) negated = !negated;
    const test = this.#parseSimple();
    return negated ? { not: test } : test;
  }

  #parseSimple(): PodTest {
    if (this.#take(/\(/y)) {
      const inner = this.#parseOr();
      if (!this.#take(/\)/y)) this.#fail('a closing bracket is missing');
      return inner;
    }
    if (this.#take(/all\([ \t]*\)/y)) return everyPod;
    // What belongs to no namespace: host endpoints and sets of addresses.
    if (this.#take(/global\([ \t]*\)/y)) return noPod;
    const has = this.#take(/has\([ \t]*([a-zA-Z0-9_./-]{1,512})[ \t]*\)/y);
    if (has !== undefined) return this.#compare(has, 'Exists');
    const key = this.#take(/([a-zA-Z0-9_./-]{1,512})/y);
    return key === undefined
      ? this.#fail('a label, a function or a bracket is missing')
      : this.#parseComparison(key);
  }

  #parseComparison(key: string): PodTest {
    const compare = (operator: LabelOperator, values: readonly string[]) =>
      this.#compare(key, operator, values);
    if (this.#take(/==/y)) return compare('In', [this.#parseText()]);
    if (this.#take(/!=/y)) return compare('NotIn', [this.#parseText()]);
    if (this.#take(/contains/y)) return compare('Contains', [this.#parseText()]);
    if (this.#take(/starts[ \t]*with/y)) return compare('StartsWith', [this.#parseText()]);
    if (this.#take(/ends[ \t]*with/y)) return compare('EndsWith', [this.#parseText()]);
    if (this.#take(/not[ \t]*in/y)) return compare('NotIn', this.#parseSet());
    if (this.#take(/in/y)) return compare('In', this.#parseSet());
    return this.#fail(`an operator is missing after "${key}"`);
  }

  #compare(key: string, operator: LabelOperator, values?: readonly string[]): PodTest {
    const { read, constants = {} } = this.#context;
    const test = { operator, ...(values === undefined ? {} : { values }) };
    if (!Object.hasOwn(constants, key)) return { ...read(key), ...test };
    return holds({ of: 'pod', key, ...test }, { pod: constants }) === true ? everyPod : noPod;
  }

  /** A comma may stand before the end. */
  #parseSet(): string[] {
    if (!this.#take(/\{/y)) this.#fail('a set of values is missing');
    const values: string[] = [];
    for (;;) {
      const value = this.#takeText();
      if (value === undefined) break;
      values.push(value);
      if (!this.#take(/,/y)) break;
    }
    if (!this.#take(/\}/y)) this.#fail('the end of a set is missing');
    return values;
  }

  #parseText(): string {
    return this.#takeText() ?? this.#fail('a quoted value is missing');
  }

  #takeText(): string | undefined {
    return this.#take(/"([^"]*)"/y) ?? this.#take(/'([^']*)'/y);
  }

  /** What stands next if it is that, with the blanks behind it: the group of the pattern, or its whole. */
  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    this.#skipBlanks();
    return match[1] ?? match[0];
  }

  #skipBlanks(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at++;
  }

  #fail(problem: string): never {
    throw new SelectorError(this.#context.path, this.#text, problem);
  }
}
