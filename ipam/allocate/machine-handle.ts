import { get, POOLS } from '../../shared/datastore/query.ts';
import { blockRef, handleRef } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { type Address, parseAddress } from '../../shared/net/address.ts';
import { blockOf, contains } from '../../shared/net/cidr.ts';
import { AS_STORED, ask, tryBlockAt } from '../block/ask.ts';
import { ordinalsOf } from '../block/block.ts';
import { readHandle, writeHandle } from '../block/handle.ts';
import { poolOf, readPools } from '../config/pools.ts';

/**
 * Makes a virtual machine's handle lead to the addresses that an ADD has just assigned. Where a commit may be made in part, the ADD
 * of another of the machine's pods may have taken this ADD's block out of the handle, which was written before the block.
 */
export function* leadToAddresses(handleID: string, addresses: readonly string[]): Plan<Outcome<undefined>> {
  const ref = handleRef(handleID);
  const view = yield [get(ref)];
  const handle = readHandle(view, handleID);
  const isLost = (address: Address) => !handle.blocks.some((cidr) => contains(cidr, address));
  const lost = addresses.flatMap((text) => parseAddress(text) ?? []).filter(isLost);
  if (lost.length === 0) return { changes: [], answer: undefined };
  yield [POOLS];
  const pools = readPools(view);
  const blocks = lost.flatMap((address) => {
    const pool = poolOf(pools, address);
    return pool === undefined ? [] : [blockOf(address, pool.blockSize)];
  });
  yield* ask(view, blocks.map(blockRef));
  const held = blocks.map((cidr): [string, number] => {
    const block = tryBlockAt(view, cidr, AS_STORED);
    return [cidr.text, typeof block === 'object' ? ordinalsOf(block, handleID).length : 0];
  });
  const counts = new Map([...Object.entries(handle.handle.block), ...held]);
  return { changes: [writeHandle(handle, counts)], guards: blocks.map(blockRef), answer: undefined };
}
