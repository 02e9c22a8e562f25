import { readPools } from '../../ipam/config/pools.ts';
import { BLOCK_NAMES, POOLS, type Query } from '../../shared/datastore/query.ts';
import type { View } from '../../shared/datastore/view.ts';
import { type Cidr, overlaps, parseCidr } from '../../shared/net/cidr.ts';
import { type Fault, refuseFaults } from '../resource/fault.ts';
import type { AnyResource } from '../resource/resource.ts';

/** What a new pool can conflict with: other pools, and blocks left by an earlier one. */
export const conflictReads: readonly Query[] = [POOLS, BLOCK_NAMES];

/** Throws when a new pool overlaps another one, or blocks of another size; `view` must hold conflictReads. */
export function refuseConflicts(view: View, pool: AnyResource): void {
  const cidr = parseCidr(String(pool.spec?.['cidr']));
  if (cidr === undefined) return;
  refuseFaults(poolFaults(view, pool, cidr));
  const size = pool.spec?.['blockSize'];
  const blocks = view.answer(BLOCK_NAMES).refs.flatMap((ref) => (ref.kind === 'block' ? [ref.cidr] : []));
  if (!blocks.some((block) => block.length !== size && overlaps(block, cidr))) return;
  const reason = 'IPPool blocksSize conflicts with existing allocations that use a different blockSize';
  refuseFaults([{ field: 'IPPool.Spec.BlockSize', value: size, reason }]);
}

function poolFaults(view: View, { metadata }: AnyResource, cidr: Cidr): readonly Fault[] {
  const others = readPools(view).filter((other) => other.name !== metadata.name && overlaps(other.cidr, cidr));
  return others.map((other) => ({
    field: 'IPPool.Spec.CIDR',
    value: cidr.text,
    reason: `IPPool(${metadata.name}) CIDR overlaps with IPPool(${other.name}) CIDR ${other.cidr.text}`,
  }));
}
