import { ask, blockAt } from '../../ipam/block/ask.ts';
import { attributeAt, handleAt, isInUse, ordinalsOf, release, sanitizedHandle } from '../../ipam/block/block.ts';
import { writeHandle } from '../../ipam/block/handle.ts';
import { readConfig } from '../../ipam/config/ipam-config.ts';
import { giveBack } from '../../ipam/release/give-back.ts';
import type { Block } from '../../shared/calico/model.ts';
import { get, POOLS } from '../../shared/datastore/query.ts';
import { blockRef, handleRef, IPAM_CONFIG } from '../../shared/datastore/ref.ts';
import type { Change, Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { type Cidr, ordinalOf } from '../../shared/net/cidr.ts';
import { type Finding, ownersText } from '../check/finding.ts';
import { storedHandle } from './mend-handle.ts';
import { gone, left, type Mended, mended, type RepairVerdict } from './verdict.ts';

/**
 * Releases leaked addresses of one block, each only if handle and sequence number are unchanged: then it was not allocated
 * again. The caller knows that no endpoint uses it.
 */
export function* releaseLeaked(cidr: Cidr, findings: readonly Finding[], now: bigint): Plan<Outcome<Mended>> {
  const view = yield [get(IPAM_CONFIG), POOLS, get(blockRef(cidr))];
  const cooling = { now, cooldown: readConfig(view).ipCooldownSeconds };
  const block = blockAt(view, cidr, cooling);
  if (block === undefined) return { changes: [], answer: { verdicts: findings.map(gone), wrote: [] } };
  const verdicts = findings.map((finding) => judge(block, cidr, finding));
  const freed = verdicts.flatMap(({ finding, end }) => (end === 'mended' ? ordinalIn(cidr, finding) : []));
  if (freed.length === 0) return { changes: [], answer: { verdicts, wrote: [] } };
  const after = release(block, freed, { ...cooling, stamp: true });
  const handleIDs = [...new Set(freed.flatMap((ordinal) => handleAt(block, ordinal) ?? []))];
  yield* ask(view, handleIDs.map(handleRef));
  const changes = [
    ...(yield* giveBack(view, cidr, after)),
    ...handleIDs.flatMap((handleID) => handleChange(view, cidr, after, handleID)),
  ];
  return { changes, answer: { verdicts, wrote: changes.map(({ ref }) => ref) } };
}

/** Addresses released in one transaction, which has room for 128 objects. */
export const MOST_LEAKS = 60;

const ordinalIn = (cidr: Cidr, { address = '' }: Finding): number | readonly never[] => {
  const parsed = parseAddress(address);
  return (parsed && ordinalOf(cidr, parsed)) ?? [];
};

function judge(block: Block, cidr: Cidr, finding: Finding): RepairVerdict {
  const ordinal = ordinalIn(cidr, finding);
  if (typeof ordinal !== 'number' || !isInUse(block, ordinal)) return gone(finding);
  const stamp = block.sequenceNumberForAllocation?.[String(ordinal)] ?? 0n;
  if (stamp !== finding.sequenceNumber) return left(finding, 'the address has been allocated again');
  const holder = handleAt(block, ordinal);
  if (holder !== sanitizedHandle(finding.handleID ?? ''))
    return left(finding, `it now belongs to ${holder ?? 'no one'}`);
  const { owners } = finding;
  if (owners !== undefined && ownersText(attributeAt(block, ordinal) ?? {}) !== owners)
    return left(finding, 'a pod has got it since');
  return mended(finding);
}

function handleChange(view: View, cidr: Cidr, after: Block, handleID: string): readonly Change[] {
  const handle = storedHandle(view, handleID);
  const counts = new Map(Object.entries(handle.handle.block));
  counts.set(cidr.text, ordinalsOf(after, handleID).length);
  const change = writeHandle(handle, counts);
  return handle.stored || change.next !== undefined ? [change] : [];
}
