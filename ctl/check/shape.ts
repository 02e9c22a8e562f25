import { release, settled } from '../../ipam/block/block.ts';
import { isSetAside } from '../../ipam/block/purpose.ts';
import { rfc3339Seconds } from '../../shared/calico/go-time.ts';
import type { AllocationAttribute, Block } from '../../shared/calico/model.ts';
import type { FindingKind } from './finding.ts';

/*
 * What must hold within a single block. Reading a block corrects its queue, so the stored queue is passed separately.
 */

/** Something wrong inside a block. */
interface Flaw {
  readonly kind: FindingKind;
  readonly text: string;
}

/** The time, and the cooldown of released addresses. */
export interface Rest {
  readonly now: bigint;
  readonly cooldown: number;
}

/** How far a node's clock may be ahead. */
const SKEW_SECONDS = 60n;

/** Everything that is wrong inside a block; `queue` is its list of free addresses as stored. */
export function flawsOf(block: Block, queue: readonly number[], rest: Rest): readonly Flaw[] {
  return [
    ...queueFlaws(block, queue),
    ...attributeFlaws(block),
    ...sequenceFlaws(block),
    ...coolingFlaws(block, rest),
    ...claimTimeFlaws(block),
  ];
}

/** The block with all of this corrected, as its next version. */
export function straightened(block: Block, rest: Rest): Block {
  const attributes = (block.attributes ?? []).map((attribute) => rested(attribute, rest));
  const settling = settled({ ...block, attributes }, rest.now, rest.cooldown);
  const stamped = restamped(settling);
  const { affinity_claim_time: claimed, ...others } = stamped;
  const owned = block.affinity === null || claimed === undefined ? others : stamped;
  // Releasing nothing drops the attributes that no address refers to.
  return release(owned, [], { now: rest.now, cooldown: 0, stamp: false });
}

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((value, at) => value === b[at]);

function queueFlaws(block: Block, queue: readonly number[]): readonly Flaw[] {
  if (same(queue, block.unallocated)) return [];
  const free = block.unallocated.length;
  const text = `the queue has ${queue.length} entries for ${free} free addresses, or lists the wrong ones`;
  return [{ kind: 'queue', text }];
}

function attributeFlaws(block: Block): readonly Flaw[] {
  const attributes = block.attributes ?? [];
  const used = new Set(block.allocations);
  const idle = attributes.flatMap((_, index) => (used.has(index) ? [] : index));
  const flaws: Flaw[] = [];
  if (idle.length > 0) flaws.push({ kind: 'attributes', text: `no address uses attribute ${idle.join(', ')}` });
  const assigned = attributes.filter(
    ({ secondary, releasedAt }) => secondary !== undefined && releasedAt === undefined,
  );
  if (haveEqual(assigned)) flaws.push({ kind: 'alike', text: 'identical attributes that could be merged' });
  return flaws;
}

/** Comparing handles first distinguishes most, at a fraction of the cost. */
function haveEqual(attributes: readonly AllocationAttribute[]): boolean {
  if (new Set(attributes.map(({ handle_id }) => handle_id)).size === attributes.length) return false;
  return new Set(attributes.map(identity)).size < attributes.length;
}

const identity = ({ handle_id, secondary = {}, alternateOwnerAttrs = {} }: AllocationAttribute): string =>
  JSON.stringify([handle_id, Object.entries(secondary).sort(), Object.entries(alternateOwnerAttrs).sort()]);

/** Windows nodes reserve addresses without a sequence number. */
const needsStamp = (block: Block, index: number): boolean => !isSetAside(block.attributes?.[index]?.handle_id);

function sequenceFlaws(block: Block): readonly Flaw[] {
  const stamps = block.sequenceNumberForAllocation ?? {};
  const missing = block.allocations.some(
    (index, ordinal) => index !== null && stamps[ordinal] === undefined && needsStamp(block, index),
  );
  // The original's releases leave those of free addresses, which nobody reads.
  const used = Object.entries(stamps).filter(([ordinal]) => typeof block.allocations[Number(ordinal)] === 'number');
  const late = used.some(([, stamp]) => stamp >= block.sequenceNumber);
  const texts = [
    ...(missing ? ['allocated addresses without a sequence number'] : []),
    ...(late ? ["an address's sequence number is not below the block's"] : []),
  ];
  return texts.map((text) => ({ kind: 'sequence', text }));
}

function restamped(block: Block): Block {
  const stamps = Object.entries(block.sequenceNumberForAllocation ?? {}).filter(
    ([ordinal]) => typeof block.allocations[Number(ordinal)] === 'number',
  );
  let { sequenceNumber } = block;
  for (const [, stamp] of stamps) if (stamp > sequenceNumber) sequenceNumber = stamp;
  const known = Object.fromEntries(stamps);
  const missing = block.allocations.flatMap((index, ordinal) =>
    index !== null && known[ordinal] === undefined && needsStamp(block, index) ? [[ordinal, sequenceNumber]] : [],
  );
  return { ...block, sequenceNumber, sequenceNumberForAllocation: { ...known, ...Object.fromEntries(missing) } };
}

const isFuture = (releasedAt: string, { now }: Rest): boolean =>
  BigInt(Date.parse(releasedAt)) * 1_000_000n > now + SKEW_SECONDS * 1_000_000_000n;

function coolingFlaws(block: Block, rest: Rest): readonly Flaw[] {
  return (block.attributes ?? []).flatMap((attribute): readonly Flaw[] => {
    const why = unrest(attribute, rest);
    return why === undefined ? [] : [{ kind: 'cooling', text: `released at ${attribute.releasedAt}, ${why}` }];
  });
}

function unrest({ releasedAt, handle_id }: AllocationAttribute, rest: Rest): string | undefined {
  if (releasedAt === undefined) return undefined;
  if (handle_id !== undefined) return `still with handle ${handle_id}`;
  if (isFuture(releasedAt, rest)) return 'which is in the future';
  return rest.cooldown <= 0 ? 'though there is no cooldown' : undefined;
}

function rested(attribute: AllocationAttribute, rest: Rest): AllocationAttribute {
  const { releasedAt, handle_id: _, ...others } = attribute;
  if (releasedAt === undefined) return attribute;
  return { ...others, releasedAt: isFuture(releasedAt, rest) ? rfc3339Seconds(rest.now) : releasedAt };
}

const claimTimeFlaws = (block: Block): readonly Flaw[] =>
  block.affinity === null && block.affinity_claim_time !== undefined
    ? [{ kind: 'claim-time', text: `has no owner, but a claim time of ${block.affinity_claim_time}` }]
    : [];
