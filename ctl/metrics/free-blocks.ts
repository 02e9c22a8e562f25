import { blocksIn, type Pool } from '../../ipam/config/pools.ts';
import { type Reservations, reservedWithin, whollyReserved } from '../../ipam/config/reservations.ts';
import { addressBits } from '../../shared/net/address.ts';
import { type Cidr, network, size } from '../../shared/net/cidr.ts';

/** What is left of a pool for nodes to claim. */
export interface Claimable {
  readonly blocks: number;
  /** The addresses in these blocks, without those that are reserved. */
  readonly addresses: number;
}

/** Counts the blocks of a pool that exist, one after the other. */
export interface FreeBlocks {
  add(cidr: Cidr): void;
  left(): Claimable;
}

/** Blocks of another size than the pool's take the place of those that they overlap. */
export function countFreeBlocks(pool: Pool, reservations: Reservations): FreeBlocks {
  const all = blocksIn(pool);
  const bits = all === 0n ? 0n : BigInt(addressBits(pool.cidr.family) - pool.blockSize);
  const strange = new Set<bigint>();
  let [usual, reservedInside, whole] = [0n, 0n, 0n];
  const take = (block: Cidr): void => {
    reservedInside += reservedWithin(reservations, block);
    if (whollyReserved(reservations, block)) whole++;
  };
  return {
    add(cidr) {
      if (all === 0n) return;
      if (cidr.length === pool.blockSize) {
        usual++;
        take(cidr);
        return;
      }
      for (let at = cidr.base >> bits; at << bits < cidr.base + size(cidr); at++) {
        if (strange.has(at)) continue;
        strange.add(at);
        take(network(cidr.family, at << bits, pool.blockSize));
      }
    },
    left() {
      const barred = slotsReserved(pool, reservations, bits) - whole;
      const blocks = all - usual - BigInt(strange.size) - barred;
      const reserved = reservedWithin(reservations, pool.cidr) - reservedInside - (barred << bits);
      return { blocks: Number(blocks), addresses: Number((blocks << bits) - reserved) };
    },
  };
}

/** How many of a pool's blocks, existing or not, are reserved as a whole. */
function slotsReserved({ cidr }: Pool, reservations: Reservations, bits: bigint): bigint {
  const end = cidr.base + size(cidr);
  return reservations[cidr.family].reduce((sum, { from, to }) => {
    let [first, last] = [from, to];
    if (first < cidr.base) first = cidr.base;
    if (last > end) last = end;
    const count = (last >> bits) - ((first + (1n << bits) - 1n) >> bits);
    return count > 0n ? sum + count : sum;
  }, 0n);
}
