import { addressBytes, addressFrom } from '../net/address.ts';
import { macBytes, macText } from '../net/mac.ts';
import { AF } from './address.ts';
import { attribute, attributes, Flag, join, type NetlinkRequest, type Received, readInt, u32 } from './message.ts';

/** Message types, attributes and values of rtnetlink's neighbours (linux/neighbour.h). */
const Type = { new: 28, del: 29, get: 30 } as const;
const Attr = { address: 1, mac: 2, interface: 8 };
const NDMSG = 12;
const PERMANENT = 0x80;
/** The entry is the device's own, not that of a bridge it belongs to. */
const SELF = 2;
const AF_BRIDGE = 7;

/**
 * A table: the neighbours of a family (which MAC has an address on the link), or a VXLAN device's forwarding table (to which machine
 * frames for a MAC are sent).
 */
export type NeighbourTable = 4 | 6 | 'forwarding';

/** A lasting entry on an interface. */
export interface Neighbour {
  readonly table: NeighbourTable;
  readonly index: number;
  /** Of the neighbour; in the forwarding table, of the machine beyond. */
  readonly address: string;
  /** Lower case with colons. */
  readonly mac: string;
}

const header = (table: NeighbourTable, index: number, state: number): Uint8Array => {
  const isForwarding = table === 'forwarding';
  const family = isForwarding ? AF_BRIDGE : AF[table];
  return join(
    Uint8Array.of(family, 0, 0, 0),
    u32(index),
    Uint8Array.of(state, 0, state !== 0 && isForwarding ? SELF : 0, 0),
  );
};

const bodyOf = ({ table, index, address, mac }: Neighbour): Uint8Array =>
  join(
    header(table, index, PERMANENT),
    attribute(Attr.address, addressBytes(address)),
    attribute(Attr.mac, macBytes(mac)),
  );

/** Adds an entry, or changes the one of the same address; in the forwarding table, of the same MAC. */
export const setNeighbour = (neighbour: Neighbour): NetlinkRequest => ({
  type: Type.new,
  flags: Flag.create | Flag.replace,
  body: bodyOf(neighbour),
});

export const deleteNeighbour = (neighbour: Neighbour): NetlinkRequest => ({
  type: Type.del,
  flags: 0,
  body: bodyOf(neighbour),
});

/** Requests the entries of an interface in a table. */
export const getNeighbours = (table: NeighbourTable, index: number): NetlinkRequest => ({
  type: Type.get,
  flags: Flag.dump,
  body: join(header(table, 0, 0), attribute(Attr.interface, u32(index))),
});

/** The lasting entry in a message; undefined for those that the kernel has learnt, and those without an address or a MAC. */
export function readNeighbour(table: NeighbourTable, { body }: Received): Neighbour | undefined {
  const found = attributes(body, NDMSG, [Attr.address, Attr.mac]);
  const [address, mac] = [found.get(Attr.address), found.get(Attr.mac)];
  const isLasting = ((body[8] ?? 0) & PERMANENT) !== 0;
  if (!isLasting || address === undefined || mac === undefined) return undefined;
  return { table, index: readInt(body, 4) ?? 0, address: addressFrom(address), mac: macText(mac) };
}
