import { type ListQuery, affinitiesOf as queryAffinities } from '../../shared/datastore/query.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { affinitiesOf, confirm } from '../block/affinity.ts';
import { AS_STORED, tryBlockAt } from '../block/ask.ts';
import { isOwnedBy, rewritten } from '../block/block.ts';
import { encodeBlock } from '../block/block-json.ts';

const BLOCKS: ListQuery = { all: 'block' };

/**
 * Claims this node's blocks that lost their affinity; nothing else would find them. They exist where commits are not
 * transactions, after a kill between the two writes. The block is rewritten between the pending and the confirmed claim:
 * that fails if another node has taken it over meanwhile.
 */
export function* claimUnclaimed(node: string): Plan<Outcome<undefined>> {
  const view = yield [queryAffinities(node), BLOCKS];
  const claimed = new Set(affinitiesOf(view, node).map(({ cidr }) => cidr.text));
  const changes = view.list(BLOCKS).flatMap(({ ref }) => {
    if (ref.kind !== 'block' || claimed.has(ref.cidr.text)) return [];
    const block = tryBlockAt(view, ref.cidr, AS_STORED);
    if (typeof block !== 'object' || !isOwnedBy(block, node)) return [];
    return [confirm(node, ref.cidr), { ref, next: encodeBlock(rewritten(block)) }];
  });
  return { changes, answer: undefined };
}
