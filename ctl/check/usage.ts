import { poolOf } from '../../ipam/pools.ts';
import { type Address, addressOf, addressText } from '../../shared/net/address.ts';
import { blockOf } from '../../shared/net/cidr.ts';
import type { Tally } from './allocations.ts';
import type { Cluster } from './cluster.ts';
import { type Endpoint, nameOf } from './endpoints.ts';
import type { Finding } from './finding.ts';

/** Whether a block exists, and whether it can be read. */
export type Blocks = ReadonlyMap<string, 'read' | 'unreadable'>;

/** What endpoints use and IPAM knows nothing of, or knows twice. */
export function usageFindings(cluster: Cluster, tally: Tally, blocks: Blocks): readonly Finding[] {
  const found: Finding[] = [];
  for (const number of cluster.users.addresses()) {
    const users = cluster.users.of(number);
    const address = addressOf(typeof number === 'number' ? 4 : 6, BigInt(number));
    if (users.length > 1 && !tally.moving.has(number) && new Set(users.map(({ key }) => key)).size > 1) {
      found.push(twice(address, users));
    }
    const [user] = users;
    if (user !== undefined && !tally.agreed.has(number)) {
      found.push(...unknownTo(cluster, address, user, blocks));
    }
  }
  return found;
}

function twice(address: Address, users: readonly Endpoint[]): Finding {
  const names = users.map(nameOf).join(' and ');
  return { kind: 'duplicate', text: `${address.text}: endpoints ${names}`, seen: {}, address: address.text };
}

function unknownTo(cluster: Cluster, address: Address, user: Endpoint, blocks: Blocks): readonly Finding[] {
  const pool = poolOf(cluster.pools, address);
  if (pool === undefined) return [];
  const cidr = blockOf(address, pool.blockSize).text;
  const block = blocks.get(cidr);
  const text = `${addressText(address.family, address.value)}: endpoint ${nameOf(user)}`;
  const seen = { [user.key]: user.revision };
  if (block === 'unreadable') return [];
  if (block === undefined) {
    return [{ kind: 'no-block', text: `${text}, in pool ${pool.name}`, seen, address: address.text }];
  }
  const whole = `${text}, but block ${cidr} holds it as free`;
  return [{ kind: 'not-allocated', text: whole, seen, address: address.text, cidr }];
}
