const collator = new Intl.Collator('en', { numeric: true });

/** Catalogue order: `RD-2.2.9` before `RD-2.2.10`. */
export const compareControlIds = (a: string, b: string): number => collator.compare(a, b);
