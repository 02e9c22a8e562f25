import { addressBits } from '../../shared/net/address.ts';
import { type Cidr, network } from '../../shared/net/cidr.ts';
import { blocksIn, type Pool } from '../config/pools.ts';
import { hash } from './hash.ts';
import type { AssignRequest } from './request.ts';

/**
 * The block at which this node's search through a pool begins: nodes begin at different ones, and each always at the same.
 * Where every address is a block of its own, every container begins elsewhere. The pool must have room for a block.
 */
export function startBlock(pool: Pool, { claimSalt, handleID }: Pick<AssignRequest, 'claimSalt' | 'handleID'>): Cidr {
  const { family, base } = pool.cidr;
  const isSingle = pool.blockSize === addressBits(family);
  const index = hash(isSingle ? `${claimSalt} ${handleID}` : claimSalt) % blocksIn(pool);
  return network(family, base + (index << BigInt(addressBits(family) - pool.blockSize)), pool.blockSize);
}
