import { isEmpty } from '../../ipam/block/block.ts';
import { decodeBlock, encodeBlock } from '../../ipam/block/block-json.ts';
import { type AffinityName, blockKey } from '../../shared/calico/keys.ts';
import type { Block } from '../../shared/calico/model.ts';
import { type Outcome, one, type Plan, type Write } from '../../shared/datastore/view.ts';

/**
 * Decides how a claim on a block is given up, whatever the block holds: an empty block goes, one with addresses belongs to
 * nobody from then on. A claim on another owner's block, or on none, goes alone. Throws for a block that cannot be read.
 */
export function* releaseClaim(key: string, { type, node, cidr }: AffinityName): Plan<Outcome<undefined>> {
  const its = blockKey(cidr);
  const view = yield [one(key), one(its)];
  const gone: readonly Write[] = view.get(key) === undefined ? [] : [{ key, value: undefined }];
  const entry = view.get(its);
  if (entry === undefined) return { writes: gone, guards: gone.length > 0 ? [its] : [], answer: undefined };
  const block = decodeBlock(cidr, entry.value);
  if (block.affinity !== `${type}:${node}` && block.affinity !== null) return { writes: gone, answer: undefined };
  if (isEmpty(block)) return { writes: [{ key: its, value: undefined }, ...gone], answer: undefined };
  if (block.affinity === null) return { writes: gone, answer: undefined };
  return { writes: [{ key: its, value: encodeBlock(disowned(block)) }, ...gone], answer: undefined };
}

function disowned({ affinity_claim_time: _, ...block }: Block): Block {
  return { ...block, affinity: null, sequenceNumber: block.sequenceNumber + 1n };
}
