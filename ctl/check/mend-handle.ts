import { attributeAt, ordinalsOf } from '../../ipam/block/block.ts';
import { decodeBlock } from '../../ipam/block/block-json.ts';
import { readHandle, type StoredHandle, writeHandle } from '../../ipam/block/handle.ts';
import { blockKey, handleKey } from '../../shared/calico/keys.ts';
import { type Outcome, one, type Plan, type View } from '../../shared/datastore/view.ts';
import { type Cidr, parseCidr } from '../../shared/net/cidr.ts';
import type { Finding } from './finding.ts';
import { changedSince, gone, left, type Mended, mended } from './verdict.ts';

/** A handle as etcd has it; one whose value cannot be read names nothing. */
export function storedHandle(view: View, handleID: string): StoredHandle {
  try {
    return readHandle(view, handleID);
  } catch {
    return { key: handleKey(handleID), stored: true, handle: { block: {}, deleted: false }, blocks: [], sound: false };
  }
}

/** Keys compared and read in one transaction. */
const MOST_BLOCKS = 120;

/** Makes a handle count what the blocks hold for it, which are the truth; one that holds nothing goes. */
export function* mendHandle(finding: Finding, ours: ReadonlySet<string>): Plan<Outcome<Mended>> {
  const { handleID = '' } = finding;
  const key = handleKey(handleID);
  const view = yield [one(key)];
  const stored = storedHandle(view, handleID);
  const named = [...Object.keys(stored.handle.block), ...(finding.blocks ?? [])];
  const cidrs = [...new Map(named.flatMap((text) => parseCidr(text) ?? []).map((cidr) => [cidr.text, cidr])).values()];
  yield [...cidrs.map(blockKey), ...(finding.endpoint === undefined ? [] : [finding.endpoint])].map(one);
  const nothing = (verdict: Mended['verdicts'][number]) => ({ writes: [], answer: { verdicts: [verdict], wrote: [] } });
  const changed = changedSince(view, finding, ours);
  if (changed !== undefined) return nothing(left(finding, changed));
  if (cidrs.length > MOST_BLOCKS) return nothing(left(finding, `it names ${cidrs.length} blocks`));
  const counts = countIn(view, cidrs, handleID);
  if (typeof counts === 'string') return nothing(left(finding, counts));
  const write = writeHandle(stored, counts);
  const living = finding.endpoint !== undefined && view.get(finding.endpoint) !== undefined;
  if (write.value === undefined && living) {
    return nothing(left(finding, 'its endpoint lives, and no block has its address: check again'));
  }
  if (write.value === view.get(key)?.value) return nothing(gone(finding));
  const guards = cidrs.map(blockKey);
  return { writes: [write], guards, answer: { verdicts: [mended(finding)], wrote: [key] } };
}

/** Addresses per block, or why they cannot be told. */
function countIn(view: View, cidrs: readonly Cidr[], handleID: string): ReadonlyMap<string, number> | string {
  const counts = new Map<string, number>();
  for (const cidr of cidrs) {
    const entry = view.get(blockKey(cidr));
    if (entry === undefined) continue;
    try {
      const block = decodeBlock(cidr, entry.value);
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
