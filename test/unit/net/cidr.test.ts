import fc from 'fast-check';
import { IPv4CidrRange, IPv6CidrRange } from 'ip-num';
import { expect, test } from 'vitest';
import { type Address, addressText, parseAddress } from '../../../shared/net/address.ts';
import {
  blockOf,
  type Cidr,
  contains,
  containsCidr,
  network,
  nthAddress,
  ordinalOf,
  overlaps,
  parseCidr,
  size,
} from '../../../shared/net/cidr.ts';
import { cidr } from '../../support/inputs/cidr.ts';

const ipv4 = fc.tuple(fc.constant(4 as const), fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }), fc.nat(32));
const ipv6 = fc.tuple(fc.constant(6 as const), fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), fc.nat(128));
/** Networks near each other, so that containing, overlapping and disjoint pairs all occur. */
const near = fc
  .tuple(fc.bigInt({ min: 0n, max: 63n }), fc.integer({ min: 26, max: 32 }))
  .map(([value, length]) => network(4, 0x0a0a0000n | value, length));

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`not an address: ${text}`);
  return parsed;
}

test.each([
  ['10.10.0.77/26', 4, '10.10.0.64/26'],
  ['10.10.0.77/0', 4, '0.0.0.0/0'],
  ['10.10.0.77/32', 4, '10.10.0.77/32'],
  ['10.10.0.77/026', 4, '10.10.0.64/26'],
  ['FD00:1:0::ff/122', 6, 'fd00:1::c0/122'],
  ['::/0', 6, '::/0'],
  ['::ffff:10.0.0.1/104', 4, '10.0.0.0/8'],
  ['::ffff:10.0.0.1/90', 6, '::ffc0:0:0/90'],
])('%s is an IPv%i network, written %s', (text, family, canonical) => {
  expect(parseCidr(text)).toMatchObject({ family, text: canonical });
});

test.each([
  '',
  '/',
  '10.0.0.0',
  '10.0.0.0/',
  '/24',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/+8',
  '10.0.0.0/8/8',
  '10.0.0.0/ 8',
  '10.0.0.0/8 ',
  '10.0.0/8',
  '010.0.0.0/8',
  '::/129',
  'fe80::1%eth0/64',
  '::ffff:10.0.0.1',
  '10.0.0.0/255.0.0.0',
  '10.0.0.0/1e1',
  '10.0.0.0/99999999999999999999',
])('%j is not a network', (text) => {
  expect(parseCidr(text)).toBeUndefined();
});

test('base, size and text agree with ip-num', () => {
  fc.assert(
    fc.property(fc.oneof(ipv4, ipv6), ([family, value, length]) => {
      const text = `${addressText(family, value)}/${length}`;
      const expected = (family === 4 ? IPv4CidrRange : IPv6CidrRange).fromCidr(text);
      const parsed = cidr(text);
      expect(parsed).toMatchObject({ family, length, base: expected.getFirst().getValue() });
      expect(size(parsed)).toBe(expected.getSize());
      expect(cidr(parsed.text)).toEqual(parsed);
    }),
  );
});

test('an address of a network is found again by its ordinal', () => {
  fc.assert(
    fc.property(fc.oneof(ipv4, ipv6), fc.nat(), ([family, value, length], pick) => {
      const block = network(family, value, length);
      const ordinal = Number(BigInt(pick) % size(block));
      expect(ordinalOf(block, address(nthAddress(block, ordinal)))).toBe(ordinal);
    }),
  );
});

test('ordinals count from the base, and addresses outside have none', () => {
  const block = cidr('10.10.0.64/26');
  expect(nthAddress(block, 0)).toBe('10.10.0.64');
  expect(nthAddress(block, 63n)).toBe('10.10.0.127');
  expect(ordinalOf(block, address('10.10.0.127'))).toBe(63);
  expect(ordinalOf(block, address('10.10.0.128'))).toBeUndefined();
  expect(ordinalOf(block, address('10.10.0.63'))).toBeUndefined();
  expect(ordinalOf(block, address('::a0a:40'))).toBeUndefined();
  expect(nthAddress(cidr('fd00::/64'), (1n << 64n) - 1n)).toBe('fd00::ffff:ffff:ffff:ffff');
});

test('containing and overlapping agree with the sets of addresses', () => {
  const members = (block: Cidr) => new Set(Array.from({ length: Number(size(block)) }, (_, n) => nthAddress(block, n)));
  fc.assert(
    fc.property(near, near, (a, b) => {
      const [inA, inB] = [members(a), members(b)];
      expect(containsCidr(a, b)).toBe([...inB].every((each) => inA.has(each)));
      expect(overlaps(a, b)).toBe([...inB].some((each) => inA.has(each)));
      for (const each of inB) expect(contains(a, address(each))).toBe(inA.has(each));
    }),
  );
});

test('networks of different families have nothing in common', () => {
  expect(containsCidr(cidr('::/0'), cidr('10.0.0.0/8'))).toBe(false);
  expect(overlaps(cidr('0.0.0.0/0'), cidr('::/0'))).toBe(false);
  expect(contains(cidr('::/0'), address('10.0.0.1'))).toBe(false);
});

test('the block of an address is its network of the given length', () => {
  expect(blockOf(address('10.10.0.77'), 26).text).toBe('10.10.0.64/26');
  expect(blockOf(address('fd00::c5'), 122).text).toBe('fd00::c0/122');
});
