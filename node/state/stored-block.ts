import { readJson } from '../../shared/bytes/json.ts';
import { asObject } from '../../shared/calico/stored.ts';
import type { Entry } from '../../shared/datastore/query.ts';
import { failure } from '../../shared/error/failure.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { type Cidr, nthAddress } from '../../shared/net/cidr.ts';
import type { BlockRouting } from './network-state.ts';

/** What is long, and not needed. */
const LEFT_OUT = { unallocated: true, sequenceNumberForAllocation: true } as const;

/** A stored block. Throws a Failure when a value has the wrong type. */
export function storedBlock(cidr: Cidr, { at, value }: Entry): BlockRouting {
  const refuse = (why: string) => failure(`block ${cidr.text} is not used: ${why} (${at})`);
  const { affinity, allocations, attributes } = fieldsOf(value) ?? {};
  if (!Array.isArray(allocations)) throw refuse('allocations is not a list');
  if (!Array.isArray(attributes ?? [])) throw refuse('attributes is not a list');
  if (typeof (affinity ?? '') !== 'string') throw refuse('affinity is not a text');
  const node =
    typeof affinity === 'string' && affinity.startsWith('host:') ? affinity.slice('host:'.length) : undefined;
  return { cidr, node, borrowed: borrowedFrom(cidr, node, allocations, Array.isArray(attributes) ? attributes : []) };
}

function fieldsOf(value: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(readJson(value, LEFT_OUT));
  } catch {
    return undefined;
  }
}

function borrowedFrom(
  cidr: Cidr,
  owner: string | undefined,
  allocations: readonly unknown[],
  attributes: readonly unknown[],
): BlockRouting['borrowed'] {
  const borrowers = attributes.map((attribute) => {
    const node = asObject(asObject(attribute)?.['secondary'])?.['node'];
    return typeof node === 'string' && node !== '' && node !== owner ? node : undefined;
  });
  // As in nearly every block.
  if (borrowers.every((node) => node === undefined)) return [];
  const borrowed: { address: NonNullable<ReturnType<typeof parseAddress>>; node: string }[] = [];
  for (const [ordinal, index] of allocations.entries()) {
    const node = typeof index === 'number' ? borrowers[index] : undefined;
    const address = node === undefined ? undefined : parseAddress(nthAddress(cidr, ordinal));
    if (node !== undefined && address !== undefined) borrowed.push({ address, node });
  }
  return borrowed;
}
