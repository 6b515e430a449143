import { hash, randomBytes } from 'node:crypto';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

const keyName = 'plumbline: key of fingerprints';

/** Drawn anew by each process and told to nobody: a fingerprint means nothing outside it, and no guess can be tried on it. */
const key = (getEnvironmentData(keyName) as string | undefined) ?? randomBytes(16).toString('hex');

/** Threads that are started from then on have the same fingerprints. */
export const shareFingerprints = (): void => setEnvironmentData(keyName, key);

/** A content that may have a secret in it is known by this, and not by a hash on which anybody can try guesses. */
export const keyedHash = (text: string): string => hash('sha256', key + text, 'base64');

/** Tells equal texts from different ones without the text; 44 bits. It must never leave the process. */
export const fingerprint = (text: string): number =>
  Number.parseInt(hash('sha256', key + text, 'hex').slice(0, 11), 16);

/** The fingerprint that every text in angle brackets has: it stands for something that is to be filled in. */
const filledIn = '<…>';

/**
 * A placeholder's fingerprint does not depend on how it is spelled: `change-me` is `CHANGEME`, `xxxxxxxx` is `xxx`, and
 * `<your password>` is `<…>`.
 */
export function placeholderMark(text: string): number {
  const lower = text.trim().toLowerCase();
  if (/^<[^<>]*>$/.test(lower)) return fingerprint(filledIn);
  const plain = lower.replaceAll(/[^\p{L}\p{N}]+/gu, '') || lower;
  return fingerprint(/^(.)\1{2,}$/u.test(plain) ? plain.slice(0, 1).repeat(3) : plain);
}
