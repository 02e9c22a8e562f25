import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countFreeBlocks } from '../../../ctl/metrics/free-blocks.ts';
import type { Pool } from '../../../ipam/config/pools.ts';
import { isReserved, type Reservations } from '../../../ipam/config/reservations.ts';
import { type Cidr, network, overlaps, size } from '../../../shared/net/cidr.ts';
import { cidr } from '../../support/inputs/cidr.ts';
import { poolOf } from './sample.ts';

function left(pool: Pool, reservations: Reservations, blocks: readonly Cidr[]) {
  const count = countFreeBlocks(pool, reservations);
  for (const block of blocks) count.add(block);
  return count.left();
}

const NONE: Reservations = { 4: [], 6: [] };
const BASE = cidr('10.0.0.0/27').base;

/** Networks of a pool of 32 addresses, those that overlap left out. */
const blocks = fc
  .array(fc.tuple(fc.integer({ min: 28, max: 32 }), fc.nat(31)))
  .map((drawn) =>
    drawn
      .map(([length, at]) => network(4, BASE + BigInt(at), length))
      .filter((one, at, all) => !all.slice(0, at).some((other) => overlaps(one, other))),
  );

/** Disjoint spans, some of which reach beyond the pool. */
const spans = fc
  .uniqueArray(fc.integer({ min: -6, max: 38 }), { minLength: 0, maxLength: 6 })
  .map((ends) => ends.sort((a, b) => a - b))
  .map((ends) =>
    ends.flatMap((from, at) => {
      const to = ends[at + 1];
      return at % 2 === 0 && to !== undefined ? [{ from: BASE + BigInt(from), to: BASE + BigInt(to) }] : [];
    }),
  );

test('what is left is what counting each address says', () => {
  const pool = poolOf('p', '10.0.0.0/27', 30);
  fc.assert(
    fc.property(blocks, spans, (existing, reserved) => {
      const reservations: Reservations = { 4: reserved, 6: [] };
      const slots = Array.from({ length: 8 }, (_, at) => network(4, BASE + BigInt(at * 4), 30));
      const usable = (slot: Cidr) =>
        Array.from({ length: Number(size(slot)) }, (_, at) => slot.base + BigInt(at)).filter(
          (address) => !isReserved(reservations, 4, address),
        );
      const free = slots
        .filter((slot) => !existing.some((block) => overlaps(block, slot)))
        .filter((slot) => usable(slot).length > 0);
      expect(left(pool, reservations, existing)).toEqual({
        blocks: free.length,
        addresses: free.flatMap(usable).length,
      });
    }),
  );
});

test('a pool of IPv6 has as many as fit', () => {
  const pool = poolOf('p', 'fd00::/64', 122);
  expect(left(pool, NONE, [cidr('fd00::40/122')])).toEqual({ blocks: 2 ** 58 - 1, addresses: 2 ** 64 - 64 });
});

test('blocks that do not fit into the pool leave none', () => {
  expect(left(poolOf('p', '10.0.0.0/28', 26), NONE, [cidr('10.0.0.0/26')])).toEqual({ blocks: 0, addresses: 0 });
});
