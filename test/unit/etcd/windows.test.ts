import { expect, test } from 'vitest';
import { blockKey } from '../../../shared/etcd/keys.ts';
import { parentsFrom, type SearchedPool } from '../../../shared/etcd/parents.ts';
import { nearWindows } from '../../../shared/etcd/walk.ts';
import { type Window, windowsOf } from '../../../shared/etcd/windows.ts';
import { addressBits } from '../../../shared/net/address.ts';
import { type Cidr, network } from '../../../shared/net/cidr.ts';
import { cidr } from '../../support/inputs/cidr.ts';

const poolOf = (text: string, blockSize: number): SearchedPool => ({ cidr: cidr(text), blockSize });

/** The block of the pool with this index, which may be any number. */
function blockAt({ cidr, blockSize }: SearchedPool, number: bigint): Cidr {
  const { family, base, length } = cidr;
  const at = number % (1n << BigInt(blockSize - length));
  return network(family, base + (at << BigInt(addressBits(family) - blockSize)), blockSize);
}

const sorted = (windows: readonly Window[]): readonly Window[] =>
  [...windows].sort((a, b) => (a.from < b.from ? -1 : 1));

const POOLS: readonly (readonly [string, number, number])[] = [
  ['10.0.0.0/16', 26, 1024],
  ['10.0.64.0/18', 26, 256],
  ['10.0.0.0/14', 26, 4096],
  ['10.0.7.0/24', 28, 16],
  ['10.0.7.128/25', 32, 128],
  ['10.0.7.128/29', 29, 1],
  ['10.0.0.0/20', 20, 1],
  ['10.0.0.0/12', 20, 256],
  ['10.0.0.0/17', 24, 128],
  ['192.168.4.0/22', 27, 32],
  ['fd00:1::/112', 122, 1024],
  ['fd00:1::/110', 122, 4096],
  ['1:2:3:4:5:6::/112', 122, 1024],
  ['1:2:3:4:5:6:7:100/120', 128, 256],
  ['fd00:1::/116', 116, 1],
];

test.each(POOLS)(
  'the windows of %s with blocks of /%i hold each of its %i blocks once, within their keys',
  (cidr, blockSize, count) => {
    const whole = poolOf(cidr, blockSize);
    const start = blockAt(whole, 77_777_777n);
    const windows = [...parentsFrom(whole, start)].flatMap((parent) => windowsOf(whole, parent));
    const found = windows.flatMap((window) => {
      const blocks = window.blocks();
      expect(blocks).toHaveLength(window.size);
      for (const block of blocks) expect(window.from <= blockKey(block) && blockKey(block) < window.to).toBe(true);
      return blocks.map(({ text }) => text);
    });
    expect(found).toHaveLength(count);
    expect(new Set(found).size).toBe(count);
    for (const [at, window] of sorted(nearWindows(whole, start)).entries()) {
      expect((sorted(nearWindows(whole, start))[at - 1]?.to ?? '') <= window.from).toBe(true);
    }
  },
);

test.each(POOLS)('the walk over %s with blocks of /%i starts in the window of its first block', (cidr, blockSize) => {
  const whole = poolOf(cidr, blockSize);
  for (const number of [0n, 1_234_567n, 4_095n]) {
    const start = blockAt(whole, number);
    expect(
      nearWindows(whole, start)[0]
        ?.blocks()
        .map(({ text }) => text),
    ).toContain(start.text);
  }
});

test('windows that another pool shares are not considered full by number', () => {
  const whole = poolOf('10.0.64.0/18', 26);
  const windows = nearWindows(whole, blockAt(whole, 0n));
  expect(windows.some(({ exact }) => !exact)).toBe(true);
  expect(nearWindows(poolOf('10.0.0.0/16', 26), blockAt(whole, 0n)).every(({ exact }) => exact)).toBe(true);
});
