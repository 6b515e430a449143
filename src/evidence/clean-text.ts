/**
 * Everything that a terminal or a browser might act on: control characters, line and paragraph separators, marks that
 * turn the direction of writing or cannot be seen, and halves of characters.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu;

/** Foreign text made fit for a report: one line, without control characters, at most `longest` characters. */
export function cleanText(text: string, longest: number): string {
  // More than this cannot reach the result by much; the rest of a megabyte need not be looked at.
  const head = text.length > 4 * longest ? text.slice(0, 4 * longest) : text;
  const line = head.replace(unprintable, ' ').trim();
  if (line.length > longest) return detach(`${line.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…`);
  return head === text ? line : detach(line);
}

/** A copy. A piece of a string holds on to the whole of it, and twenty kept characters to a megabyte. */
export const detach = (text: string): string => Buffer.from(text).toString();
