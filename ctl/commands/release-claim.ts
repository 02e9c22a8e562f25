import { isEmpty } from '../../ipam/block/block.ts';
import { decodeBlock, encodeBlock } from '../../ipam/block/block-json.ts';
import type { Block } from '../../shared/calico/model.ts';
import { get } from '../../shared/datastore/query.ts';
import { type AffinityRef, blockRef } from '../../shared/datastore/ref.ts';
import type { Change, Outcome, Plan } from '../../shared/datastore/view.ts';

/**
 * Decides how an affinity is released, whatever its block contains: an empty block is deleted, one with addresses loses its
 * owner. If the block has another owner, or does not exist, only the affinity is deleted. Throws for an unreadable block.
 */
export function* releaseClaim(claim: AffinityRef): Plan<Outcome<undefined>> {
  const { type, node, cidr } = claim;
  const its = blockRef(cidr);
  const view = yield [get(claim), get(its)];
  const gone: readonly Change[] = view.get(claim) === undefined ? [] : [{ ref: claim, next: undefined }];
  const entry = view.get(its);
  if (entry === undefined) return { changes: gone, guards: gone.length > 0 ? [its] : [], answer: undefined };
  const block = decodeBlock(cidr, entry.value, entry.at);
  if (block.affinity !== `${type}:${node}` && block.affinity !== null) return { changes: gone, answer: undefined };
  if (isEmpty(block)) return { changes: [{ ref: its, next: undefined }, ...gone], answer: undefined };
  if (block.affinity === null) return { changes: gone, answer: undefined };
  return { changes: [{ ref: its, next: encodeBlock(disowned(block)) }, ...gone], answer: undefined };
}

function disowned({ affinity_claim_time: _, ...block }: Block): Block {
  return { ...block, affinity: null, sequenceNumber: block.sequenceNumber + 1n };
}
