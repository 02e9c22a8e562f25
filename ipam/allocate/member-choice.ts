import { blockRef } from '../../shared/datastore/ref.ts';
import type { View } from '../../shared/datastore/view.ts';
import { type Cidr, nthAddress } from '../../shared/net/cidr.ts';
import { blockAt } from '../block/ask.ts';
import { handleAt, ordinalsOf, sanitizedHandle } from '../block/block.ts';
import { type AddressHolder, holderAt } from '../block/holder.ts';
import { firstFreeMember, holdersWhere, type Look, type Usable } from '../group/choice.ts';
import { memberNumber } from '../group/group.ts';
import type { Portion } from '../group/stretch.ts';
import { type FamilyOfGroup, memberHeld, namesakeHolds } from './member-refusal.ts';
import { type Choosing, lookIn } from './member-search.ts';
import { coolingOf } from './setting.ts';

/** The portions whose block has this name somewhere in its text: others need not be decoded. */
const naming = (view: View, portions: readonly Portion[], name: string): readonly Portion[] =>
  portions.filter(({ cidr }) => view.get(blockRef(cidr))?.value.includes(name));

/** Whether a block's text shows that it is full, which is much faster than to decode it. One with addresses that cool down may not be. */
function isFullIn(view: View, cidr: Cidr): boolean {
  const text = view.get(blockRef(cidr))?.value ?? '';
  return text.includes('"unallocated":[]') && !text.includes('"releasedAt"');
}

/** The member that the container has already, by its handle or, after a killed call, by a block alone. */
export function ownMember(
  choosing: Choosing,
  { family, spans }: FamilyOfGroup,
  portions: readonly Portion[],
): string | undefined {
  const { view, setting, handle } = choosing;
  const { handleID } = setting.request;
  const look = lookIn(choosing);
  const named = naming(view, portions, sanitizedHandle(handleID)).map(({ cidr }) => cidr);
  for (const cidr of [...handle.blocks, ...named]) {
    const block = cidr.family === family ? look(cidr) : undefined;
    const ordinals = typeof block === 'object' ? ordinalsOf(block, handleID) : [];
    const own = ordinals.find((ordinal) => memberNumber(spans, cidr.base + BigInt(ordinal)) !== undefined);
    if (own !== undefined) return nthAddress(cidr, own);
  }
  return undefined;
}

/** The member with the pod's ordinal, if no other container has it. Throws a Failure that says who has. */
export function memberOfOrdinal({ view, setting }: Choosing, { cidr, from }: Portion, ordinal: number): string {
  const block = blockAt(view, cidr, coolingOf(setting));
  const holder = block && holderAt(block, cidr, from);
  const isOwn = block !== undefined && handleAt(block, from) === sanitizedHandle(setting.request.handleID);
  if (holder !== undefined && !isOwn) throw memberHeld(setting.request, ordinal, holder);
  return nthAddress(cidr, from);
}

/** A free member: of the special ones, else the first in the order of the list. */
export function freeMember(
  choosing: Choosing,
  special: readonly Portion[],
  portions: readonly Portion[],
  usable: Usable,
): string | undefined {
  const look = lookIn(choosing);
  const isFull = (cidr: Cidr) => isFullIn(choosing.view, cidr);
  const known = firstFreeMember(special, look, isFull, usable);
  if (known !== undefined) return nthAddress(known.portion.cidr, known.ordinal);
  const namesakes = namesakesAmong(choosing, portions, look);
  if (namesakes.length > 0) throw namesakeHolds(namesakes);
  const free = firstFreeMember(portions, look, isFull, usable);
  return free && nthAddress(free.portion.cidr, free.ordinal);
}

/** Containers of this pod's name on this node that have a member: it may be one that is gone. Asked about once. */
function namesakesAmong(
  { view, setting, wish }: Choosing,
  portions: readonly Portion[],
  look: Look,
): readonly AddressHolder[] {
  const { node, attributes } = setting.request;
  const { namespace, pod } = attributes;
  if (!wish.asksBack || pod === undefined) return [];
  const isNamesake = (holder: AddressHolder) =>
    holder.pod === pod && holder.namespace === namespace && holder.node === node && holder.releasedAt === undefined;
  return holdersWhere(naming(view, portions, pod), look, isNamesake);
}
