import { asObject, objectOrNothing } from '../../shared/calico/stored.ts';
import type { ListQuery } from '../../shared/datastore/query.ts';
import { blockRef, handleRef, isSame } from '../../shared/datastore/ref.ts';
import type { Plan, View } from '../../shared/datastore/view.ts';
import { type Failure, failure } from '../../shared/error/failure.ts';
import { type Affine, isConfirmed } from '../block/affinity.ts';

const NONE: ReadonlySet<string> = new Set();
const HANDLES: ListQuery = { all: 'handle' };

/**
 * Those of a node's claims, by the CIDR of their blocks, which stand though the block is gone and others' handles still name it:
 * somebody deleted the block, and what its addresses are used for is not known. Only where a block is gone are handles read.
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

/** A lost block in words. */
export const lostText = (cidr: string): string =>
  `block ${cidr} is gone, but handles name it: its addresses may be in use; calicoctl ipam check tells, calicoctl ipam repair rebuilds it`;

export const lostError = (cidr: string): Failure =>
  failure(`cannot assign an address of block ${cidr}, which is gone`, lostText(cidr));
