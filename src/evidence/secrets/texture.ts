import type { Texture } from '../../domain/literal.ts';

/** Characters that are looked at: no key is longer than what tells it. */
const longestLook = 256;

/** Shannon entropy in bits per character, rounded down to hundredths so that it never reaches a threshold by rounding. */
export function entropyOf(value: string): number {
  const head = value.slice(0, longestLook);
  const counts = new Map<string, number>();
  for (const letter of head) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  let total = 0;
  for (const count of counts.values()) total += count;
  for (const count of counts.values()) bits -= (count / total) * Math.log2(count / total);
  return Math.floor(bits * 100 + 1e-9) / 100;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** The lengths of MD5, SHA-1, SHA-2 in hexadecimal, and ids of object stores. */
const hexDigest = /^[0-9a-f]+$/i;
const digestLengths: ReadonlySet<number> = new Set([24, 32, 40, 56, 64, 96, 128]);

/** How often, per letter or digit, the kind changes within a word: 0.45 in base64, 0.15 in camelCase. */
const randomDensity = 0.22;
const wordyDensity = 0.16;
const shortest = 12;
/** Of a language that is written with Latin letters, hardly a word has so many consonants in a row. */
const consonants = /[bcdfghjklmnpqrstvwxz]{6,}/i;

/**
 * Whether the characters look like chance. An id (UUID, digest) does and mostly is no secret: it is `mixed`, which counts
 * only where a name speaks too.
 */
export function textureOf(value: string): Texture {
  const head = value.slice(0, longestLook);
  if (uuid.test(head) || (hexDigest.test(head) && digestLengths.has(value.length))) return 'mixed';
  const words = head.split(/[^\p{L}\p{N}]+/u);
  const letters = words.reduce((sum, word) => sum + word.length, 0);
  const density = letters === 0 ? 0 : words.reduce((sum, word) => sum + changesIn(word), 0) / letters;
  const special = /[^\p{L}\p{N}\s._:/,;=@+-]/u.test(head);
  if (/\d/.test(head) || special) {
    if (density < wordyDensity && !special) return 'words';
    return density >= randomDensity && letters >= shortest && inKeyAlphabet.test(head) ? 'random' : 'mixed';
  }
  if (letters >= shortest && (density >= randomDensity || words.some((word) => consonants.test(word))))
    return inKeyAlphabet.test(head) ? 'random' : 'mixed';
  return 'words';
}

/** Of hexadecimal, base32, base64 and its variant for URLs. */
const inKeyAlphabet = /^[A-Za-z0-9+/_=-]+$/;

/** `Key` is one kind throughout: a capital begins a word. */
function changesIn(word: string): number {
  let changes = 0;
  for (let at = 1; at < word.length; at++) {
    const [before, here] = [kindOf(word.charCodeAt(at - 1)), kindOf(word.charCodeAt(at))];
    if (before !== here && !(before === 'upper' && here === 'lower')) changes++;
  }
  return changes;
}

function kindOf(code: number): 'digit' | 'upper' | 'lower' {
  if (code >= 48 && code <= 57) return 'digit';
  return code >= 65 && code <= 90 ? 'upper' : 'lower';
}
