import {
  attribute,
  attributes,
  Flag,
  type NetlinkRequest,
  nested,
  type Received,
  readText,
} from '../../shared/netlink/message.ts';
import { commented, commentIn } from './comment.ts';
import type { Expression } from './expression.ts';
import { HEADER, named, nftMessage } from './message.ts';
import { OF_TABLE, type TableName } from './table.ts';

/** Behind the chain's other rules, not in front of them. */
const APPEND = 0x800;
const RuleAttr = { chain: 2, handle: 3, expressions: 4, userData: 7 };

/** Appends a rule to a chain. */
export const newRule = (
  { family, table }: TableName,
  chain: string,
  comment: string,
  expressions: readonly Expression[],
): NetlinkRequest =>
  nftMessage(
    family,
    'newRule',
    Flag.create | APPEND,
    named(OF_TABLE, table),
    named(RuleAttr.chain, chain),
    nested(RuleAttr.expressions, ...expressions),
    commented(RuleAttr.userData, comment),
  );

/** A rule of a chain, by what this program knows it by. */
export interface RuleFound {
  readonly chain: string;
  readonly handle: Uint8Array;
  readonly comment: string;
}

/** Requests the rules of a chain. */
export const getRules = ({ family, table }: TableName, chain: string): NetlinkRequest =>
  nftMessage(family, 'getRule', Flag.dump, named(OF_TABLE, table), named(RuleAttr.chain, chain));

export function readRule({ body }: Received): RuleFound {
  const found = attributes(body, HEADER);
  return {
    chain: readText(found.get(RuleAttr.chain)),
    handle: found.get(RuleAttr.handle) ?? new Uint8Array(),
    comment: commentIn(found.get(RuleAttr.userData)),
  };
}

export const deleteRule = ({ family, table }: TableName, { chain, handle }: RuleFound): NetlinkRequest =>
  nftMessage(
    family,
    'deleteRule',
    0,
    named(OF_TABLE, table),
    named(RuleAttr.chain, chain),
    attribute(RuleAttr.handle, handle),
  );
