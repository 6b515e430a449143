/** A range of addresses, both ends included. */
export interface AddressRange {
  readonly first: bigint;
  readonly last: bigint;
}

export type Family = 4 | 6;

/** Sorted, apart from each other. */
export type AddressSet = readonly AddressRange[];

const bits: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };

/** `10.0.0.0/8` or `fd00::/8`; undefined when the text is no such thing. */
export function parseCidr(
  text: string,
): { readonly family: Family; readonly range: AddressRange } | undefined {
  const [address = '', length, ...rest] = text.split('/');
  if (rest.length > 0 || length === undefined || !/^\d{1,3}$/.test(length)) return undefined;
  const family = address.includes(':') ? 6 : 4;
  const value = family === 6 ? parseIPv6(address) : parseIPv4(address);
  const host = BigInt(bits[family] - Number(length));
  if (value === undefined || host < 0n) return undefined;
  const first = (value >> host) << host;
  return { family, range: { first, last: first + (1n << host) - 1n } };
}

function parseIPv4(text: string): bigint | undefined {
  const octets = text.split('.');
  if (octets.length !== 4 || octets.some((octet) => !/^\d{1,3}$/.test(octet) || Number(octet) > 255)) {
    return undefined;
  }
  return octets.reduce((value, octet) => value * 256n + BigInt(octet), 0n);
}

function parseIPv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => parseGroups(half, index === halves.length - 1));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  // "::" stands for one group of zeros at least.
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0n), ...(tail ?? [])];
  return groups.reduce((value, group) => value * 65536n + group, 0n);
}

/** The last 32 bits of an address may be written as IPv4. */
function parseGroups(text: string, last: boolean): bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const embedded = last && index === parts.length - 1 ? parseIPv4(part) : undefined;
    if (embedded !== undefined) groups.push(embedded >> 16n, embedded & 0xffffn);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

export function unite(ranges: Iterable<AddressRange>): AddressSet {
  const merged: AddressRange[] = [];
  for (const range of [...ranges].sort((a, b) => (a.first < b.first ? -1 : 1))) {
    const before = merged.at(-1);
    if (before === undefined || range.first > before.last + 1n) merged.push(range);
    else if (range.last > before.last) merged[merged.length - 1] = { first: before.first, last: range.last };
  }
  return merged;
}

export function subtract(from: AddressRange, holes: AddressSet): AddressSet {
  const left: AddressRange[] = [];
  let { first } = from;
  for (const hole of holes) {
    if (hole.last < first || hole.first > from.last) continue;
    if (hole.first > first) left.push({ first, last: hole.first - 1n });
    first = hole.last + 1n;
  }
  if (first <= from.last) left.push({ first, last: from.last });
  return left;
}

/** How many addresses of `within` are in the set. */
export function countWithin(set: AddressSet, within: AddressRange): bigint {
  let sum = 0n;
  for (const { first, last } of set) {
    const from = first > within.first ? first : within.first;
    const to = last < within.last ? last : within.last;
    if (from <= to) sum += to - from + 1n;
  }
  return sum;
}
