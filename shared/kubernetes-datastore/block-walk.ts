import type { BlockSearch } from '../datastore/query.ts';
import { addressBits } from '../net/address.ts';
import { type Cidr, containsCidr, network, overlaps } from '../net/cidr.ts';

/** Positions checked against the known names in one step. */
const MOST_STEPS = 1 << 18;

/** The blocks of a pool in search order: from the start block, wrapping around at the end of the pool. */
export interface Walk {
  /** The number of blocks. */
  readonly count: bigint;
  at(step: number): Cidr;
}

export function walkOf({ pool: { cidr, blockSize }, start }: Pick<BlockSearch, 'pool' | 'start'>): Walk {
  const hostBits = BigInt(addressBits(cidr.family) - blockSize);
  const count = 1n << BigInt(Math.max(0, blockSize - cidr.length));
  const first = (start.base - cidr.base) >> hostBits;
  return {
    count,
    at: (step) => network(cidr.family, cidr.base + (((first + BigInt(step)) % count) << hostBits), blockSize),
  };
}

/** The existing blocks that overlap a pool. */
export class Taken {
  readonly #bases: ReadonlySet<bigint>;
  /** Blocks of other sizes, by the bits that are looked at of an address: their own, or those of a block that holds them. */
  readonly #strangers = new Map<bigint, Set<bigint>>();

  constructor({ cidr, blockSize }: BlockSearch['pool'], blocks: readonly Cidr[]) {
    const near = blocks.filter((block) => overlaps(cidr, block));
    this.#bases = new Set(near.filter(({ length }) => length === blockSize).map(({ base }) => base));
    for (const { family, base, length } of near) {
      if (length === blockSize) continue;
      const bits = BigInt(addressBits(family) - Math.min(length, blockSize));
      const places = this.#strangers.get(bits) ?? new Set();
      this.#strangers.set(bits, places.add(base >> bits));
    }
  }

  has(block: Cidr): boolean {
    return this.#bases.has(block.base);
  }

  /** Whether some have another size: a pool whose block size was changed by force. */
  bars(block: Cidr): boolean {
    for (const [bits, places] of this.#strangers) if (places.has(block.base >> bits)) return true;
    return false;
  }
}

/** At most `most` free blocks, starting at a step of a walk; `next` is the step to continue at, undefined at the end. */
export function freeFrom(
  walk: Walk,
  taken: Taken,
  from: number,
  most: number,
): { readonly blocks: readonly Cidr[]; readonly next: number | undefined } {
  const blocks: Cidr[] = [];
  const end = Math.min(Number(walk.count), from + MOST_STEPS);
  let step = from;
  for (; step < end && blocks.length < most; step++) {
    const block = walk.at(step);
    if (!taken.has(block) && !taken.bars(block)) blocks.push(block);
  }
  return { blocks, next: BigInt(step) < walk.count ? step : undefined };
}

/** Blocks in walk order; those outside the pool are left out. */
export function inWalkOrder<T>(search: BlockSearch, items: readonly T[], cidrOf: (item: T) => Cidr): readonly T[] {
  const { pool, start } = search;
  const isAhead = (cidr: Cidr) => cidr.base >= start.base;
  return items
    .filter((item) => containsCidr(pool.cidr, cidrOf(item)))
    .sort((one, other) => {
      const [a, b] = [cidrOf(one), cidrOf(other)];
      if (isAhead(a) !== isAhead(b)) return isAhead(a) ? -1 : 1;
      return a.base < b.base ? -1 : a.base > b.base ? 1 : 0;
    });
}
