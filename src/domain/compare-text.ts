/** Order by code unit: the same on every machine, whatever its locale. What is absent comes first, as the empty text. */
export const compareText = (a = '', b = ''): number => (a < b ? -1 : a > b ? 1 : 0);
