import { isIP } from 'node:net';
import fc from 'fast-check';
import { IPv4, IPv6 } from 'ip-num';
import { expect, test } from 'vitest';
import { addressOf, addressText, parseAddress } from '../../../shared/net/address.ts';

const MAPPED = 0xffffn << 32n;
const ipv4Number = fc.bigInt({ min: 0n, max: (1n << 32n) - 1n });
const ipv6Number = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });

test.each([
  ['10.65.1.2', 4, '10.65.1.2'],
  ['0.0.0.0', 4, '0.0.0.0'],
  ['255.255.255.255', 4, '255.255.255.255'],
  ['FD00:0001::00C0', 6, 'fd00:1::c0'],
  ['::', 6, '::'],
  ['1:0:0:2:0:0:0:3', 6, '1:0:0:2::3'],
  ['1:0:0:2:3:0:0:4', 6, '1::2:3:0:0:4'],
  ['1:0:2:3:4:5:6:7', 6, '1:0:2:3:4:5:6:7'],
  ['::ffff:10.0.0.1', 4, '10.0.0.1'],
  ['::ffff:a00:1', 4, '10.0.0.1'],
  ['::10.0.0.1', 6, '::a00:1'],
  ['64:ff9b::10.0.0.1', 6, '64:ff9b::a00:1'],
])('%s is an IPv%i address, written %s', (text, family, canonical) => {
  expect(parseAddress(text)).toMatchObject({ family, text: canonical });
});

test.each([
  '',
  ' ',
  '10.1',
  '10.0.0',
  '167772161',
  '0x0a.0.0.1',
  '010.0.0.1',
  '10.0.0.01',
  '10.0.0.256',
  '10.0.0.1.',
  ' 10.0.0.1',
  '10.0.0.1\n',
  '10.0.0.1/32',
  '10.0.0.1%eth0',
  ':',
  ':::',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:',
  '1:2:3:4:5:6:7:8:9',
  '1::2::3',
  '1:2:3:4:5:6:7::8',
  '12345::',
  'g::',
  'fe80::1%eth0',
  '[::1]',
  '::ffff:010.0.0.1',
  '::ffff:10.0.1',
  '::10.0.0.1:5',
  '1:2:3:4:5:6::1.2.3.4',
  '::1 ',
  '::1\n',
])('%j is not an address', (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

test('an address is valid exactly if the operating system accepts it, except for zones', () => {
  const near = fc.string({ unit: fc.constantFrom(...'0123456789abf:.x%'), maxLength: 24 });
  const text = fc.oneof(fc.ipV4(), fc.ipV4Extended(), fc.ipV6(), near);
  fc.assert(
    fc.property(text, (t) => {
      expect(parseAddress(t) !== undefined).toBe(isIP(t) !== 0 && !t.includes('%'));
    }),
    { numRuns: 1000 },
  );
});

test('IPv4 text and number agree with ip-num', () => {
  fc.assert(
    fc.property(ipv4Number, (value) => {
      const text = addressText(4, value);
      expect(text).toBe(new IPv4(value).toString());
      expect(parseAddress(text)).toEqual({ family: 4, value, text });
    }),
  );
});

test('IPv6 number agrees with ip-num, and its text with what URLs print (RFC 5952)', () => {
  const sparse = fc.array(fc.constantFrom(0n, 0n, 1n, 0xffffn), { minLength: 8, maxLength: 8 });
  const value = fc.oneof(
    ipv6Number,
    sparse.map((groups) => groups.reduce<bigint>((sum, group) => (sum << 16n) | group, 0n)),
  );
  fc.assert(
    fc.property(
      value.filter((v) => v >> 32n !== 0xffffn),
      (v) => {
        const text = addressText(6, v);
        expect(new IPv6(text).getValue()).toBe(v);
        expect(new URL(`http://[${text}]/`).hostname).toBe(`[${text}]`);
        expect(parseAddress(text)).toEqual({ family: 6, value: v, text });
        expect(addressOf(6, v)).toEqual({ family: 6, value: v, text });
      },
    ),
  );
});

test('every spelling of an IPv6 address gives the number that ip-num reads', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const address = parseAddress(text);
      const dotted = /\d+\.\d+\.\d+\.\d+$/.exec(text)?.[0];
      // ip-num does not accept a dotted tail.
      const groups = dotted === undefined ? text : text.replace(dotted, hexGroups(dotted));
      expect(address?.family === 4 ? address.value | MAPPED : address?.value).toBe(new IPv6(groups).getValue());
    }),
  );
});

function hexGroups(dotted: string): string {
  const value = new IPv4(dotted).getValue();
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}
