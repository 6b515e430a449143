/** JSON values as JSON with sorted keys: equal contents give equal texts, in whatever order they were read. */
export function stableText(value: unknown): string {
  return JSON.stringify(isSorted(value) ? value : sortedCopy(value)) ?? 'null';
}

type Fields = Record<string, unknown>;

/** Whether all keys stand in order already, as they do in what the API server writes: that is most of what is asked for. */
function isSorted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isSorted);
  let last = '';
  // Makes no list of the keys; of a plain object it names the same ones.
  for (const key in value) {
    if (key < last || !isSorted((value as Fields)[key])) return false;
    last = key;
  }
  return true;
}

/** Keys that are whole numbers stand before all others in any object, in the order of numbers. */
function sortedCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sortedCopy);
  const copy: Fields = {};
  for (const key of sort(Object.keys(value))) {
    const part = sortedCopy((value as Fields)[key]);
    if (key !== '__proto__') copy[key] = part;
    else Object.defineProperty(copy, key, { value: part, enumerable: true });
  }
  return copy;
}

/** Insertion sort: the engine's own makes several lists for each object, which is four fifths of what this would take. */
function sort(keys: string[]): string[] {
  if (keys.length > 32) return keys.sort();
  for (let next = 1; next < keys.length; next++) {
    const key = keys[next] ?? '';
    let at = next;
    for (let before = keys[at - 1]; before !== undefined && before > key; before = keys[at - 1]) {
      keys[at--] = before;
    }
    keys[at] = key;
  }
  return keys;
}
