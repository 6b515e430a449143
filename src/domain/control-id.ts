/**
 * Catalogue order: `RD-2.2.9` before `RD-2.2.10`, digits before letters. Not by Intl.Collator: the first one loads 3 MB of
 * data and code of languages, and nothing else here needs them.
 */
export function compareControlIds(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  // Within a number, all of it counts.
  while (isDigit(a.charCodeAt(at - 1))) at--;
  const difference = Number.parseInt(a.slice(at), 10) - Number.parseInt(b.slice(at), 10);
  // NaN where one of them has no number there.
  if (!Number.isNaN(difference) && difference !== 0) return difference;
  return a < b ? -1 : Number(a > b);
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
