import type { Block } from '../../shared/calico/model.ts';
import { blockRef } from '../../shared/datastore/ref.ts';
import type { Outcome, View } from '../../shared/datastore/view.ts';
import { failure } from '../../shared/error/failure.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { blockAt } from '../block/ask.ts';
import { ordinalsOf, withOwner } from '../block/block.ts';
import { encodeBlock } from '../block/block-json.ts';
import type { StoredHandle } from '../block/handle.ts';
import { poolOf } from '../config/pools.ts';
import { assignedAt } from './draft.ts';
import type { Assignment } from './request.ts';
import { coolingOf, type Setting } from './setting.ts';

/**
 * The addresses that a virtual machine has, whatever pools and families are requested now, with its new pod as their owner. The
 * target of a live migration becomes the second owner, and must find addresses. Undefined: none yet. `view` must hold the handle's
 * blocks.
 */
export function keptByMachine(view: View, setting: Setting, handle: StoredHandle): Outcome<Assignment> | undefined {
  const { machine, attributes } = setting.request;
  if (machine === undefined) return undefined;
  const held = handle.blocks.flatMap((cidr) => heldIn(view, setting, handle, cidr));
  if (held.length === 0) {
    if (!machine.isTarget) return undefined;
    throw failure(
      `migration target pod but no IP allocated to VM handle ${handle.ref.id}`,
      'the pod that the machine moves away from has no address: it must have been added first',
    );
  }
  const owner = machine.isTarget ? 'alternateOwnerAttrs' : 'secondary';
  const changes = held.map(({ cidr, block, ordinals }) => ({
    ref: blockRef(cidr),
    next: encodeBlock(withOwner(block, ordinals, { [owner]: attributes })),
  }));
  const addresses = held.flatMap(({ cidr, ordinals }) => {
    const pool = poolOf(setting.pools, cidr)?.name ?? '';
    return ordinals.map((ordinal) => ({ ...assignedAt(cidr, ordinal, pool), isKept: true as const }));
  });
  return { changes, guards: [handle.ref], answer: { addresses, isNew: true } };
}

function heldIn(view: View, setting: Setting, { ref }: StoredHandle, cidr: Cidr) {
  const block: Block | undefined = blockAt(view, cidr, coolingOf(setting));
  const ordinals = block === undefined ? [] : ordinalsOf(block, ref.id);
  return block === undefined || ordinals.length === 0 ? [] : [{ cidr, block, ordinals }];
}
