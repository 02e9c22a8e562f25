import { affinityKey, blockKey, nodeKey } from '../../shared/calico/keys.ts';
import type { Block } from '../../shared/calico/model.ts';
import type { Plan, View, Write } from '../../shared/datastore/view.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { ask } from '../block/ask.ts';
import { isEmpty, owningNode } from '../block/block.ts';
import { encodeBlock } from '../block/block-json.ts';
import { labelsOf } from '../config/node-labels.ts';
import { maySelect, poolOf, readPools } from '../config/pools.ts';

/**
 * How a block is written after a release: an empty one that nobody owns goes, and so does one, with its owner's claim, whose
 * pool no longer selects that node. `view` must hold the pools.
 */
export function* giveBack(view: View, cidr: Cidr, block: Block): Plan<readonly Write[]> {
  const key = blockKey(cidr);
  const put = [{ key, value: encodeBlock(block) }];
  if (!isEmpty(block)) return put;
  if (block.affinity === null) return [{ key, value: undefined }];
  const owner = owningNode(block);
  const pool = poolOf(
    readPools(view).filter((each) => each.enabled),
    cidr,
  );
  if (owner === undefined || pool === undefined || maySelect(pool, {})) return put;
  const claim = affinityKey(owner, cidr);
  yield* ask(view, [nodeKey(owner), claim]);
  const labels = labelsOf(view, owner);
  if (labels === undefined || maySelect(pool, labels)) return put;
  return [key, ...(view.get(claim) ? [claim] : [])].map((each) => ({ key: each, value: undefined }));
}
