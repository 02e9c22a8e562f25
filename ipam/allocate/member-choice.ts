import { blockRef } from '../../shared/datastore/ref.ts';
import type { View } from '../../shared/datastore/view.ts';
import { nthAddress } from '../../shared/net/cidr.ts';
import { blockAt } from '../block/ask.ts';
import { handleAt, ordinalsOf, sanitizedHandle } from '../block/block.ts';
import { type Holder, holderAt } from '../block/holder.ts';
import { firstFreeMember, holdersWhere, type Look, type Usable } from '../group/choice.ts';
import { memberNumber } from '../group/group.ts';
import type { Piece } from '../group/stretch.ts';
import { type FamilyOfGroup, memberHeld, namesakeHolds } from './member-refusal.ts';
import { type Choosing, lookIn } from './member-search.ts';
import { coolingOf } from './setting.ts';

/** The pieces whose block has this name somewhere in its text: others need not be decoded. */
const naming = (view: View, pieces: readonly Piece[], name: string): readonly Piece[] =>
  pieces.filter(({ cidr }) => view.get(blockRef(cidr))?.value.includes(name));

/** The member that the container has already, by its handle or, after a killed call, by a block alone. */
export function ownMember(
  choosing: Choosing,
  { family, spans }: FamilyOfGroup,
  pieces: readonly Piece[],
): string | undefined {
  const { view, setting, handle } = choosing;
  const { handleID } = setting.request;
  const look = lookIn(choosing);
  const named = naming(view, pieces, sanitizedHandle(handleID)).map(({ cidr }) => cidr);
  for (const cidr of [...handle.blocks, ...named]) {
    const block = cidr.family === family ? look(cidr) : undefined;
    const ordinals = typeof block === 'object' ? ordinalsOf(block, handleID) : [];
    const own = ordinals.find((ordinal) => memberNumber(spans, cidr.base + BigInt(ordinal)) !== undefined);
    if (own !== undefined) return nthAddress(cidr, own);
  }
  return undefined;
}

/** The member with the pod's ordinal, if no other container has it. Throws a Failure that says who has. */
export function memberOfOrdinal({ view, setting }: Choosing, { cidr, from }: Piece, ordinal: number): string {
  const block = blockAt(view, cidr, coolingOf(setting));
  const holder = block && holderAt(block, cidr, from);
  const isOwn = block !== undefined && handleAt(block, from) === sanitizedHandle(setting.request.handleID);
  if (holder !== undefined && !isOwn) throw memberHeld(setting.request, ordinal, holder);
  return nthAddress(cidr, from);
}

/** A free member: of the special ones, else the first in the order of the list. */
export function freeMember(
  choosing: Choosing,
  special: readonly Piece[],
  pieces: readonly Piece[],
  usable: Usable,
): string | undefined {
  const look = lookIn(choosing);
  const known = firstFreeMember(special, look, usable);
  if (known !== undefined) return nthAddress(known.piece.cidr, known.ordinal);
  const namesakes = namesakesAmong(choosing, pieces, look);
  if (namesakes.length > 0) throw namesakeHolds(namesakes);
  const free = firstFreeMember(pieces, look, usable);
  return free && nthAddress(free.piece.cidr, free.ordinal);
}

/** Containers of this pod's name on this node that have a member: it may be one that is gone. Asked about once. */
function namesakesAmong({ view, setting, wish }: Choosing, pieces: readonly Piece[], look: Look): readonly Holder[] {
  const { node, attributes } = setting.request;
  const { namespace, pod } = attributes;
  if (!wish.asksBack || pod === undefined) return [];
  const isNamesake = (holder: Holder) =>
    holder.pod === pod && holder.namespace === namespace && holder.node === node && holder.releasedAt === undefined;
  return holdersWhere(naming(view, pieces, pod), look, isNamesake);
}
