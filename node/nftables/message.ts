import { viewOf } from '../../shared/bytes/join.ts';
import type { Family } from '../../shared/net/address.ts';
import {
  attribute,
  attributes,
  Flag,
  join,
  type NetlinkRequest,
  type Received,
  text,
  u32,
} from '../../shared/netlink/message.ts';

/** Messages of nf_tables within netfilter's netlink (linux/netfilter/nfnetlink.h, nf_tables.h). */
const SUBSYSTEM = 10;
const Batch = { begin: 16, end: 17 } as const;
export const Message = {
  newTable: 0,
  getTable: 1,
  deleteTable: 2,
  newChain: 3,
  getChain: 4,
  newRule: 6,
  getRule: 7,
  deleteRule: 8,
  newSet: 9,
  getSet: 10,
  newElements: 12,
  getElements: 13,
  getGeneration: 16,
} as const;

/** The length of what precedes the attributes: family, version, resource. */
export const HEADER = 4;
/** Netfilter's numbers of the families of tables. */
const NFPROTO: Readonly<Record<Family, number>> = { 4: 2, 6: 10 };

/** The word that nft and its messages have for a family of tables. */
export const familyWord = (family: Family): string => (family === 4 ? 'ip' : 'ip6');

/** A number of four bytes in network order, as nf_tables writes all its numbers. */
export const be32 = (value: number): Uint8Array => u32(value).reverse();

const header = (family: number, resource: number): Uint8Array => Uint8Array.of(family, 0, resource >> 8, resource);

/** A request about tables of a family, or what is in them. */
export const nftMessage = (
  family: Family,
  type: keyof typeof Message,
  flags: number,
  ...attributes: readonly Uint8Array[]
): NetlinkRequest => ({
  type: (SUBSYSTEM << 8) | Message[type],
  flags,
  body: join(header(NFPROTO[family], 0), ...attributes),
});

/** An attribute that is a text. */
export const named = (type: number, name: string): Uint8Array => attribute(type, text(name));

/** Requests the number of the present generation of all rules: it changes with every change, by anyone. */
export const getGeneration = (): NetlinkRequest => nftMessage(4, 'getGeneration', 0);

/** The generation in a message. */
export const readGeneration = ({ body }: Received): number =>
  viewOf(attributes(body, HEADER).get(GENERATION) ?? ZERO).getUint32(0);
const GENERATION = 1;
const ZERO = new Uint8Array(4);

/** Messages as one transaction: all of them, or none. The kernel answers for the last one, and for what it refuses. */
export function inBatch(messages: readonly NetlinkRequest[]): readonly NetlinkRequest[] {
  const last = messages.length - 1;
  return [
    { type: Batch.begin, flags: 0, body: header(0, SUBSYSTEM) },
    ...messages.map((message, at) => (at === last ? { ...message, flags: message.flags | Flag.ack } : message)),
    { type: Batch.end, flags: 0, body: header(0, SUBSYSTEM) },
  ];
}
