/** From the first to the last of several signs; milliseconds since the epoch. */
export type Span = readonly [from: number, to: number];

/** Spans with no more than `longest` between them as one. @param spans in any order; they may overlap */
export function joinSpans(spans: readonly Span[], longest: number): Span[] {
  const joined: [number, number][] = [];
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last !== undefined && from - last[1] <= longest) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}
