import { poolOf } from '../../ipam/config/pools.ts';
import { textOf } from '../../shared/datastore/ref.ts';
import { type Address, addressOf, addressText } from '../../shared/net/address.ts';
import { blockOf } from '../../shared/net/cidr.ts';
import type { Tally } from './allocations.ts';
import type { Cluster } from './cluster.ts';
import { type AddressNumber, type Endpoint, nameOf } from './endpoints.ts';
import { asSeen, type Finding } from './finding.ts';
import { isLeftBehind } from './left-behind.ts';

/** Whether a block exists, and whether it can be read. */
export type Blocks = ReadonlyMap<string, 'read' | 'unreadable'>;

/** Addresses that endpoints use but IPAM has as free, and addresses used twice. */
export function usageFindings(cluster: Cluster, tally: Tally, blocks: Blocks): readonly Finding[] {
  const found: Finding[] = [];
  for (const number of cluster.users.addresses()) {
    if (tally.agreed.has(number) && !cluster.users.isShared(number)) continue;
    const users = cluster.users.of(number);
    const address = addressAt(number);
    if (users.length > 1 && !tally.moving.has(number)) found.push(...sharedBy(cluster, address, users));
    const [user] = users;
    if (user !== undefined && !tally.agreed.has(number)) {
      found.push(...unknownTo(cluster, address, user, blocks));
    }
  }
  return [...found, ...cluster.users.late().map(lateStatus)];
}

/** Until a kubelet has looked at a new sandbox it reports the addresses of the one before, which may be another pod's by now. */
function lateStatus(endpoint: Endpoint): Finding {
  const texts = (numbers: readonly AddressNumber[]) => numbers.map((number) => addressAt(number).text).join(', ');
  const given = texts(endpoint.addresses);
  const then = given === '' ? 'the plugin has taken its addresses back' : `the plugin has given it ${given}`;
  const text = `${nameOf(endpoint)}: the kubelet reports ${texts(endpoint.reported ?? [])}, ${then}`;
  return { kind: 'late-status', text, seen: [asSeen(endpoint)] };
}

const addressAt = (number: AddressNumber): Address => addressOf(typeof number === 'number' ? 4 : 6, BigInt(number));

/** Where several endpoints have one address, those of deleted nodes do not count: they are findings of their own. */
function sharedBy(cluster: Cluster, { text: address }: Address, users: readonly Endpoint[]): readonly Finding[] {
  const living = users.filter((user) => !isLeftBehind(cluster, user));
  if (new Set(living.map(({ ref }) => textOf(ref))).size < 2) return [];
  const names = `${address}: endpoints ${living.map(nameOf).join(' and ')}`;
  const [container = '', ...others] = new Set(living.map(({ containerID }) => containerID));
  if (container === '' || others.length > 0) return [{ kind: 'duplicate', text: names, seen: [], address }];
  return [{ kind: 'twin', text: `${names} belong to the same container, ${container}`, seen: [], address }];
}

function unknownTo(cluster: Cluster, address: Address, user: Endpoint, blocks: Blocks): readonly Finding[] {
  const pool = poolOf(cluster.pools, address);
  if (pool === undefined) return [];
  const cidr = blockOf(address, pool.blockSize).text;
  const block = blocks.get(cidr);
  const text = `${addressText(address.family, address.value)}: endpoint ${nameOf(user)}`;
  const seen = [asSeen(user)];
  if (block === 'unreadable') return [];
  if (block === undefined) {
    return [{ kind: 'no-block', text: `${text}, in pool ${pool.name}`, seen, address: address.text }];
  }
  const whole = `${text}, but block ${cidr} has it as free`;
  return [{ kind: 'not-allocated', text: whole, seen, address: address.text, cidr }];
}
