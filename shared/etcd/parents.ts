import type { BlockSearch } from '../datastore/query.ts';
import { addressBits, addressText } from '../net/address.ts';
import { type Cidr, network } from '../net/cidr.ts';
import { blocksPrefix } from './keys.ts';

/** The fields of a pool that decide where its blocks are. */
export type SearchedPool = BlockSearch['pool'];

/** A part of a pool whose block keys differ only in their last distinctive piece, e.g. 10.10.0.0/16: `…/block/10.10.`. */
export interface Parent {
  /** The part of it that belongs to the pool. */
  readonly cidr: Cidr;
  /** The prefix of its keys. */
  readonly stem: string;
  /** The number of the pool's blocks in it. */
  readonly size: number;
}

/** The most parents looked into: all of a 10.0.0.0/8, a small part of a large IPv6 pool, which is never full. */
const MOST = 4096n;

/** The length of the IPv4 networks that differ in one piece of their keys: /24 for blocks of /24 and smaller. */
export const unitLength = (pool: SearchedPool): number => (pool.blockSize >= 24 ? 24 : pool.blockSize >= 16 ? 16 : 8);

/** A pool's parents in numeric order from the one that contains `start` to the end, then from the beginning. */
export function* parentsFrom(pool: SearchedPool, start: Cidr): Generator<Parent> {
  const { family, base, length } = pool.cidr;
  const parent = family === 4 ? unitLength(pool) - 8 : 112;
  if (length >= parent) {
    yield parentOf(pool, pool.cidr);
    return;
  }
  const hostBits = BigInt(addressBits(family) - parent);
  const count = 1n << BigInt(parent - length);
  const first = (start.base - base) >> hostBits;
  for (let step = 0n; step < count && step < MOST; step++) {
    yield parentOf(pool, network(family, base + (((first + step) % count) << hostBits), parent));
  }
}

function parentOf(pool: SearchedPool, cidr: Cidr): Parent {
  const size = 2 ** (pool.blockSize - cidr.length);
  return { cidr, stem: `${blocksPrefix(cidr.family)}${cidr.family === 4 ? stem4(pool, cidr) : stem6(cidr)}`, size };
}

function stem4(pool: SearchedPool, cidr: Cidr): string {
  const octets = addressText(4, cidr.base).split('.');
  return octets
    .slice(0, unitLength(pool) / 8 - 1)
    .map((octet) => `${octet}.`)
    .join('');
}

/** The text of a neighbour whose last hextet is not 0, without that hextet. */
const stem6 = (cidr: Cidr): string => addressText(6, ((cidr.base >> 16n) << 16n) + 1n).slice(0, -1);
