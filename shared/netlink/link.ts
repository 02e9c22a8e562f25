import { macBytes, macText } from '../net/mac.ts';
import {
  attribute,
  attributes,
  Flag,
  join,
  type NetlinkRequest,
  nested,
  type Received,
  readCount,
  readInt,
  readText,
  text,
  u32,
} from './message.ts';

/** Message types and attributes of rtnetlink's links (linux/if_link.h, linux/rtnetlink.h). */
const Type = { new: 16, del: 17, get: 18 } as const;
export const LinkAttr = {
  address: 1,
  name: 3,
  mtu: 4,
  link: 5,
  txqlen: 13,
  linkInfo: 18,
  netnsFd: 28,
  txQueues: 31,
  rxQueues: 32,
  peerNetns: 37,
};
export const InfoAttr = { kind: 1, data: 2 };
const VETH_PEER = 1;
const NetkitAttr = { peer: 1, mode: 5 };
const NETKIT_L2 = 0;
export const IFINFO = 16;
const UP = 1;

/** An interface as the kernel reports it. */
export interface Link {
  readonly index: number;
  readonly name: string;
  readonly up: boolean;
  /** Lower case with colons. */
  readonly mac: string;
  readonly mtu: number;
  /** Index of the other end of a pair, in its own namespace; 0 when there is none. */
  readonly peer: number;
  /** Our namespace's number for the namespace of the other end; undefined when that is ours, or on kernels that do not report it. */
  readonly peerNetns: number | undefined;
}

/** One end of a new pair. */
export interface LinkEnd {
  readonly name: string;
  /** 0: the kernel's default. */
  readonly mtu: number;
}

/** One end of a new veth pair. */
export interface VethEnd extends LinkEnd {
  readonly mac: string;
  readonly queues: number;
}

/** ifinfomsg: any family, any type. */
export function ifinfo(index: number, up: boolean): Uint8Array {
  const bytes = new Uint8Array(IFINFO);
  bytes.set(u32(index), 4);
  if (up) {
    bytes[8] = UP;
    bytes[12] = UP;
  }
  return bytes;
}

const mtuOf = (mtu: number): readonly Uint8Array[] => (mtu > 0 ? [attribute(LinkAttr.mtu, u32(mtu))] : []);

function endOf({ name, mac, mtu, queues }: VethEnd): readonly Uint8Array[] {
  return [
    attribute(LinkAttr.name, text(name)),
    attribute(LinkAttr.address, macBytes(mac)),
    ...mtuOf(mtu),
    // No queue on a device that delivers at once (the original's netlink library requests the same).
    attribute(LinkAttr.txqlen, u32(0)),
    attribute(LinkAttr.txQueues, u32(queues)),
    attribute(LinkAttr.rxQueues, u32(queues)),
  ];
}

/** The type and flags of what makes a link. */
export const NEW_LINK = { type: Type.new, flags: Flag.create | Flag.exclusive } as const;

/** A pair: one end here and up, the other created in the namespace that is open as `netns`. */
export function newVeth(here: VethEnd, there: VethEnd, netns: number): NetlinkRequest {
  const peer = attribute(VETH_PEER, join(ifinfo(0, false), ...endOf(there), attribute(LinkAttr.netnsFd, u32(netns))));
  const kind = [attribute(InfoAttr.kind, text('veth')), nested(InfoAttr.data, peer)];
  return { ...NEW_LINK, body: join(ifinfo(0, true), ...endOf(here), nested(LinkAttr.linkInfo, ...kind)) };
}

/** A layer 2 netkit pair: the primary end here, not yet up, the other created in the namespace that is open as `netns`. */
export function newNetkit(here: LinkEnd, there: LinkEnd, netns: number): NetlinkRequest {
  const named = ({ name, mtu }: LinkEnd) => [attribute(LinkAttr.name, text(name)), ...mtuOf(mtu)];
  const peer = join(ifinfo(0, false), ...named(there), attribute(LinkAttr.netnsFd, u32(netns)));
  const data = [attribute(NetkitAttr.peer, peer), attribute(NetkitAttr.mode, u32(NETKIT_L2))];
  const kind = [attribute(InfoAttr.kind, text('netkit')), nested(InfoAttr.data, ...data)];
  return { ...NEW_LINK, body: join(ifinfo(0, false), ...named(here), nested(LinkAttr.linkInfo, ...kind)) };
}

/** A device, up, that shapes the traffic redirected to it. */
export function newIfb(name: string, mtu: number): NetlinkRequest {
  const kind = attribute(InfoAttr.kind, text('ifb'));
  const parts = [attribute(LinkAttr.name, text(name)), ...mtuOf(mtu), nested(LinkAttr.linkInfo, kind)];
  return { ...NEW_LINK, body: join(ifinfo(0, true), ...parts) };
}

/** A device that puts packets into others to any machine. */
export const newIpip = (name: string): NetlinkRequest => ({
  ...NEW_LINK,
  body: join(
    ifinfo(0, false),
    attribute(LinkAttr.name, text(name)),
    nested(LinkAttr.linkInfo, attribute(InfoAttr.kind, text('ipip'))),
  ),
});

/** Sets an interface up, and its MTU when that is more than 0. */
export const setUp = (name: string, mtu: number): NetlinkRequest => ({
  type: Type.new,
  flags: 0,
  body: join(ifinfo(0, true), attribute(LinkAttr.name, text(name)), ...mtuOf(mtu)),
});

/** Changes an interface's MAC. */
export const setMac = (name: string, mac: string): NetlinkRequest => ({
  type: Type.new,
  flags: 0,
  body: join(ifinfo(0, false), attribute(LinkAttr.name, text(name)), attribute(LinkAttr.address, macBytes(mac))),
});

/** Removes an interface, and the other end of its pair. */
export const deleteLink = (name: string): NetlinkRequest => ({
  type: Type.del,
  flags: 0,
  body: join(ifinfo(0, false), attribute(LinkAttr.name, text(name))),
});

/** Removes the interface with this index, and the other end of its pair. */
export const deleteLinkAt = (index: number): NetlinkRequest => ({
  type: Type.del,
  flags: 0,
  body: ifinfo(index, false),
});

/** Requests one interface. */
export const getLink = (name: string): NetlinkRequest => ({
  type: Type.get,
  flags: 0,
  body: join(ifinfo(0, false), attribute(LinkAttr.name, text(name))),
});

/** Requests the interface with this index. */
export const getLinkAt = (index: number): NetlinkRequest => ({ type: Type.get, flags: 0, body: ifinfo(index, false) });

/** Requests all interfaces. */
export const getLinks = (): NetlinkRequest => ({ type: Type.get, flags: Flag.dump, body: ifinfo(0, false) });

/** The attributes that readLink uses. */
const READ = [LinkAttr.address, LinkAttr.name, LinkAttr.mtu, LinkAttr.link, LinkAttr.peerNetns];

/** The interface in a message. */
export function readLink({ body }: Received): Link {
  const found = attributes(body, IFINFO, READ);
  return {
    index: readInt(body, 4) ?? 0,
    name: readText(found.get(LinkAttr.name)),
    up: ((body[8] ?? 0) & UP) !== 0,
    mac: macText(found.get(LinkAttr.address) ?? new Uint8Array()),
    mtu: readCount(found.get(LinkAttr.mtu)) ?? 0,
    peer: readCount(found.get(LinkAttr.link)) ?? 0,
    peerNetns: readInt(found.get(LinkAttr.peerNetns)),
  };
}
