import { asObject, objectOrNothing } from '../../shared/calico/stored.ts';
import type { ListQuery } from '../../shared/datastore/query.ts';
import { blockRef, handleRef, isSame } from '../../shared/datastore/ref.ts';
import type { Plan, View } from '../../shared/datastore/view.ts';
import { type Failure, failure } from '../../shared/error/failure.ts';
import { type Affine, isConfirmed } from '../block/affinity.ts';

const NONE: ReadonlySet<string> = new Set();
const HANDLES: ListQuery = { all: 'handle' };

/**
 * The block CIDRs of a node's claims whose block is missing while other handles still name it: the block was deleted by hand,
 * and its addresses may be in use. Handles are read only when a block is missing.
 */
export function* lostBlocks(view: View, affine: readonly Affine[], handleID: string): Plan<ReadonlySet<string>> {
  const bare = affine.filter((claim) => isConfirmed(claim) && view.get(blockRef(claim.cidr)) === undefined);
  if (bare.length === 0) return NONE;
  yield [HANDLES];
  const others = view.list(HANDLES).filter(({ ref }) => !isSame(ref, handleRef(handleID)));
  const named = new Set(
    others.flatMap(({ at, value }) => Object.keys(asObject(objectOrNothing(at, value)?.['block']) ?? {})),
  );
  return new Set(bare.map(({ cidr }) => cidr.text).filter((text) => named.has(text)));
}

/** Describes a lost block. */
export const lostText = (cidr: string): string =>
  `block ${cidr} is missing, but handles name it: its addresses may be in use; run calicoctl ipam check for details, calicoctl ipam repair to rebuild it`;

export const lostError = (cidr: string): Failure =>
  failure(`cannot assign an address from block ${cidr}, which is missing`, lostText(cidr));
