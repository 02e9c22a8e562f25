import { expect, test } from 'vitest';
import { startBlock } from '../../../ipam/allocate/start-block.ts';
import { decodePool, type Pool } from '../../../ipam/config/pools.ts';
import { poolRef } from '../../../shared/datastore/ref.ts';
import { containsCidr } from '../../../shared/net/cidr.ts';
import { pool } from '../../support/stored/ipam-world.ts';

function poolOf(cidr: string, blockSize: number): Pool {
  const [[at, value] = ['', '']] = Object.entries(pool('p', { cidr, blockSize }));
  const found = decodePool({ ref: poolRef('p'), at, value, version: '1' });
  if (typeof found === 'string') throw new Error(found);
  return found;
}

const startsOf = (whole: Pool, count: number) =>
  Array.from({ length: count }, (_, index) => startBlock(whole, { claimSalt: `node${index}`, handleID: 'net1.c' }));

test('a thousand nodes start at many different blocks of a pool', () => {
  const starts = startsOf(poolOf('10.0.0.0/16', 26), 1000).map(({ text }) => text);
  // 1000 balls thrown at random hit about 638 of 1024 boxes.
  expect(new Set(starts).size).toBeGreaterThan(580);
});

test.each([
  ['10.0.64.0/18', 26],
  ['10.0.7.128/29', 29],
  ['fd00:1::/110', 122],
])('every node starts at a block of %s', (cidr, blockSize) => {
  const whole = poolOf(cidr, blockSize);
  for (const start of startsOf(whole, 100)) {
    expect(start.length).toBe(blockSize);
    expect(containsCidr(whole.cidr, start)).toBe(true);
  }
});

test.each([
  ['10.0.0.0/24', 26, 1],
  ['10.0.0.0/16', 32, 3],
  ['fd00:1::/112', 128, 3],
])('three containers of a node start in %s with blocks of /%i at %i different blocks', (cidr, blockSize, places) => {
  const whole = poolOf(cidr, blockSize);
  const starts = ['a', 'b', 'c'].map((handleID) => startBlock(whole, { claimSalt: 'n', handleID }).text);
  expect(new Set(starts).size).toBe(places);
});
