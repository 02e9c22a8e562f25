import { type AddressHolder, holderAt, holderText } from '../../ipam/block/holder.ts';
import { type Group, memberAt, memberCount, memberNumber } from '../../ipam/group/group.ts';
import type { Block } from '../../shared/calico/model.ts';
import { addressText, type Family } from '../../shared/net/address.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { grid } from '../text/table.ts';

/** Groups up to this size are shown with their free members. */
const MOST_SHOWN = 256n;

/** The members of a group that are assigned, from every block that is added. */
export interface GroupUse {
  add(cidr: Cidr, block: Block): void;
  /** A table for each family that the group has. */
  text(): string;
}

export function groupUse(group: Group): GroupUse {
  const held: Readonly<Record<Family, Map<bigint, AddressHolder>>> = { 4: new Map(), 6: new Map() };
  return {
    add(cidr, block) {
      const spans = group.members[cidr.family];
      for (const ordinal of block.allocations.keys()) {
        const holder = holderAt(block, cidr, ordinal);
        const number = holder && memberNumber(spans, cidr.base + BigInt(ordinal));
        if (number !== undefined && holder !== undefined) held[cidr.family].set(number, holder);
      }
    },
    text: () =>
      ([4, 6] as const)
        .filter((family) => group.members[family].length > 0)
        .map((family) => familyText(group, family, held[family]))
        .join('\n'),
  };
}

function familyText(group: Group, family: Family, held: ReadonlyMap<bigint, AddressHolder>): string {
  const spans = group.members[family];
  const count = memberCount(spans);
  const isListed = count <= MOST_SHOWN;
  const numbers = isListed
    ? Array.from({ length: Number(count) }, (_, number) => BigInt(number))
    : [...held.keys()].sort((one, other) => (one < other ? -1 : 1));
  const rows = numbers.map((number) => {
    const holder = held.get(number);
    const address = addressText(family, memberAt(spans, number) ?? 0n);
    return [String(number), address, holder === undefined ? 'free' : holderText(holder)];
  });
  const free = count - BigInt(held.size);
  const left = isListed ? '' : ', which are not listed';
  const head = `IPv${family}: ${count} addresses, ${held.size} assigned, ${free} free${left}\n`;
  return rows.length === 0 ? head : `${head}${grid(['NUMBER', 'ADDRESS', 'HELD BY'], rows)}`;
}
