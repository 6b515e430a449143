import type { AddressBlock } from '../../domain/network-policy.ts';
import type { AddressRange, AddressSet, Family } from './cidr.ts';
import { countWithin, parseCidr, subtract, unite } from './cidr.ts';

/** How far address blocks reach: everywhere, or everywhere but in private networks. */
export type AddressReach = 'everything' | 'world';

/** What the address blocks of some peers hold together. */
export interface Addresses {
  readonly sets: Readonly<Record<Family, AddressSet>>;
  /** Blocks that cannot be read; the API server refuses them, a manifest may have them. */
  readonly unreadable: readonly string[];
}

export function addressesOf(blocks: Iterable<AddressBlock>): Addresses {
  const ranges: Record<Family, AddressRange[]> = { 4: [], 6: [] };
  const unreadable: string[] = [];
  for (const { cidr, except } of blocks) {
    const block = parseCidr(cidr);
    const holes = except.map((text) => ({ text, cidr: parseCidr(text) }));
    unreadable.push(...holes.flatMap((hole) => (hole.cidr === undefined ? [hole.text] : [])));
    if (block === undefined) unreadable.push(cidr);
    else {
      const own = holes.flatMap((hole) => (hole.cidr?.family === block.family ? [hole.cidr.range] : []));
      ranges[block.family].push(...subtract(block.range, unite(own)));
    }
  }
  return { sets: { 4: unite(ranges[4]), 6: unite(ranges[6]) }, unreadable };
}

const range = (text: string): AddressRange => parseCidr(text)?.range ?? { first: 0n, last: -1n };

/** By family: the addresses of the internet, and the networks that organisations and clusters use within. */
const spaces: Readonly<
  Record<Family, { readonly world: AddressRange; readonly own: readonly AddressRange[] }>
> = {
  4: { world: range('0.0.0.0/0'), own: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map(range) },
  6: { world: range('2000::/3'), own: [range('fc00::/7')] },
};

/**
 * Half of the internet's addresses or more are the world, so that leaving out a few, or writing the whole as several
 * blocks, changes nothing. It is everything unless a private network is left out as a whole.
 */
export function reachOf({ sets }: Addresses, families: readonly Family[] = [4, 6]): AddressReach | undefined {
  const reached = families.flatMap((family): AddressReach[] => {
    const { world, own } = spaces[family];
    const size = world.last - world.first + 1n;
    if (countWithin(sets[family], world) * 2n < size) return [];
    return [own.every((network) => countWithin(sets[family], network) > 0n) ? 'everything' : 'world'];
  });
  return reached.includes('everything') ? 'everything' : reached[0];
}

/** Whether no address of the family is left out. */
export const holdsAll = ({ sets }: Addresses, family: Family): boolean =>
  countWithin(sets[family], all[family]) === all[family].last + 1n;

const all: Readonly<Record<Family, AddressRange>> = { 4: range('0.0.0.0/0'), 6: range('::/0') };
