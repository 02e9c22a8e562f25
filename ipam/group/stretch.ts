import type { Span } from '../../shared/datastore/query.ts';
import { addressBits, type Family } from '../../shared/net/address.ts';
import { type Cidr, network } from '../../shared/net/cidr.ts';
import type { Pool } from '../config/pools.ts';

/** Members that follow each other in the list and lie in one pool: the addresses from `from` up to, but not including, `to`. */
export interface Stretch extends Span {
  readonly pool: Pool;
  /** The number of its first member. */
  readonly number: bigint;
}

/** The members in one block that follow each other: the ordinals from `from` up to, but not including, `to`. */
export interface Portion {
  readonly pool: Pool;
  readonly cidr: Cidr;
  readonly from: number;
  readonly to: number;
  readonly number: bigint;
}

/** A pool's addresses. */
interface Room extends Span {
  readonly pool: Pool;
}

/** Divides the members among the pools, of which the first that contains an address counts. The first address outside all of them ends it. */
export function stretchesOf(
  spans: readonly Span[],
  pools: readonly Pool[],
): { readonly stretches: readonly Stretch[]; readonly outside: bigint | undefined } {
  const rooms = pools.map(roomOf);
  const stretches: Stretch[] = [];
  let number = 0n;
  // Most members are in the pool of the one before.
  let room: Room | undefined;
  for (const span of spans) {
    for (let from = span.from; from < span.to; ) {
      room = room !== undefined && isIn(room, from) ? room : rooms.find((each) => isIn(each, from));
      if (room === undefined) return { stretches, outside: from };
      const to = earlier(room.to, span.to);
      stretches.push({ pool: room.pool, from, to, number });
      number += to - from;
      from = to;
    }
  }
  return { stretches, outside: undefined };
}

function roomOf(pool: Pool): Room {
  const { base, length, family } = pool.cidr;
  return { pool, from: base, to: base + (1n << BigInt(addressBits(family) - length)) };
}

const earlier = (one: bigint, other: bigint): bigint => (one < other ? one : other);

const isIn = ({ from, to }: Span, value: bigint): boolean => from <= value && value < to;

/** The stretches block by block, in the order of the list. Lazily, as there may be 2^58 blocks. */
export function* portionsOf(family: Family, stretches: readonly Stretch[]): Generator<Portion, undefined> {
  let cidr: Cidr | undefined;
  for (const { pool, to, number, from: first } of stretches) {
    const size = 1n << BigInt(addressBits(family) - pool.blockSize);
    for (let from = first; from < to; ) {
      // Members in one block usually follow each other, and a CIDR's text takes long to make.
      if (cidr?.length !== pool.blockSize || from < cidr.base || from >= cidr.base + size) {
        cidr = network(family, from, pool.blockSize);
      }
      const end = earlier(cidr.base + size, to);
      yield { pool, cidr, from: Number(from - cidr.base), to: Number(end - cidr.base), number: number + from - first };
      from = end;
    }
  }
  return undefined;
}

/** The portion that consists of one member; undefined beyond the end. */
export function portionAt(family: Family, stretches: readonly Stretch[], number: bigint): Portion | undefined {
  const stretch = stretches.find((each) => number < each.number + each.to - each.from);
  if (stretch === undefined) return undefined;
  const from = stretch.from + number - stretch.number;
  return portionsOf(family, [{ ...stretch, from, to: from + 1n, number }]).next().value;
}

/** The portion that consists of this address; undefined if it is no member. */
export function portionOf(family: Family, stretches: readonly Stretch[], value: bigint): Portion | undefined {
  const stretch = stretches.find(({ from, to }) => from <= value && value < to);
  return stretch && portionAt(family, stretches, stretch.number + value - stretch.from);
}
