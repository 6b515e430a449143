/**
 * How many controls the catalogue of the reference design has under each number, those included that this version does not
 * build: a profile may speak of them, and is told that they are not evaluated yet.
 */
const counts: Readonly<Record<string, number>> = {
  'RD-2.0': 2,
  'RD-2.1': 4,
  'RD-2.2': 19,
  'RD-2.3': 5,
  'RD-2.4': 1,
  'RD-2.5': 2,
  'RD-2.6': 5,
  'RD-2.7': 5,
  'RD-3.0': 1,
  'RD-3.1': 4,
  'RD-3.2': 2,
  'RD-3.3': 1,
  'RD-3.4': 4,
  'RD-3.5': 3,
  'RD-3.6': 3,
  'RD-3.7': 3,
  'RD-3.8': 4,
  'RD-3.9': 3,
  'RD-3.10': 2,
  'RD-4.1': 3,
  'RD-5.H.1': 2,
  'RD-5.H.2': 3,
  'RD-5.H.3': 2,
  'RD-5.H.4': 2,
  'RD-5.H.5': 2,
  'RD-5.H.6': 1,
  'RD-5.H.7': 6,
  'RD-5.H.8': 3,
  'RD-5.H.9': 2,
  'RD-5.H.10': 4,
  'RD-5.G.1': 3,
  'RD-5.G.2': 1,
  'RD-5.G.3': 2,
  'RD-5.G.4': 3,
};

export const designControls: readonly string[] = Object.entries(counts).flatMap(([prefix, count]) =>
  Array.from({ length: count }, (_, index) => `${prefix}.${index + 1}`),
);

const ids = new Set(designControls);

export const isDesignControl = (id: string): boolean => ids.has(id);
