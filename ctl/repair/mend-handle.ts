import { attributeAt, ordinalsOf } from '../../ipam/block/block.ts';
import { decodeBlock } from '../../ipam/block/block-json.ts';
import { readHandle, type StoredHandle, writeHandle } from '../../ipam/block/handle.ts';
import { get } from '../../shared/datastore/query.ts';
import { blockRef, handleRef } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { type Cidr, parseCidr } from '../../shared/net/cidr.ts';
import type { Finding } from '../check/finding.ts';
import { changedSince, gone, left, type Mended, mended } from './verdict.ts';

/** A stored handle. An unreadable one names no blocks. */
export function storedHandle(view: View, handleID: string): StoredHandle {
  try {
    return readHandle(view, handleID);
  } catch {
    const handle = { block: {}, deleted: false };
    return { ref: handleRef(handleID), stored: true, handle, blocks: [], sound: false };
  }
}

/** Blocks compared and read in one transaction. */
const MOST_BLOCKS = 120;

/** Corrects a handle's counts after the blocks, which are the truth. Deletes it if no block has anything for it. */
export function* mendHandle(finding: Finding, ours: ReadonlySet<string>): Plan<Outcome<Mended>> {
  const { handleID = '' } = finding;
  const ref = handleRef(handleID);
  const view = yield [get(ref)];
  const stored = storedHandle(view, handleID);
  const named = [...Object.keys(stored.handle.block), ...(finding.blocks ?? [])];
  const cidrs = [...new Map(named.flatMap((text) => parseCidr(text) ?? []).map((cidr) => [cidr.text, cidr])).values()];
  yield [...cidrs.map(blockRef), ...(finding.endpoint === undefined ? [] : [finding.endpoint])].map(get);
  const nothing = (verdict: Mended['verdicts'][number]) => ({
    changes: [],
    answer: { verdicts: [verdict], wrote: [] },
  });
  const changed = changedSince(view, finding, ours);
  if (changed !== undefined) return nothing(left(finding, changed));
  if (cidrs.length > MOST_BLOCKS) return nothing(left(finding, `it lists ${cidrs.length} blocks`));
  const counts = countIn(view, cidrs, handleID);
  if (typeof counts === 'string') return nothing(left(finding, counts));
  const change = writeHandle(stored, counts);
  const living = finding.endpoint !== undefined && view.get(finding.endpoint) !== undefined;
  if (change.next === undefined && living) {
    return nothing(left(finding, 'its endpoint exists, but no block has its address: check again'));
  }
  if (change.next === view.get(ref)?.value) return nothing(gone(finding));
  const guards = cidrs.map(blockRef);
  return { changes: [change], guards, answer: { verdicts: [mended(finding)], wrote: [ref] } };
}

/** Addresses per block, or why they are unknown. */
function countIn(view: View, cidrs: readonly Cidr[], handleID: string): ReadonlyMap<string, number> | string {
  const counts = new Map<string, number>();
  for (const cidr of cidrs) {
    const entry = view.get(blockRef(cidr));
    if (entry === undefined) continue;
    try {
      const block = decodeBlock(cidr, entry.value, entry.at);
      const ordinals = ordinalsOf(block, handleID).filter(
        (ordinal) => attributeAt(block, ordinal)?.releasedAt === undefined,
      );
      counts.set(cidr.text, ordinals.length);
    } catch {
      return `block ${cidr.text} cannot be read`;
    }
  }
  return counts;
}
