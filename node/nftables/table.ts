import type { Family } from '../../shared/net/address.ts';
import {
  attribute,
  attributes,
  Flag,
  type NetlinkRequest,
  nested,
  type Received,
} from '../../shared/netlink/message.ts';
import { commented, commentIn } from './comment.ts';
import { be32, HEADER, named, nftMessage } from './message.ts';

/** A table of this family and name, or what is in it. */
export interface TableName {
  readonly family: Family;
  readonly table: string;
}

const TableAttr = { name: 1, userData: 6 };
/** All objects but tables have the table's name as their first attribute, and their own or their chain's as the next. */
export const OF_TABLE = 1;
const ChainAttr = { name: 3, hook: 4, policy: 5, type: 7 };
const HookAttr = { number: 1, priority: 2 };
const POSTROUTING = 4;
const ACCEPT = 1;

export const newTable = ({ family, table }: TableName, comment: string): NetlinkRequest =>
  nftMessage(family, 'newTable', Flag.create, named(TableAttr.name, table), commented(TableAttr.userData, comment));

/** Removes a table with everything in it. */
export const deleteTable = ({ family, table }: TableName): NetlinkRequest =>
  nftMessage(family, 'deleteTable', 0, named(TableAttr.name, table));

export const getTable = ({ family, table }: TableName): NetlinkRequest =>
  nftMessage(family, 'getTable', 0, named(TableAttr.name, table));

/** The comment of a table in a message. */
export const tableComment = ({ body }: Received): string => commentIn(attributes(body, HEADER).get(TableAttr.userData));

/** A chain that sees packets as they leave the machine, to replace their source. */
export const newPostrouting = ({ family, table }: TableName, name: string, priority: number): NetlinkRequest =>
  nftMessage(
    family,
    'newChain',
    Flag.create,
    named(OF_TABLE, table),
    named(ChainAttr.name, name),
    nested(ChainAttr.hook, attribute(HookAttr.number, be32(POSTROUTING)), attribute(HookAttr.priority, be32(priority))),
    attribute(ChainAttr.policy, be32(ACCEPT)),
    named(ChainAttr.type, 'nat'),
  );

/** Requests one chain. */
export const getChain = ({ family, table }: TableName, name: string): NetlinkRequest =>
  nftMessage(family, 'getChain', 0, named(OF_TABLE, table), named(ChainAttr.name, name));

/** Whether a chain drops what none of its rules decides. */
export function dropsByPolicy({ body }: Received): boolean {
  const policy = attributes(body, HEADER).get(ChainAttr.policy);
  return policy?.every((byte) => byte === 0) ?? false;
}
