/**
 * Everything that a terminal or a browser might act on: control characters, line and paragraph separators, marks that
 * turn the direction of writing or cannot be seen, and halves of characters.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu;

/** The other expression is slow, and most texts are of this kind. */
const plain = /^[\x20-\x7e]*$/;

/** Foreign text made fit for a report: one line, without control characters, at most `longest` characters. */
export function cleanText(text: string, longest: number): string {
  // More than this cannot reach the result by much; the rest of a megabyte need not be looked at.
  const head = text.length > 4 * longest ? text.slice(0, 4 * longest) : text;
  const line = (plain.test(head) ? head : head.replace(unprintable, ' ')).trim();
  if (line.length > longest) return detach(shorten(line, longest));
  return head === text ? line : detach(shorten(`${line}…`, longest));
}

/** What is too long ends in an ellipsis, never in half a surrogate pair. */
export function shorten(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** A copy. A piece of a string holds on to the whole of it, and twenty kept characters to a megabyte. */
export const detach = (text: string): string => Buffer.from(text).toString();
