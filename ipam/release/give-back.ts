import type { Block } from '../../shared/calico/model.ts';
import { affinityRef, blockRef, nodeRef } from '../../shared/datastore/ref.ts';
import type { Change, Plan, View } from '../../shared/datastore/view.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { ask } from '../block/ask.ts';
import { isEmpty, owningNode } from '../block/block.ts';
import { encodeBlock } from '../block/block-json.ts';
import { labelsOf } from '../config/node-labels.ts';
import { maySelect, poolOf, readPools } from '../config/pools.ts';

/**
 * What happens to a block after a release: an empty block without an owner is deleted. So are an empty block and its owner's
 * claim when the pool no longer selects that node. `view` must hold the pools.
 */
export function* giveBack(view: View, cidr: Cidr, block: Block): Plan<readonly Change[]> {
  const ref = blockRef(cidr);
  const put = [{ ref, next: encodeBlock(block) }];
  if (!isEmpty(block)) return put;
  if (block.affinity === null) return [{ ref, next: undefined }];
  const owner = owningNode(block);
  const pool = poolOf(
    readPools(view).filter((each) => each.enabled),
    cidr,
  );
  if (owner === undefined || pool === undefined || maySelect(pool, {})) return put;
  const claim = affinityRef(owner, cidr);
  yield* ask(view, [nodeRef(owner), claim]);
  const labels = labelsOf(view, owner);
  if (labels === undefined || maySelect(pool, labels)) return put;
  return [ref, ...(view.get(claim) ? [claim] : [])].map((each) => ({ ref: each, next: undefined }));
}
