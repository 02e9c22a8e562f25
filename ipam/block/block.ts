import { rfc3339Seconds } from '../../shared/calico/go-time.ts';
import type { AllocationAttribute, Block } from '../../shared/calico/model.ts';
import { type Cidr, size } from '../../shared/net/cidr.ts';
import { isReserved, type Reservations } from '../config/reservations.ts';
import { isSetAside } from './purpose.ts';

/*
 * One block as a value. Invariants, numbered as in test/support/invariants/invariants.ts, each with the test under test/unit/ipam that holds it:
 * - 3, 4: every allocation points to an attribute, and every attribute is used; block.test.ts "renumbers attributes without gaps"
 * - 5: the queue holds exactly the free addresses, each once; block.test.ts "whose queue names an allocated address"
 * - 6, 7, 27: each write adds 1 to the sequence number, exact beyond 2^53; an address keeps the number before its write; block.test.ts "is
 *   written back byte for byte", model.test.ts
 * - 8: the addresses of one call share an attribute, those of different calls do not; block.test.ts "shares one attribute"
 * - 9: an attribute with a release time has no handle, and exists only with a cooldown; block.test.ts "keeps a released address"
 * - 20: a released address is assigned after all that were free before it; block.test.ts "queues released addresses behind"
 */

const NANOSECONDS = 1_000_000_000n;

const ownerOf = (node: string): string => `host:${node}`;
export const isOwnedBy = (block: Block, node: string): boolean => block.affinity === ownerOf(node);

/** The node that owns a block; undefined without an owner or with another kind of owner (`virtual:`). */
export const owningNode = (block: Block): string | undefined =>
  block.affinity?.startsWith('host:') === true ? block.affinity.slice('host:'.length) : undefined;

/** A new block: all addresses free, in ascending order. */
export function newBlock(cidr: Cidr, node: string, now: bigint): Block {
  const ordinals = Array.from({ length: Number(size(cidr)) }, (_, ordinal) => ordinal);
  return {
    cidr: cidr.text,
    affinity: ownerOf(node),
    affinity_claim_time: rfc3339Seconds(now),
    allocations: ordinals.map(() => null),
    unallocated: ordinals,
    attributes: [],
    sequenceNumber: now,
    sequenceNumberForAllocation: {},
    deleted: false,
  };
}

/** An empty block handed to another node; the queue of free addresses keeps its order. */
export function reclaimed(block: Block, node: string, now: bigint): Block {
  const taken = block.allocations.flatMap((index, ordinal) => (index === null ? [] : ordinal));
  return { ...freed(block, taken), affinity: ownerOf(node), affinity_claim_time: rfc3339Seconds(now) };
}

/** The ordinal of the longest-free address that is not reserved; undefined when there is none. */
export function firstFree(block: Block, cidr: Cidr, reservations: Reservations): number | undefined {
  return block.unallocated.find((ordinal) => !isReserved(reservations, cidr.family, cidr.base + BigInt(ordinal)));
}

/** Cuts at a carriage return, which handles stored by Windows nodes contain (Calico compares them this way). */
export function sanitizedHandle(handleID: string): string {
  const cut = handleID.indexOf('\r');
  return cut === -1 ? handleID : handleID.slice(0, cut);
}

/** The handle of an allocated ordinal; undefined when it is free, cooling down or was assigned without one. */
export function handleAt(block: Block, ordinal: number): string | undefined {
  const handleID = attributeAt(block, ordinal)?.handle_id;
  return handleID === undefined ? undefined : sanitizedHandle(handleID);
}

/** The ordinals that a handle holds, ascending. */
export function ordinalsOf(block: Block, handleID: string): readonly number[] {
  const wanted = sanitizedHandle(handleID);
  const indexes = new Set(
    (block.attributes ?? []).flatMap((attribute, index) => (holds(attribute, wanted) ? index : [])),
  );
  if (indexes.size === 0) return [];
  return block.allocations.flatMap((index, ordinal) => (index !== null && indexes.has(index) ? ordinal : []));
}

const holds = (attribute: AllocationAttribute, handleID: string): boolean =>
  attribute.handle_id !== undefined && sanitizedHandle(attribute.handle_id) === handleID;

/** Whether an ordinal is assigned, not just cooling down. */
export const isInUse = (block: Block, ordinal: number): boolean =>
  typeof block.allocations[ordinal] === 'number' && attributeAt(block, ordinal)?.releasedAt === undefined;

export function attributeAt(block: Block, ordinal: number): AllocationAttribute | undefined {
  const index = block.allocations[ordinal];
  return typeof index === 'number' ? block.attributes?.[index] : undefined;
}

/** Whether the block can be released: addresses cooling down count as used, those reserved by Windows do not. */
export const isEmpty = (block: Block): boolean =>
  block.allocations.every((index, ordinal) => index === null || isSetAside(attributeAt(block, ordinal)?.handle_id));

/** The block with ordinals assigned under one attribute; an equal attribute that is already there is reused. */
export function allocate(block: Block, ordinals: readonly number[], attribute: AllocationAttribute): Block {
  const attributes = block.attributes ?? [];
  const known = attributes.findIndex((other) => isSame(other, attribute));
  const index = known === -1 ? attributes.length : known;
  const taken = new Set(ordinals);
  const stamps = Object.fromEntries(ordinals.map((ordinal) => [ordinal, block.sequenceNumber]));
  return rewritten({
    ...block,
    allocations: block.allocations.map((old, ordinal) => (taken.has(ordinal) ? index : old)),
    unallocated: block.unallocated.filter((ordinal) => !taken.has(ordinal)),
    attributes: known === -1 ? [...attributes, attribute] : attributes,
    sequenceNumberForAllocation: { ...block.sequenceNumberForAllocation, ...stamps },
  });
}

/** A change of an address's owners: the active one, or the second one during a virtual machine's migration. Undefined: none. */
export type OwnerChange = {
  readonly [K in 'secondary' | 'alternateOwnerAttrs']?: AllocationAttribute[K] | undefined;
};

/**
 * The block with the owners of some ordinals changed; others that share an attribute with them share the change. The same object
 * when nothing changes.
 */
export function withOwners(
  block: Block,
  ordinals: readonly number[],
  change: (attribute: AllocationAttribute) => OwnerChange,
): Block {
  const indexes = new Set(ordinals.map((ordinal) => block.allocations[ordinal]));
  const changes = (block.attributes ?? []).map((attribute, index) => (indexes.has(index) ? change(attribute) : {}));
  if (changes.every((each) => Object.keys(each).length === 0)) return block;
  const attributes = (block.attributes ?? []).map(
    (attribute, index): AllocationAttribute =>
      Object.fromEntries(
        Object.entries({ ...attribute, ...changes[index] }).filter(([, value]) => value !== undefined),
      ),
  );
  return rewritten({ ...block, attributes });
}

/** How addresses are released: at once, or after `cooldown` seconds. */
export interface Giving {
  readonly now: bigint;
  readonly cooldown: number;
  /** Release by address stores the block's sequence number with a cooling ordinal; release by handle does not. */
  readonly stamp: boolean;
}

/** The block with ordinals released to the end of the queue of free addresses. */
export function release(block: Block, ordinals: readonly number[], giving: Giving): Block {
  if (giving.cooldown <= 0) return rewritten(freed(block, ordinals));
  const attributes = block.attributes ?? [];
  const given = new Set(ordinals);
  const stamps = giving.stamp ? ordinals.map((ordinal) => [ordinal, block.sequenceNumber]) : [];
  const cooling = {
    ...block,
    allocations: block.allocations.map((old, ordinal) => (given.has(ordinal) ? attributes.length : old)),
    attributes: [...attributes, { releasedAt: rfc3339Seconds(giving.now) }],
    sequenceNumberForAllocation: { ...block.sequenceNumberForAllocation, ...Object.fromEntries(stamps) },
  };
  return rewritten(compacted(cooling));
}

/** The block with all cooled-down addresses freed. The sequence number stays the same. */
export function settled(block: Block, now: bigint, cooldown: number): Block {
  const limit = now - BigInt(Math.max(cooldown, 0)) * NANOSECONDS;
  const over = new Set((block.attributes ?? []).flatMap((attribute, index) => (isOver(attribute, limit) ? index : [])));
  if (over.size === 0) return block;
  return freed(
    block,
    block.allocations.flatMap((index, ordinal) => (index !== null && over.has(index) ? ordinal : [])),
  );
}

const isOver = ({ releasedAt }: AllocationAttribute, limit: bigint): boolean =>
  releasedAt !== undefined && BigInt(Date.parse(releasedAt)) * 1_000_000n < limit;

/** The block to write: every write increments the 64-bit sequence number, so that stale releases fail. */
export const rewritten = (block: Block): Block => ({
  ...block,
  sequenceNumber: BigInt.asUintN(64, block.sequenceNumber + 1n),
});

function freed(block: Block, ordinals: readonly number[]): Block {
  const given = new Set(ordinals);
  const stamps = Object.entries(block.sequenceNumberForAllocation ?? {});
  return compacted({
    ...block,
    allocations: block.allocations.map((old, ordinal) => (given.has(ordinal) ? null : old)),
    unallocated: [...block.unallocated, ...[...given].sort((a, b) => a - b)],
    sequenceNumberForAllocation: Object.fromEntries(stamps.filter(([ordinal]) => !given.has(Number(ordinal)))),
  });
}

/** Drops unused attributes and renumbers the others in order. */
function compacted(block: Block): Block {
  const used = new Set(block.allocations);
  const attributes = block.attributes ?? [];
  const places = new Map(
    attributes.flatMap((_, index) => (used.has(index) ? index : [])).map((index, place) => [index, place]),
  );
  return {
    ...block,
    allocations: block.allocations.map((index) => (index === null ? null : (places.get(index) ?? null))),
    attributes: attributes.filter((_, index) => used.has(index)),
  };
}

/** Equality as Calico defines it: attributes with an alternate owner or a release time are never equal. */
const isSame = (a: AllocationAttribute, b: AllocationAttribute): boolean =>
  a.handle_id === b.handle_id &&
  a.alternateOwnerAttrs === undefined &&
  a.releasedAt === undefined &&
  sameStrings(a.secondary ?? {}, b.secondary ?? {});

function sameStrings(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
