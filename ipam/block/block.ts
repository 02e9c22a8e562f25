import { rfc3339Seconds } from '../../shared/calico/go-time.ts';
import type { AllocationAttribute, Block } from '../../shared/calico/model.ts';
import { type Cidr, size } from '../../shared/net/cidr.ts';
import { isReserved, type Reservations } from '../config/reservations.ts';
import { isSetAside } from './purpose.ts';

/*
 * One block as a value. What must hold, by its number in test/support/invariants.ts, and the test under test/unit/ipam that guards it:
 * - 3, 4: every allocation points to an attribute, every attribute is pointed to; block.test.ts "renumbers attributes without gaps"
 * - 5: the queue of free addresses is what is not allocated, each once; block.test.ts "whose queue names an allocated address"
 * - 6, 7, 27: a version counts up by 1, exactly, beyond 2^53; an address carries the number before that; block.test.ts "is
 *   written back byte for byte", model.test.ts
 * - 8: calls do not share attributes, addresses of one call do; block.test.ts "shares one attribute"
 * - 9: a release time has no handle and only stands while there is a cooldown; block.test.ts "keeps a released address"
 * - 20: an address is given again after all that were free before it; block.test.ts "queues released addresses behind"
 */

const NANOSECONDS = 1_000_000_000n;

const ownerOf = (node: string): string => `host:${node}`;
export const isOwnedBy = (block: Block, node: string): boolean => block.affinity === ownerOf(node);

/** The node that owns a block; undefined for a block without owner or of another kind of owner (`virtual:`). */
export const owningNode = (block: Block): string | undefined =>
  block.affinity?.startsWith('host:') === true ? block.affinity.slice('host:'.length) : undefined;

/** A block that does not exist yet: all addresses free, in ascending order. */
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

/** An empty block in the hands of another node, its free addresses in the order in which they were given back. */
export function reclaimed(block: Block, node: string, now: bigint): Block {
  const taken = block.allocations.flatMap((index, ordinal) => (index === null ? [] : ordinal));
  return { ...freed(block, taken), affinity: ownerOf(node), affinity_claim_time: rfc3339Seconds(now) };
}

/** The free address that has waited longest and is not reserved; its ordinal, or undefined when the block has none. */
export function firstFree(block: Block, cidr: Cidr, reservations: Reservations): number | undefined {
  return block.unallocated.find((ordinal) => !isReserved(reservations, cidr.family, cidr.base + BigInt(ordinal)));
}

/** Cuts what follows a carriage return: handles stored by Windows nodes carry one (Calico compares them so). */
export const sanitizedHandle = (handleID: string): string => handleID.replace(/\r.*$/s, '');

/** Handle of an allocated ordinal; undefined when it is free, cooling down, or was taken without one. */
export function handleAt(block: Block, ordinal: number): string | undefined {
  const handleID = attributeAt(block, ordinal)?.handle_id;
  return handleID === undefined ? undefined : sanitizedHandle(handleID);
}

/** Ordinals a handle holds, ascending. */
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

/** Whether an ordinal is taken, and not merely cooling down after its release. */
export const isInUse = (block: Block, ordinal: number): boolean =>
  typeof block.allocations[ordinal] === 'number' && attributeAt(block, ordinal)?.releasedAt === undefined;

export function attributeAt(block: Block, ordinal: number): AllocationAttribute | undefined {
  const index = block.allocations[ordinal];
  return typeof index === 'number' ? block.attributes?.[index] : undefined;
}

/** Whether the block could be given up: an address cooling down still counts as taken, one set aside by Windows does not. */
export const isEmpty = (block: Block): boolean =>
  block.allocations.every((index, ordinal) => index === null || isSetAside(attributeAt(block, ordinal)?.handle_id));

/** The block with ordinals taken under one attribute, which is shared with an equal one already there. */
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

/** How addresses are given back: at once, or only after `cooldown` seconds, which end before the next use. */
export interface Giving {
  readonly now: bigint;
  readonly cooldown: number;
  /** Releases by address mark a cooling ordinal with the block's sequence number; releases by handle do not. */
  readonly stamp: boolean;
}

/** The block with ordinals given back, to the end of the queue of free addresses. */
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

/** The block with every address freed whose cooldown is over; it is the same block, not a new version of it. */
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

/** The block as a new version: every write counts the sequence number up (in 64 bits), which makes stale releases fail. */
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

/** Attributes that no ordinal points to are dropped, the others renumbered in their order. */
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

/** Equal as Calico compares: a second owner or a release time makes an entry its own. */
const isSame = (a: AllocationAttribute, b: AllocationAttribute): boolean =>
  a.handle_id === b.handle_id &&
  a.alternateOwnerAttrs === undefined &&
  a.releasedAt === undefined &&
  sameStrings(a.secondary ?? {}, b.secondary ?? {});

function sameStrings(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
