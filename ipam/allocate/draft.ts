import type { AllocationAttribute, Block } from '../../shared/calico/model.ts';
import { blockRef, type Ref, textOf } from '../../shared/datastore/ref.ts';
import type { Change, Outcome, View } from '../../shared/datastore/view.ts';
import type { Family } from '../../shared/net/address.ts';
import { type Cidr, nthAddress } from '../../shared/net/cidr.ts';
import { tryBlockAt } from '../block/ask.ts';
import { allocate, ordinalsOf } from '../block/block.ts';
import { encodeBlock } from '../block/block-json.ts';
import { type StoredHandle, writeHandle } from '../block/handle.ts';
import { poolOf } from '../config/pools.ts';
import type { Place } from './place.ts';
import type { Assigned, Assignment } from './request.ts';
import { coolingOf, type Setting } from './setting.ts';

/** What an ADD has decided so far, before it is committed. */
export interface Draft {
  readonly handle: StoredHandle;
  /** How many addresses the handle holds per block CIDR, counted in the blocks. */
  readonly counts: ReadonlyMap<string, number>;
  readonly changes: readonly Change[];
  readonly guards: readonly Ref[];
  readonly assigned: readonly Assigned[];
  /** Whether the handle already held addresses. */
  readonly hadAny: boolean;
}

/** An empty draft with the handle's counts corrected; where that changes them, the counted blocks are guarded. */
export function startDraft(view: View, setting: Setting, handle: StoredHandle): Draft {
  const counted = handle.blocks.map((cidr) => ({ cidr, held: heldOrdinals(view, setting, cidr).length }));
  const wrong = counted.filter(({ cidr, held }) => handle.handle.block[cidr.text] !== held);
  return {
    handle,
    counts: new Map(counted.map(({ cidr, held }) => [cidr.text, held])),
    changes: [],
    guards: wrong.map(({ cidr }) => blockRef(cidr)),
    assigned: [],
    hadAny: counted.some(({ held }) => held > 0),
  };
}

/** The draft with the addresses at `place` taken. */
export function take(draft: Draft, setting: Setting, place: Place): Draft {
  const { handleID, attributes } = setting.request;
  const attribute: AllocationAttribute = { handle_id: handleID, secondary: attributes };
  const block = allocate(place.block, place.ordinals, attribute);
  const change = { ref: blockRef(place.cidr), next: encodeBlock(block) };
  return {
    ...draft,
    counts: new Map([...draft.counts, [place.cidr.text, ordinalsOf(block, handleID).length]]),
    changes: [...draft.changes, change, ...place.changes],
    guards: [...draft.guards, ...place.guards],
    assigned: [...draft.assigned, ...place.ordinals.map((ordinal) => assignedAt(place.cidr, ordinal, place.pool))],
  };
}

/** The draft with an address that a block assigns to the handle but the handle does not count: the handle is repaired. */
export function keep(draft: Draft, block: Cidr, held: number, assigned: Assigned): Draft {
  return {
    ...draft,
    counts: new Map([...draft.counts, [block.text, held]]),
    guards: [...draft.guards, blockRef(block)],
    assigned: [...draft.assigned, assigned],
    hadAny: true,
  };
}

/** The draft as one commit. The last change to an object wins. */
export function outcomeOf(draft: Draft, addresses: readonly Assigned[]): Outcome<Assignment> {
  const all = [...draft.changes, writeHandle(draft.handle, draft.counts)];
  const changes = new Map(all.map((change) => [textOf(change.ref), change]));
  const guards = new Map(draft.guards.map((ref) => [textOf(ref), ref]));
  for (const text of changes.keys()) guards.delete(text);
  return { changes: [...changes.values()], guards: [...guards.values()], answer: { addresses, isNew: !draft.hadAny } };
}

/** The first address of a family that the handle holds in `blocks`, and how many it holds there. */
export function heldIn(
  view: View,
  setting: Setting,
  blocks: readonly Cidr[],
  family: Family,
): { readonly cidr: Cidr; readonly held: number; readonly assigned: Assigned } | undefined {
  for (const cidr of blocks) {
    const ordinals = cidr.family === family ? heldOrdinals(view, setting, cidr) : [];
    const [ordinal] = ordinals;
    if (ordinal === undefined) continue;
    const pool = poolOf(setting.pools, cidr)?.name ?? '';
    return { cidr, held: ordinals.length, assigned: assignedAt(cidr, ordinal, pool) };
  }
  return undefined;
}

function heldOrdinals(view: View, setting: Setting, cidr: Cidr): readonly number[] {
  const block: Block | string | undefined = tryBlockAt(view, cidr, coolingOf(setting));
  return typeof block === 'object' ? ordinalsOf(block, setting.request.handleID) : [];
}

export const assignedAt = (block: Cidr, ordinal: number, pool: string): Assigned => ({
  family: block.family,
  address: nthAddress(block, ordinal),
  block: block.text,
  pool,
});
