import type { Block } from '../../../shared/calico/model.ts';
import { nthAddress } from '../../../shared/net/cidr.ts';
import { blocksOf, type Dump, type SeenBlock } from './ipam-dump.ts';

export interface Step {
  /** Whether the assigned addresses were chosen by the allocator, not requested. */
  readonly automatic: boolean;
  /** Addresses that the allocator must not choose. */
  readonly isReserved?: (address: string) => boolean;
}

/** What one write of the store violates (invariants 7, 18 and 20 of invariants.ts, which no single dump shows). */
export function transitionViolations(before: Dump, after: Dump, step: Step): readonly string[] {
  const earlier = new Map(blocksOf(before).map((block) => [block.cidr, block]));
  return blocksOf(after).flatMap((block) => {
    const old = earlier.get(block.cidr);
    if (old !== undefined && before[block.key] === after[block.key]) return [];
    return [...(old === undefined ? [] : countProblems(old, block)), ...choiceProblems(old, block, step)];
  });
}

const countProblems = (old: SeenBlock, block: SeenBlock): readonly string[] =>
  block.sequenceNumber === old.sequenceNumber + 1n
    ? []
    : [`7: ${block.cidr} went from ${old.sequenceNumber} to ${block.sequenceNumber}`];

function choiceProblems(old: SeenBlock | undefined, block: SeenBlock, step: Step): readonly string[] {
  const taken = block.allocations.flatMap((index, ordinal) =>
    index !== null && (old?.allocations[ordinal] ?? null) === null ? ordinal : [],
  );
  if (!step.automatic || taken.length === 0) return [];
  const isReserved = (ordinal: number) => step.isReserved?.(nthAddress(block.at, ordinal)) === true;
  const queue = (old?.unallocated ?? block.allocations.map((_, ordinal) => ordinal)).filter(
    (ordinal) => !isReserved(ordinal),
  );
  // Addresses whose cooldown is over join the end of the queue in the write that assigns one.
  const first = queue.length === 0 ? taken : queue.slice(0, taken.length);
  const reserved = taken.filter(isReserved).map((ordinal) => `18: ${nthAddress(block.at, ordinal)} is reserved`);
  const hurried = sameSet(first, taken) ? [] : [`20: ${block.cidr} gave ${taken.join()} with ${queue.join()} waiting`];
  return [...reserved, ...hurried];
}

const sameSet = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((item) => b.includes(item));

/** Addresses in use in a dump, each as often as it is used. */
export const usedAddresses = (dump: Dump): readonly string[] =>
  blocksOf(dump).flatMap((block) =>
    block.allocations.flatMap((index, ordinal) => (isUsed(block, index) ? nthAddress(block.at, ordinal) : [])),
  );

const isUsed = (block: Block, index: number | null): boolean =>
  index !== null && block.attributes?.[index]?.releasedAt === undefined;
