import { addressBits } from '../../shared/net/address.ts';
import { type Cidr, network } from '../../shared/net/cidr.ts';
import { blocksIn, type Pool } from '../config/pools.ts';
import { hash } from './hash.ts';
import type { AssignRequest } from './request.ts';

/**
 * The block where this node's search through a pool begins: different nodes begin at different blocks, each always at its own.
 * With one address per block, the container decides instead of the node. The pool must have room for a block.
 */
export function startBlock(pool: Pool, { claimSalt, handleID }: Pick<AssignRequest, 'claimSalt' | 'handleID'>): Cidr {
  const { family, base } = pool.cidr;
  const isSingle = pool.blockSize === addressBits(family);
  const index = hash(isSingle ? `${claimSalt} ${handleID}` : claimSalt) % blocksIn(pool);
  return network(family, base + (index << BigInt(addressBits(family) - pool.blockSize)), pool.blockSize);
}
