import { attributeAt, settled } from '../../ipam/block/block.ts';
import { type Pool, poolOf } from '../../ipam/config/pools.ts';
import { isReserved, type Reservations, reservedWithin } from '../../ipam/config/reservations.ts';
import type { Block } from '../../shared/calico/model.ts';
import { type Cidr, size } from '../../shared/net/cidr.ts';

/** How full a pool or a block is. An address allocated before it was reserved counts in both. */
export interface Use {
  readonly cidr: Cidr;
  readonly total: number;
  readonly used: number;
  readonly reserved: number;
  readonly free: number;
  /** The part of `used` that is released but in cooldown. */
  readonly cooling: number;
}

/** The use of a pool and its blocks; without a pool: of blocks outside all pools. */
export interface PoolUse {
  readonly pool: Use | undefined;
  readonly blocks: readonly Use[];
}

/** Counts blocks one after the other, without keeping them. */
export interface UseCount {
  add(cidr: Cidr, block: Block): void;
  pools(): readonly PoolUse[];
}

/** The time, and the cooldown of released addresses. */
interface Rest {
  readonly now: bigint;
  readonly cooldown: number;
}

export function countUse(pools: readonly Pool[], reservations: Reservations, rest: Rest): UseCount {
  const found = new Map<Pool | undefined, (Use & { readonly both: number })[]>(pools.map((pool) => [pool, []]));
  found.set(undefined, []);
  return {
    add(cidr, block) {
      found.get(poolOf(pools, cidr))?.push(useOf(cidr, settled(block, rest.now, rest.cooldown), reservations));
    },
    pools: () =>
      [...found].map(([pool, blocks]) => ({
        pool: pool && poolUse(pool.cidr, blocks, Number(reservedWithin(reservations, pool.cidr))),
        blocks,
      })),
  };
}

function useOf(cidr: Cidr, block: Block, reservations: Reservations): Use & { readonly both: number } {
  const total = block.allocations.length;
  const reserved = Number(reservedWithin(reservations, cidr));
  let [used, both, cooling] = [0, 0, 0];
  for (const [ordinal, index] of block.allocations.entries()) {
    if (index === null) continue;
    used++;
    if (attributeAt(block, ordinal)?.releasedAt !== undefined) cooling++;
    if (reserved > 0 && isReserved(reservations, cidr.family, cidr.base + BigInt(ordinal))) both++;
  }
  return { cidr, total, used, reserved, free: total - used - reserved + both, cooling, both };
}

function poolUse(cidr: Cidr, blocks: readonly (Use & { readonly both: number })[], reserved: number): Use {
  const sum = (what: 'used' | 'both' | 'cooling') => blocks.reduce((total, use) => total + use[what], 0);
  const total = Number(size(cidr));
  return {
    cidr,
    total,
    used: sum('used'),
    reserved,
    free: total - sum('used') - reserved + sum('both'),
    cooling: sum('cooling'),
  };
}
