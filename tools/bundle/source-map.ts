interface SourceMap {
  readonly sources: readonly string[];
  readonly mappings: string;
}

/**
 * Keeps of a source map what leads to our own sources. Node reads a chunk's whole map for the first stack trace in it:
 * with those of the libraries that took 75 MB. A frame in a library shows its place in the chunk instead.
 * @param isOurs told a source as the map names it
 */
export function keepOwnSources(text: string, isOurs: (source: string) => boolean): string {
  const map = JSON.parse(text) as SourceMap;
  const own = map.sources.filter(isOurs);
  const renumbered = map.sources.map((source) => own.indexOf(source));
  return JSON.stringify({
    version: 3,
    sources: own,
    names: [],
    mappings: keepMappings(map.mappings, renumbered),
  });
}

/** Numbers are differences from the segment before, columns of the bundle from the line's start (ECMA-426). */
function keepMappings(mappings: string, renumbered: readonly number[]): string {
  let [source, line, column] = [0, 0, 0];
  let written: readonly number[] = [0, 0, 0];
  // A place belongs to the nearest segment before it: ours must end where a library's begins.
  let open = false;
  const keepLine = (segments: readonly string[]): string => {
    let [at, writtenAt] = [0, 0];
    const kept: string[] = [];
    for (const segment of segments) {
      const [step = 0, ...origin] = decode(segment);
      at += step;
      source += origin[0] ?? 0;
      line += origin[1] ?? 0;
      column += origin[2] ?? 0;
      const index = origin.length === 0 ? -1 : (renumbered[source] ?? -1);
      if (index < 0 && !open) continue;
      const place = index < 0 ? [] : [index, line, column];
      kept.push(encode([at - writtenAt, ...place.map((value, i) => value - (written[i] ?? 0))]));
      writtenAt = at;
      open = index >= 0;
      if (open) written = place;
    }
    return kept.join(',');
  };
  return mappings
    .split(';')
    .map((segments) => keepLine(segments === '' ? [] : segments.split(',')))
    .join(';');
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const valueOf = new Map(Array.from(digits, (digit, value) => [digit, value]));

/** Base 64 digits, the low one first; five bits of value in each, and one that says whether more follow. */
function decode(segment: string): number[] {
  const values: number[] = [];
  let [value, shift] = [0, 0];
  for (const digit of segment) {
    const bits = valueOf.get(digit) ?? 0;
    value += (bits & 31) << shift;
    shift += 5;
    if ((bits & 32) !== 0) continue;
    values.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return values;
}

function encode(values: readonly number[]): string {
  let text = '';
  for (const value of values) {
    let rest = value < 0 ? (-value << 1) | 1 : value << 1;
    do {
      const bits = rest & 31;
      rest >>>= 5;
      text += digits[rest > 0 ? bits | 32 : bits];
    } while (rest > 0);
  }
  return text;
}
