import { addressBytes, addressFrom, type Family } from '../net/address.ts';
import { macBytes } from '../net/mac.ts';
import { IFINFO, InfoAttr, ifinfo, LinkAttr, NEW_LINK } from './link.ts';
import {
  attribute,
  attributes,
  join,
  type NetlinkRequest,
  nested,
  type Received,
  readCount,
  readText,
  text,
  u32,
} from './message.ts';

/** Attributes of VXLAN devices (linux/if_link.h). */
const Attr = { id: 1, link: 3, local: 4, learning: 7, port: 15, local6: 17 };

/** What makes a VXLAN device the one that is wanted: it cannot be changed later. */
export interface Vxlan {
  readonly id: number;
  readonly port: number;
  /** The interface that its packets leave by. */
  readonly link: number;
  /** The address that its packets come from. */
  readonly local: string;
}

/** Makes a VXLAN device that learns nothing. */
export function newVxlan(
  { name, mac, mtu }: { readonly name: string; readonly mac: string; readonly mtu: number },
  { id, port, link, local }: Vxlan,
): NetlinkRequest {
  const source = addressBytes(local);
  const data = [
    attribute(Attr.id, u32(id)),
    attribute(Attr.link, u32(link)),
    attribute(source.length === 4 ? Attr.local : Attr.local6, source),
    attribute(Attr.learning, Uint8Array.of(0)),
    attribute(Attr.port, Uint8Array.of(port >> 8, port)),
  ];
  const kind = [attribute(InfoAttr.kind, text('vxlan')), nested(InfoAttr.data, ...data)];
  const named = [
    attribute(LinkAttr.name, text(name)),
    attribute(LinkAttr.address, macBytes(mac)),
    attribute(LinkAttr.mtu, u32(mtu)),
  ];
  return { ...NEW_LINK, body: join(ifinfo(0, false), ...named, nested(LinkAttr.linkInfo, ...kind)) };
}

/** The VXLAN device in a message about a link; undefined for any other kind. */
export function readVxlan({ body }: Received, family: Family): (Vxlan & { readonly learns: boolean }) | undefined {
  const info = attributes(attributes(body, IFINFO, [LinkAttr.linkInfo]).get(LinkAttr.linkInfo) ?? new Uint8Array(), 0);
  if (readText(info.get(InfoAttr.kind)) !== 'vxlan') return undefined;
  const found = attributes(info.get(InfoAttr.data) ?? new Uint8Array(), 0);
  const local = found.get(family === 4 ? Attr.local : Attr.local6);
  const [high = 0, low = 0] = found.get(Attr.port) ?? [];
  return {
    id: readCount(found.get(Attr.id)) ?? 0,
    port: (high << 8) | low,
    link: readCount(found.get(Attr.link)) ?? 0,
    local: local === undefined ? '' : addressFrom(local),
    learns: found.get(Attr.learning)?.[0] !== 0,
  };
}
