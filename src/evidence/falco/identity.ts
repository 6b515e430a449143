import { hash } from 'node:crypto';

/**
 * Falcosidekick cuts strings of more than 512 bytes to 507 and adds `[...]`; a character that the cut splits becomes
 * up to three signs of replacement. What comes before is the same in both forms.
 */
const sharedBytes = 504;

function sharedPart(text: string): string {
  if (text.length * 3 <= sharedBytes) return text;
  const bytes = Buffer.from(text);
  return bytes.length <= sharedBytes ? text : bytes.toString('latin1', 0, sharedBytes);
}

/**
 * One text for one event, whichever way it came: from Falco itself or through Falcosidekick, which sets a new `uuid`,
 * trims the time, sorts the tags, adds fields, and cuts long strings.
 */
export function identify(parts: readonly (string | undefined)[]): string {
  const text = parts.map((part) => (part === undefined ? '' : sharedPart(part))).join('\u0000');
  return hash('sha256', text, 'base64url').slice(0, 22);
}
