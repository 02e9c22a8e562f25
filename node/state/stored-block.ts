import type { WatchedEntry } from '../../shared/datastore/watch.ts';
import { failure } from '../../shared/error/failure.ts';
import { type Address, parseAddress } from '../../shared/net/address.ts';
import { type Cidr, nthAddress } from '../../shared/net/cidr.ts';
import type { BlockRouting } from './network-state.ts';
import { fieldsOf } from './watched-entry.ts';

/** What is long, and not needed: of a full block nine tenths. */
const LEFT_OUT = {
  unallocated: true,
  sequenceNumberForAllocation: true,
  attributes: { handle_id: true, secondary: { namespace: true, pod: true, timestamp: true } },
} as const;

/** A stored block. Throws a Failure when a value has the wrong type. */
export function storedBlock(cidr: Cidr, entry: WatchedEntry): BlockRouting {
  const refuse = (why: string) => failure(`block ${cidr.text} is not used: ${why} (${entry.at})`);
  const { affinity, allocations, attributes } = fieldsOf(entry, LEFT_OUT) ?? {};
  if (!Array.isArray(allocations)) throw refuse('allocations is not a list');
  if (!Array.isArray(attributes ?? [])) throw refuse('attributes is not a list');
  if (typeof (affinity ?? '') !== 'string') throw refuse('affinity is not a text');
  const node =
    typeof affinity === 'string' && affinity.startsWith('host:') ? affinity.slice('host:'.length) : undefined;
  return { cidr, node, borrowed: borrowedFrom(cidr, node, allocations, Array.isArray(attributes) ? attributes : []) };
}

/** Addresses that are in use on another node than the owner. */
function borrowedFrom(
  cidr: Cidr,
  owner: string | undefined,
  allocations: readonly unknown[],
  attributes: readonly unknown[],
): BlockRouting['borrowed'] {
  // In nearly every block there are none. A plain loop: two thousand blocks have a hundred thousand attributes.
  let isLent = false;
  for (const attribute of attributes) if (borrowerIn(attribute, owner) !== undefined) isLent = true;
  if (!isLent) return [];
  const borrowed: { address: Address; node: string }[] = [];
  for (const [ordinal, index] of allocations.entries()) {
    const node = typeof index === 'number' ? borrowerIn(attributes[index], owner) : undefined;
    const address = node === undefined ? undefined : parseAddress(nthAddress(cidr, ordinal));
    if (node !== undefined && address !== undefined) borrowed.push({ address, node });
  }
  return borrowed;
}

function borrowerIn(attribute: unknown, owner: string | undefined): string | undefined {
  const node = (attribute as { readonly secondary?: { readonly node?: unknown } | null } | null)?.secondary?.node;
  return typeof node === 'string' && node !== '' && node !== owner ? node : undefined;
}
