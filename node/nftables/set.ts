import type { Family } from '../../shared/net/address.ts';
import { attribute, Flag, type NetlinkRequest, nested } from '../../shared/netlink/message.ts';
import { dataOf } from './expression.ts';
import { be32, named, nftMessage } from './message.ts';
import { OF_TABLE, type TableName } from './table.ts';

const SetAttr = { name: 2, flags: 3, keyType: 4, keyLength: 5, id: 10 };
const INTERVALS = 4;
/** What nft calls the addresses of a family (ipv4_addr, ipv6_addr), and their length. */
const KEY: Readonly<Record<Family, { readonly type: number; readonly length: number }>> = {
  4: { type: 7, length: 4 },
  6: { type: 8, length: 16 },
};

/** A set of ranges of addresses; `id` is any number that no other set of the same transaction has. */
export const newSet = ({ family, table }: TableName, name: string, id: number): NetlinkRequest =>
  nftMessage(
    family,
    'newSet',
    Flag.create,
    named(OF_TABLE, table),
    named(SetAttr.name, name),
    attribute(SetAttr.flags, be32(INTERVALS)),
    attribute(SetAttr.keyType, be32(KEY[family].type)),
    attribute(SetAttr.keyLength, be32(KEY[family].length)),
    attribute(SetAttr.id, be32(id)),
  );

export const getSet = ({ family, table }: TableName, name: string): NetlinkRequest =>
  nftMessage(family, 'getSet', 0, named(OF_TABLE, table), named(SetAttr.name, name));

/** Where a range begins, or the first address after it. */
export interface Boundary {
  readonly address: Uint8Array;
  readonly isEnd: boolean;
}

const ElementsAttr = { set: 2, elements: 3 };
const LIST_ELEMENT = 1;
const ElementAttr = { key: 1, flags: 3 };
const INTERVAL_END = 1;
/** The length of an attribute is written in two bytes. */
const AT_ONCE = 500;

/** Puts ranges into a set. */
export function newElements(name: TableName, set: string, boundaries: readonly Boundary[]): readonly NetlinkRequest[] {
  const messages: NetlinkRequest[] = [];
  for (let at = 0; at < boundaries.length; at += AT_ONCE) {
    messages.push(elements(name, set, boundaries.slice(at, at + AT_ONCE)));
  }
  return messages;
}

const elements = ({ family, table }: TableName, set: string, boundaries: readonly Boundary[]): NetlinkRequest =>
  nftMessage(
    family,
    'newElements',
    Flag.create,
    named(OF_TABLE, table),
    named(ElementsAttr.set, set),
    nested(ElementsAttr.elements, ...boundaries.map(element)),
  );

const element = ({ address, isEnd }: Boundary): Uint8Array =>
  nested(
    LIST_ELEMENT,
    dataOf(ElementAttr.key, address),
    ...(isEnd ? [attribute(ElementAttr.flags, be32(INTERVAL_END))] : []),
  );

export const getElements = ({ family, table }: TableName, set: string): NetlinkRequest =>
  nftMessage(family, 'getElements', Flag.dump, named(OF_TABLE, table), named(ElementsAttr.set, set));
