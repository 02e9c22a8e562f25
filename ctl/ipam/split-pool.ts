import { type Pool, readPools } from '../../ipam/config/pools.ts';
import { get, POOLS } from '../../shared/datastore/query.ts';
import { poolRef } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { failure } from '../../shared/error/failure.ts';
import { addressBits } from '../../shared/net/address.ts';
import { type Cidr, network } from '../../shared/net/cidr.ts';
import { created, type Stamp } from '../change/metadata.ts';
import { decode, encode } from '../change/stored.ts';
import { readiness } from '../datastore/readiness.ts';
import type { Kind } from '../kinds/kind.ts';

/** Which pool is split, by its name or its CIDR, and into how many. */
export interface SplitAsked {
  readonly pool: string;
  readonly count: number;
}

/** A part of a pool: a pool of its own. */
export interface PoolPart {
  readonly name: string;
  readonly cidr: Cidr;
}

/** A pool and its parts. Throws a Failure unless the datastore is locked and the pool can be split so. */
export function* partsOfPool({
  pool: asked,
  count,
}: SplitAsked): Plan<Outcome<{ readonly pool: Pool; readonly parts: readonly PoolPart[] }>> {
  const { answer: isReady } = yield* readiness();
  if (isReady)
    throw failure(
      'the datastore is not locked, nothing was changed',
      'run calicoctl datastore migrate lock first, so that no address is assigned meanwhile, and unlock afterwards',
    );
  const pools = readPools(yield [POOLS]);
  const pool = pools.find(({ name, cidr }) => name === asked || cidr.text === asked);
  if (pool === undefined) throw failure(`no IP pool has the name or CIDR ${asked}`, 'see calicoctl get ippools');
  return { changes: [], answer: { pool, parts: partsOf(pool, count) } };
}

/** In the order of their addresses, and so numbered. */
export function partsOf(
  { name, cidr, blockSize }: Pick<Pool, 'name' | 'cidr' | 'blockSize'>,
  count: number,
): readonly PoolPart[] {
  const bits = Math.log2(count);
  const length = cidr.length + bits;
  if (!Number.isInteger(bits) || bits < 1)
    throw failure(`a pool cannot be split into ${count} parts`, 'the number must be a power of 2, such as 2, 4 or 8');
  if (length > blockSize)
    throw failure(
      `IPPool(${name}) ${cidr.text} cannot be split into ${count} parts`,
      `each must have room for a block, and its blocks are of /${blockSize}`,
    );
  const size = 1n << BigInt(addressBits(cidr.family) - length);
  return Array.from({ length: count }, (_, at) => ({
    name: `${name}-${at}`,
    cidr: network(cidr.family, cidr.base + BigInt(at) * size, length),
  }));
}

/** Makes some parts of a pool, with its settings. Those that exist already are left; another pool of that name is refused. */
export function* makeParts(
  kind: Kind,
  pool: Pool,
  parts: readonly PoolPart[],
  stamp: Stamp,
): Plan<Outcome<readonly PoolPart[]>> {
  const view = yield [poolRef(pool.name), ...parts.map(({ name }) => poolRef(name))].map(get);
  const whole = view.get(poolRef(pool.name));
  if (whole === undefined) throw failure(`IPPool(${pool.name}) has been deleted meanwhile`);
  const { metadata, spec, ...others } = decode(kind, whole);
  const missing = parts.filter(({ name, cidr }) => {
    const there = view.get(poolRef(name));
    if (there === undefined) return true;
    if (decode(kind, there).spec?.['cidr'] === cidr.text) return false;
    throw failure(`another pool has the name ${name}, nothing was changed`, 'delete it, or give it another name');
  });
  const { labels, annotations } = metadata;
  const changes = missing.map(({ name, cidr }) => {
    const about = created({ name, ...(labels && { labels }), ...(annotations && { annotations }) }, stamp);
    return {
      ref: poolRef(name),
      next: encode(kind, { ...others, metadata: about, spec: { ...spec, cidr: cidr.text } }),
    };
  });
  return { changes, answer: missing };
}
