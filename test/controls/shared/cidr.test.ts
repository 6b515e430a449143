import { expect } from 'chai';
import fc from 'fast-check';
import type { AddressRange } from '../../../src/controls/shared/cidr.ts';
import { countWithin, parseCidr, subtract, unite } from '../../../src/controls/shared/cidr.ts';

const readable: Record<string, [string, 4 | 6, bigint, bigint]> = {
  'one IPv4 address': ['10.0.0.1/32', 4, 0x0a000001n, 0x0a000001n],
  'an IPv4 network': ['10.0.0.0/8', 4, 0x0a000000n, 0x0affffffn],
  'all of IPv4': ['0.0.0.0/0', 4, 0n, 0xffffffffn],
  'an address within its network': ['10.1.2.3/8', 4, 0x0a000000n, 0x0affffffn],
  'all of IPv6': ['::/0', 6, 0n, (1n << 128n) - 1n],
  'the IPv6 loopback': ['::1/128', 6, 1n, 1n],
  'an IPv6 address in full': ['0:0:0:0:0:0:0:2/128', 6, 2n, 2n],
  'an IPv6 network': ['fc00::/7', 6, 0xfcn << 120n, (0xfen << 120n) - 1n],
  'zeros in the middle': ['2001:db8::1/128', 6, (0x20010db8n << 96n) + 1n, (0x20010db8n << 96n) + 1n],
  'IPv4 within IPv6': ['::ffff:10.0.0.1/128', 6, 0xffff0a000001n, 0xffff0a000001n],
};
const unreadable = [
  '',
  '10.0.0.0',
  '10.0.0.0/33',
  '10.0.0/8',
  '10.0.0.256/32',
  '10.0.0.0/8/8',
  '10.0.0.0/-1',
  '10.0.0.0/08x',
  '::/129',
  ':::/0',
  '1::2::3/128',
  '1:2:3:4:5:6:7/128',
  '1:2:3:4:5:6:7:8:9/128',
  '1:2:3:4:5:6:7::8:9/128',
  'g::/16',
  '12345::/16',
  '10.0.0.1::/16',
];

describe('CIDR blocks', () => {
  for (const [sentence, [text, family, first, last]] of Object.entries(readable)) {
    it(`reads ${sentence}`, () => {
      expect(parseCidr(text)).to.deep.equal({ family, range: { first, last } });
    });
  }
  for (const text of unreadable) {
    it(`does not read "${text}"`, () => {
      expect(parseCidr(text)).to.equal(undefined);
    });
  }

  it('agree with sets of single addresses', () => {
    const range = fc
      .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 12 }))
      .map(([first, length]): AddressRange => ({ first: BigInt(first), last: BigInt(first + length) }));
    const addresses = Array.from({ length: 61 }, (_, address) => BigInt(address));
    const inside = (ranges: readonly AddressRange[], one: bigint) =>
      ranges.some(({ first, last }) => first <= one && one <= last);
    const members = (ranges: readonly AddressRange[]) => addresses.filter((one) => inside(ranges, one));
    const whole = { first: 0n, last: 60n };
    fc.assert(
      fc.property(range, fc.array(range, { maxLength: 6 }), (from, some) => {
        const united = unite(some);
        expect(members(united)).to.deep.equal(members(some));
        expect(countWithin(united, whole)).to.equal(BigInt(members(some).length));
        const within = members(some).filter((one) => inside([from], one));
        expect(countWithin(united, from)).to.equal(BigInt(within.length));
        const left = members([from]).filter((one) => !inside(some, one));
        expect(members(subtract(from, united))).to.deep.equal(left);
      }),
    );
  });
});
