import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memberAt, memberCount, memberNumber, spanText } from '../../../ipam/group/group.ts';
import { ordinalOfPod } from '../../../ipam/group/ordinal.ts';
import { readGroup } from '../../../ipam/group/read-group.ts';
import { addressOf, addressText } from '../../../shared/net/address.ts';

const FROM = 'args.cni.ipGroup';
const read = (...texts: string[]) => readGroup(texts, FROM).members;
const listed = (family: 4 | 6, ...texts: string[]) =>
  read(...texts)[family].flatMap(({ from, to }) =>
    Array.from({ length: Number(to - from) }, (_, at) => addressText(family, from + BigInt(at))),
  );

describe('a fixed address group', () => {
  test('has its members in the order of the list, each family by itself', () => {
    const texts = ['10.9.2.1', 'fd00::10', '10.9.0.8/30', '10.9.1.4-10.9.1.5', '::ffff:10.9.3.0/127'];
    expect(listed(4, ...texts)).toEqual([
      ...['10.9.2.1', '10.9.0.8', '10.9.0.9', '10.9.0.10', '10.9.0.11'],
      ...['10.9.1.4', '10.9.1.5', '10.9.3.0', '10.9.3.1'],
    ]);
    expect(listed(6, ...texts)).toEqual(['fd00::10']);
  });

  test('is counted and indexed without being listed out', () => {
    const spans = read('fd00::5', 'fd01::/64', 'fd02::1-fd02::3')[6];
    expect(memberCount(spans)).toBe(1n + 2n ** 64n + 3n);
    expect(memberAt(spans, 2n ** 64n)).toBe(memberAt(read('fd01::ffff:ffff:ffff:ffff')[6], 0n));
    expect(memberAt(spans, 2n ** 64n + 3n)).toBe(memberAt(read('fd02::3')[6], 0n));
    expect(memberAt(spans, 2n ** 64n + 4n)).toBeUndefined();
    expect(memberNumber(spans, memberAt(read('fd02::2')[6], 0n) ?? 0n)).toBe(2n ** 64n + 2n);
    expect(memberNumber(spans, 0n)).toBeUndefined();
    expect(spans.map((span) => spanText(6, span))).toEqual([
      'fd00::5',
      'fd01::-fd01::ffff:ffff:ffff:ffff',
      'fd02::1-fd02::3',
    ]);
  });

  test('numbers every member and no other address', () => {
    const range = fc.tuple(fc.nat(250), fc.nat(5)).map(([from, more]) => ({ from, to: Math.min(from + more, 255) }));
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 6 }), (ranges) => {
        const parts = ranges.map(({ from, to }) => `10.0.0.${from}-10.0.0.${to}`);
        let spans: ReturnType<typeof read>[4];
        try {
          spans = read(...parts)[4];
        } catch {
          const all = ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, at) => from + at));
          return new Set(all).size < all.length;
        }
        const members = listed(4, ...parts);
        return members.every((text, at) => addressOf(4, memberAt(spans, BigInt(at)) ?? 0n).text === text);
      }),
    );
  });

  test.each([
    [['10.9.0.300'], '"10.9.0.300" is not an address, a CIDR or a range'],
    [[''], '"" is not an address, a CIDR or a range'],
    [['10.9.0.1', 'web'], '"web" is not an address, a CIDR or a range'],
    [[' 10.9.0.1'], '" 10.9.0.1" is not an address, a CIDR or a range'],
    [['10.9.0.08'], '"10.9.0.08" is not an address, a CIDR or a range'],
    [['fe80::1%eth0'], '"fe80::1%eth0" is not an address, a CIDR or a range'],
    [['10.9.0.0/33'], '"10.9.0.0/33" is not a CIDR'],
    [['10.9.0.0/'], '"10.9.0.0/" is not a CIDR'],
    [['10.9.0.0/24/24'], '"10.9.0.0/24/24" is not a CIDR'],
    [['::ffff:10.9.0.0/90'], '"::ffff:10.9.0.0/90" is not a CIDR'],
    [['10.9.0.9/29'], '"10.9.0.9/29" has host bits: write 10.9.0.8/29'],
    [['10.9.0.1-'], '"10.9.0.1-" is not a range'],
    [['10.9.0.1-2-3'], '"10.9.0.1-2-3" is not a range'],
    [['10.9.0.1-10.9.0.5-10.9.0.9'], '"10.9.0.1-10.9.0.5-10.9.0.9" is not a range'],
    [['10.9.0.1-fd00::1'], '"10.9.0.1-fd00::1" begins in one family and ends in the other'],
    [['10.9.0.9-10.9.0.8'], '"10.9.0.9-10.9.0.8" ends before it begins'],
    [['10.9.0.9', '10.9.0.9'], '"10.9.0.9" has 10.9.0.9, which is in "10.9.0.9" already'],
    [['10.9.0.12', '10.9.0.8/29'], '"10.9.0.8/29" has 10.9.0.12, which is in "10.9.0.12" already'],
    [['fd00::/64', 'fd00::5'], '"fd00::5" has fd00::5, which is in "fd00::/64" already'],
    [[], 'it is empty'],
    [
      Array.from({ length: 1025 }, () => '10.9.0.1'),
      'it has 1025 entries, at most 1024 are allowed: write CIDRs or ranges',
    ],
    [['x'.repeat(5000)], `"${'x'.repeat(60)}…" is not an address, a CIDR or a range`],
  ])('%j is refused with the entry that is wrong', (texts, why) => {
    expect(() => read(...texts)).toThrow(
      expect.objectContaining({
        kind: 'refused',
        message: `cannot read the fixed address group: ${why}`,
        details: `${FROM}; a group is a list such as ["10.9.0.8/29", "10.9.1.4-10.9.1.9", "fd00::10"]`,
      }),
    );
  });
});

describe('the ordinal of a pod', () => {
  test.each([
    ['web-0', {}, 0],
    ['web-12', {}, 12],
    ['db-1-9999', {}, 9999],
    ['web', { 'apps.kubernetes.io/pod-index': '7' }, 7],
    ['web-3', { 'apps.kubernetes.io/pod-index': '70000' }, 70000],
    ['web-3', { 'apps.kubernetes.io/pod-index': 'x' }, 3],
    ['web', {}, undefined],
    ['web-', {}, undefined],
    ['web-007', {}, undefined],
    ['web-7d4b9c6f5-24567', {}, undefined],
    ['web-7d4b9c6f5-x2k9p', {}, undefined],
    ['7', {}, undefined],
    ['', {}, undefined],
  ])('%j with labels %j is %j', (name, labels, ordinal) => expect(ordinalOfPod(name, labels)).toBe(ordinal));
});
