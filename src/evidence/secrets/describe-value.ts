import { placeholderMark } from '../../domain/fingerprint.ts';
import type { Literal } from '../../domain/literal.ts';
import type { SecretFormat } from './formats.ts';
import { anyHint, secretFormats } from './formats.ts';
import { isReference, writtenIn } from './harmless.ts';
import { SecretMemo } from './secret-memo.ts';
import { entropyOf, textureOf } from './texture.ts';

/** What a value is like, wherever it stands. */
export type Described = Pick<Literal, 'format' | 'texture' | 'length' | 'entropy' | 'marks'>;

/** A secret of a known form within a text. */
export interface FormatMatch {
  readonly kind: string;
  /** The part that is secret, as written. */
  readonly secret: string;
  readonly index: number;
  readonly end: number;
}

/** Documentation is full of keys that have the form and are none; so are manifests that somebody made fit to be shown. */
const masked = /x{6}|X{6}|\*{3}|0{12}|\.{3}|EXAMPLE|example_|your[-_]|^<.*>$|redacted|placeholder/;

/** As many secrets of one form are told apart in one text. */
const mostOfOne = 20;

/**
 * Secrets of known forms, in the order of the table.
 * @param most how many are wanted; the first of them is found without looking for others
 */
export function findFormats(text: string, most = Number.POSITIVE_INFINITY): readonly FormatMatch[] {
  if (!anyHint.test(text)) return [];
  const found: FormatMatch[] = [];
  for (const format of secretFormats) {
    if (!format.hints.some((hint) => text.includes(hint))) continue;
    for (const match of matchesOf(format, text)) {
      // A webhook is a URL, and a token may stand in an authorization header: it is one secret.
      if (!found.some((other) => match.index < other.end && other.index < match.end)) found.push(match);
      if (found.length >= most) return found;
    }
  }
  return found;
}

function* matchesOf({ kind, find }: SecretFormat, text: string): Generator<FormatMatch> {
  const everywhere = new RegExp(find.source, `${find.flags}g`);
  for (let count = 0; count < mostOfOne; count++) {
    const match = everywhere.exec(text);
    if (match === null) return;
    const secret = match.groups?.['secret'] ?? match[0];
    if (masked.test(secret) || isReference(secret)) continue;
    yield { kind, secret, index: match.index, end: match.index + match[0].length };
  }
}

/** Words of which each may be a placeholder: `example-password`. */
const mostWords = 5;

/** What may be a secret in a value. */
interface Candidate {
  readonly value: string;
  readonly format: string;
  /** What must not be a placeholder: of a URL its password. */
  readonly secret: string;
}

/** @returns undefined for a value that is harmless whatever it is called, and whatever a profile says */
function candidateIn(written: string): Candidate | undefined {
  const value = unquote(written.trim());
  const [match] = findFormats(value, 1);
  if (match !== undefined) return { value, format: match.kind, secret: match.secret };
  const inside = decodedFormat(value);
  if (inside !== undefined) return { value, format: inside, secret: value };
  const secret = writtenIn(value);
  return secret === undefined ? undefined : { value: secret, format: '', secret };
}

/** Most values are ports, switches, names and addresses that stand in many manifests. */
const described = new SecretMemo<Described | undefined>(2_000);

/** @returns undefined for a value that is harmless whatever it is called, and whatever a profile says */
export const describeValue = (written: string): Described | undefined =>
  described.get(written, () => {
    const candidate = candidateIn(written);
    return candidate && describe(candidate);
  });

/** What says whether a value is like a secret by itself; the rest of its description costs much more. */
export function lookAt(written: string): Pick<Described, 'format' | 'texture' | 'length'> | undefined {
  const candidate = candidateIn(written);
  if (candidate === undefined) return undefined;
  const { value, format, secret } = candidate;
  return { format, texture: textureOf(secret), length: value.length };
}

function describe({ value, format, secret }: Candidate): Described {
  const texture = textureOf(secret);
  const words = texture === 'words' ? secret.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '') : [];
  const parts = words.length > 1 && words.length <= mostWords ? words : [];
  return {
    format,
    texture,
    length: value.length,
    entropy: entropyOf(secret),
    marks: [...new Set([secret, ...parts].map(placeholderMark))],
  };
}

export const describeMatch = ({ kind, secret }: FormatMatch): Described =>
  describe({ value: secret, format: kind, secret });

const unquote = (value: string): string => /^(["'])(.*)\1$/s.exec(value)?.[2] ?? value;

const base64 = /^[A-Za-z0-9+/]{24,}={0,2}$/;
/** Of a key or a credential the beginning is enough. */
const decodedLength = 4_096;

/** A key is no better hidden for being encoded. Of a registry's `auth`, see `isRegistryAuth`. */
function decodedFormat(value: string): string | undefined {
  if (!base64.test(value)) return undefined;
  const text = Buffer.from(value.slice(0, (decodedLength * 4) / 3), 'base64').toString('latin1');
  if (!/^[\t\n\r\x20-\x7e]+$/.test(text.slice(0, 64))) return undefined;
  return findFormats(text, 1)[0]?.kind;
}

/** The base64 of `user:password`, as the field `auth` of a registry's credentials has it. */
export function isRegistryAuth(name: string, value: string): boolean {
  if (name !== 'auth' || !/^[A-Za-z0-9+/]{8,2000}={0,2}$/.test(value)) return false;
  return /^[\x21-\x7e]{1,200}:[\x20-\x7e]+$/.test(Buffer.from(value, 'base64').toString('latin1'));
}
