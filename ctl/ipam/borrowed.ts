import { attributeAt } from '../../ipam/block/block.ts';
import type { Block } from '../../shared/calico/model.ts';
import { type Cidr, nthAddress } from '../../shared/net/cidr.ts';
import { grid } from '../text/table.ts';

const HEAD = ['IP', 'BORROWING-NODE', 'BLOCK', 'BLOCK OWNER', 'TYPE', 'ALLOCATED-TO'];

/** Collects borrowed addresses, block by block. */
export interface Borrowed {
  add(cidr: Cidr, block: Block): void;
  text(): string;
}

export function collectBorrowed(): Borrowed {
  const rows: (readonly string[])[] = [];
  let unclassified = 0;
  return {
    add(cidr, block) {
      const owner = block.affinity?.replace(/^[^:]*:/, '') ?? '';
      const taken = block.allocations.flatMap((index, ordinal) => (index === null ? [] : ordinal));
      for (const ordinal of taken) {
        const attributes = attributeAt(block, ordinal)?.secondary ?? {};
        const node = attributes['node'];
        if (node === undefined) unclassified++;
        else if (node !== owner) rows.push([nthAddress(cidr, ordinal), node, cidr.text, owner, ...holder(attributes)]);
      }
    },
    text: () => grid(HEAD, rows) + note(unclassified),
  };
}

/** The type, and what the address is allocated to. */
function holder(attributes: Readonly<Record<string, string>>): readonly [string, string] {
  const { namespace = '', pod, type = '' } = attributes;
  const machine = attributes['vmi-name'];
  if (machine !== undefined) return ['vmi', `${namespace}/${machine}`];
  return pod === undefined ? [type, ''] : ['pod', `${namespace}/${pod}`];
}

const note = (unclassified: number): string =>
  unclassified === 0
    ? ''
    : `\nNote: found ${unclassified} IP allocations without an explicit node association. Unable to determine if they are borrowed.\n`;
