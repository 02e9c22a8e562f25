import type { Block } from '../../shared/calico/model.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { isOwnedBy } from '../block/block.ts';
import { type AddressHolder, holderAt } from '../block/holder.ts';
import type { Portion } from './stretch.ts';

/** One member of a group. */
export interface Member {
  readonly portion: Portion;
  readonly ordinal: number;
}

/** A block as it was read: missing, or not readable for this reason. */
export type Look = (cidr: Cidr) => Block | string | undefined;

/** What a block must be for this node to use its addresses. */
export interface Usable {
  readonly node: string;
  /** Strict affinity: no address from another node's block. */
  readonly strict: boolean;
  /** Blocks that are missing though their addresses may be in use. */
  readonly lost: ReadonlySet<string>;
}

/** Whether this node may take a free address from a block. */
export function isUsable({ node, strict, lost }: Usable, cidr: Cidr, block: Block | string | undefined): boolean {
  if (block === undefined) return !lost.has(cidr.text);
  return typeof block !== 'string' && (!strict || isOwnedBy(block, node));
}

/** The first free member, in the order of the list. Looks at no block behind it, and at none that is known to be full. */
export function firstFreeMember(
  portions: readonly Portion[],
  look: Look,
  isFull: (cidr: Cidr) => boolean,
  usable: Usable,
): Member | undefined {
  for (const portion of portions) {
    if (isFull(portion.cidr)) continue;
    const block = look(portion.cidr);
    if (!isUsable(usable, portion.cidr, block)) continue;
    for (let ordinal = portion.from; ordinal < portion.to; ordinal++) {
      if (typeof block !== 'object' || block.allocations[ordinal] === null) return { portion, ordinal };
    }
  }
  return undefined;
}

/** Who has members for which `applies`, in the order of the list. */
export function holdersWhere(
  portions: readonly Portion[],
  look: Look,
  applies: (holder: AddressHolder) => boolean,
): readonly AddressHolder[] {
  return portions.flatMap(({ cidr, from, to }) => {
    const block = look(cidr);
    if (typeof block !== 'object') return [];
    return ordinals(from, to).flatMap((ordinal) => {
      const holder = holderAt(block, cidr, ordinal);
      return holder !== undefined && applies(holder) ? holder : [];
    });
  });
}

const ordinals = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, at) => from + at);
