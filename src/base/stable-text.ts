/** JSON with sorted keys: equal contents give equal texts, in whatever order they were read. */
export function stableText(value: unknown): string {
  // By hand: JSON.stringify with a replacer that sorts takes several times as long, once for every pod.
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(stableText).join()}]`;
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, inner]) => `${JSON.stringify(key)}:${stableText(inner)}`).join()}}`;
}
