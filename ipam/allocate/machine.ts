import type { AllocationAttribute } from '../../shared/calico/model.ts';
import { blockRef, textOf } from '../../shared/datastore/ref.ts';
import type { Change, Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { failure } from '../../shared/error/failure.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { blockAt } from '../block/ask.ts';
import { type OwnerChange, ordinalsOf, withOwners } from '../block/block.ts';
import { encodeBlock } from '../block/block-json.ts';
import type { StoredHandle } from '../block/handle.ts';
import { poolOf } from '../config/pools.ts';
import { assignedAt } from './draft.ts';
import type { Assigned, Assignment, AssignRequest } from './request.ts';
import { coolingOf, type Setting } from './setting.ts';

type Assign = (view: View, setting: Setting, handle: StoredHandle) => Plan<Outcome<Assignment>>;

/**
 * Decides an ADD for a virtual machine's pod: the addresses that the machine has, whatever pools and families are requested now, with
 * the pod as their owner. Without any, `assignNew` assigns them, but not to the target of a live migration. `view` must hold the
 * handle's blocks.
 */
export function* assignToMachine(
  view: View,
  setting: Setting,
  handle: StoredHandle,
  assignNew: Assign,
): Plan<Outcome<Assignment>> {
  const held = handle.blocks.flatMap((cidr) => heldIn(view, setting, handle, cidr));
  const isTarget = setting.request.machine?.isTarget === true;
  if (held.length === 0 && isTarget) throw noneToMove(handle);
  if (held.length === 0) return yield* assignNew(view, setting, handle);
  const changes = held.flatMap(({ change }) => change);
  const addresses = held.flatMap(({ assigned }) => assigned);
  if (isTarget || !isHalfMade(setting.request, handle, addresses)) {
    return { changes, guards: [handle.ref], answer: { addresses, isNew: true } };
  }
  const added = yield* assignNew(view, setting, handle);
  return { ...added, changes: [...added.changes, ...changes.filter(isNotIn(added.changes))] };
}

const noneToMove = ({ ref }: StoredHandle) =>
  failure(
    `migration target pod but no IP allocated to VM handle ${ref.id}`,
    'the pod that the machine moves away from has no address: it must have been added first',
  );

/** What the machine has in a block, and the change that makes this pod its owner. */
function heldIn(view: View, setting: Setting, { ref }: StoredHandle, cidr: Cidr) {
  const block = blockAt(view, cidr, coolingOf(setting));
  const ordinals = block === undefined ? [] : ordinalsOf(block, ref.id);
  if (block === undefined || ordinals.length === 0) return [];
  const owned = withOwners(block, ordinals, (attribute) => ownersAfter(setting.request, attribute));
  const pool = poolOf(setting.pools, cidr)?.name ?? '';
  return {
    change: { ref: blockRef(cidr), next: encodeBlock(owned) },
    assigned: ordinals.map((ordinal): Assigned => ({ ...assignedAt(cidr, ordinal, pool), isKept: true })),
  };
}

/** The target of a migration becomes the second owner. A pod that was one and is alone by now, after its migration, becomes the first. */
function ownersAfter({ machine, attributes }: AssignRequest, { secondary, alternateOwnerAttrs }: AllocationAttribute) {
  const change: OwnerChange = machine?.isTarget ? { alternateOwnerAttrs: attributes } : { secondary: attributes };
  const isAlone = Object.keys(secondary ?? {}).length === 0 && alternateOwnerAttrs?.['pod'] !== attributes['pod'];
  return machine?.isTarget && isAlone && alternateOwnerAttrs !== undefined
    ? { ...change, secondary: alternateOwnerAttrs }
    : change;
}

/** Whether an ADD was cut off, or lost a race, before it had the requested addresses of both families: the handle is written first. */
const isHalfMade = ({ families }: AssignRequest, handle: StoredHandle, held: readonly Assigned[]): boolean =>
  families.some(
    (family) => handle.blocks.some((cidr) => cidr.family === family) && !held.some((one) => one.family === family),
  );

const isNotIn =
  (others: readonly Change[]) =>
  ({ ref }: Change): boolean =>
    !others.some((other) => textOf(other.ref) === textOf(ref));
