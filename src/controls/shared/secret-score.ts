import { placeholderMark } from '../../domain/fingerprint.ts';
import type { Literal } from '../../domain/literal.ts';
import { Memo } from '../../domain/memo.ts';
import type { NamePattern } from '../../domain/name-pattern.ts';
import { isBadPattern, parseNamePattern, wordsOf } from '../../domain/name-pattern.ts';
import type { Parameters } from '../../domain/parameters.ts';

/** What a profile says about secrets, made ready once. */
interface Rules {
  readonly names: NamePattern;
  /** What was said of names: workloads call their variables alike. */
  readonly read: Memo<Name>;
  readonly suffixes: readonly (readonly string[])[];
  readonly placeholders: ReadonlySet<number>;
  readonly parameters: Parameters;
}

/** What a name says of what it names. */
interface Name {
  readonly match: ReturnType<NamePattern['match']>;
  readonly isHash: boolean;
  /** It ends in one of secrets.harmlessSuffixes; `url` where the only such suffix is that. */
  readonly harmless: 'always' | 'url' | undefined;
}

const known = new WeakMap<Parameters, Rules>();

function rulesOf(parameters: Parameters): Rules {
  const before = known.get(parameters);
  if (before !== undefined) return before;
  const names = parseNamePattern(parameters['secrets.namePattern']);
  if (isBadPattern(names)) throw new TypeError(`secrets.namePattern ${names.problem}`);
  const rules = {
    names,
    read: new Memo<Name>(500),
    suffixes: parameters['secrets.harmlessSuffixes'].map(wordsOf).filter(({ length }) => length > 0),
    placeholders: new Set(parameters['secrets.placeholders'].map(placeholderMark)),
    parameters,
  };
  known.set(parameters, rules);
  return rules;
}

/** What speaks for a secret: clauses, the weightiest first. */
export interface Judged {
  readonly weight: 'fail' | 'warn';
  readonly because: string;
}

const points = { name: 2, suffix: -3, format: 4, entropy: 2, placeholder: -4 } as const;

/** In a name that only passes a secret's word on its way, so short a value is a setting: `PASSWORD_POLICY=strict`. */
const shortestInside = 12;

/** `checksum/secret` tells when a Secret has changed, and `PASSWORD_HASH` is not the password. */
const hashWords: ReadonlySet<string> = new Set(['checksum', 'hash', 'digest', 'fingerprint', 'sha', 'md']);

/** The score of the reference design's catalogue. @returns undefined when it does not even warn */
export function judgeLiteral(literal: Literal, parameters: Parameters): Judged | undefined {
  const rules = rulesOf(parameters);
  const { match, isHash, harmless } = rules.read.get(literal.name, () => readName(literal.name, rules));
  const named =
    (match === 'end' ||
      (match === 'inside' && literal.texture !== 'words' && literal.length >= shortestInside)) &&
    !(literal.texture === 'mixed' && isHash);
  const formed = literal.format !== '';
  const random = looksRandom(literal, named, parameters);
  const score =
    (named ? points.name : 0) +
    // `_URL` speaks for a URL, and not for the credentials in it.
    (harmless === 'always' || (harmless === 'url' && !formed) ? points.suffix : 0) +
    (formed ? points.format : 0) +
    (random ? points.entropy : 0);
  const { 'secrets.failScore': fails, 'secrets.warnScore': warns } = parameters;
  if (literal.marks.some((mark) => rules.placeholders.has(mark))) {
    // In a manifest that runs, a placeholder is the password.
    if (score + points.placeholder >= fails)
      return { weight: 'fail', because: describe(literal, named, random) };
    return score >= Math.min(fails, warns) && (named || formed)
      ? {
          weight: 'warn',
          because: 'a placeholder stands where a secret is expected; where it is used, anybody can guess it',
        }
      : undefined;
  }
  if (score >= fails) return { weight: 'fail', because: describe(literal, named, random) };
  return score >= warns ? { weight: 'warn', because: describe(literal, named, random) } : undefined;
}

function looksRandom({ texture, length, entropy }: Literal, named: boolean, parameters: Parameters): boolean {
  if (length < parameters['secrets.minEntropyLength'] || entropy < parameters['secrets.minEntropy'])
    return false;
  // Ids and digests look like chance too: of those the name decides.
  return texture === 'random' || (texture === 'mixed' && named);
}

function readName(name: string, { names, suffixes }: Rules): Name {
  const words = wordsOf(name);
  const own = suffixes.filter((suffix) => {
    const tail = words.slice(-suffix.length);
    return tail.length === suffix.length && tail.every((word, at) => word === suffix[at]);
  });
  const onlyUrl = own.every((suffix) => suffix.at(-1) === 'url');
  return {
    match: names.match(words),
    isHash: words.some((word) => hashWords.has(word)),
    harmless: own.length === 0 ? undefined : onlyUrl ? 'url' : 'always',
  };
}

function describe({ format }: Literal, named: boolean, random: boolean): string {
  const clauses = [
    ...(format === '' ? [] : [`it has the form of a secret (${format})`]),
    ...(named ? ['its name says so'] : []),
    // What has the form of a key looks like one; that needs no second word.
    ...(random && format === '' ? ['its characters look random'] : []),
  ];
  return clauses.join(', and ');
}
