/** JSON with sorted keys: equal contents give equal texts, in whatever order they were read. */
export function stableText(value: unknown): string {
  // A sorted copy, and not a replacer that sorts: that takes twice as long, and this runs once for every pod.
  return JSON.stringify(sortKeys(value));
}

function sortKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sortKeys);
  // Without a prototype, since on one the key `__proto__` would not be kept.
  const sorted = Object.create(null) as Record<string, unknown>;
  const from = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(from).sort()) sorted[key] = sortKeys(from[key]);
  return sorted;
}
