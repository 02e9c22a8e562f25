import { attributeAt, handleAt } from '../../ipam/block/block.ts';
import { decodeBlock } from '../../ipam/block/block-json.ts';
import { poolOf, readPools } from '../../ipam/config/pools.ts';
import type { Block } from '../../shared/calico/model.ts';
import { get, POOLS } from '../../shared/datastore/query.ts';
import { blockRef } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import type { Address, Family } from '../../shared/net/address.ts';
import { blockOf, type Cidr, ordinalOf } from '../../shared/net/cidr.ts';
import { type Endpoint, nameOf } from '../check/endpoints.ts';

/** What IPAM knows about an address. */
export interface AddressFound {
  readonly cidr: Cidr;
  readonly block: Block;
  readonly ordinal: number;
  /** The name of its pool; undefined outside all pools. */
  readonly pool: string | undefined;
}

/** Possible block sizes. */
const SIZES: Readonly<Record<Family, number>> = { 4: 20, 6: 116 };
const SIZE_COUNT = 13;

/** Finds the block that contains an address, whatever its size. Undefined if there is none. Throws if it cannot be read. */
export function* findAddress(address: Address): Plan<Outcome<AddressFound | undefined>> {
  const cidrs = Array.from({ length: SIZE_COUNT }, (_, at) => blockOf(address, SIZES[address.family] + at));
  const view = yield [POOLS, ...cidrs.map((cidr) => get(blockRef(cidr)))];
  const pool = poolOf(readPools(view), address);
  const there = cidrs.flatMap((cidr) => {
    const entry = view.get(blockRef(cidr));
    return entry === undefined ? [] : [{ cidr, block: decodeBlock(cidr, entry.value, entry.at) }];
  });
  const best = there.find(({ cidr }) => cidr.length === pool?.blockSize) ?? there[0];
  const answer = best && { ...best, ordinal: ordinalOf(best.cidr, address) ?? 0, pool: pool?.name };
  return { changes: [], answer };
}

/** The answer about an address: in the original's words, then its pool, block and endpoint. */
export function addressText(address: Address, found: AddressFound | undefined, endpoints: readonly Endpoint[]): string {
  const listed = endpoints.map((endpoint) => `Endpoint: ${nameOf(endpoint)} on ${endpoint.node}\n`).join('');
  if (found === undefined || typeof found.block.allocations[found.ordinal] !== 'number') {
    return `${address.text} is not assigned\n${listed}`;
  }
  const { block, ordinal } = found;
  const { releasedAt, secondary, alternateOwnerAttrs } = attributeAt(block, ordinal) ?? {};
  if (releasedAt !== undefined) return `address ${address.text} is in cooldown (released at ${releasedAt})\n${listed}`;
  return [
    `IP ${address.text} is in use\n`,
    `Handle ID: ${handleAt(block, ordinal) ?? '<none>'}\n`,
    attributesText('Active Owner Attributes', secondary) || 'No Active Owner attributes defined\n',
    attributesText('Alternate Owner Attributes', alternateOwnerAttrs),
    `Block: ${found.cidr.text} ${block.affinity === null ? 'without an owner' : `of ${block.affinity}`}, ${found.pool === undefined ? 'outside all pools' : `pool ${found.pool}`}\n`,
    listed,
  ].join('');
}

function attributesText(title: string, attributes: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return lines.length === 0 ? '' : `${title}:\n${lines.map(([name, value]) => `  ${name}: ${value}\n`).join('')}`;
}
