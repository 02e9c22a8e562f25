import { addressBytes, addressFrom, type Family } from '../net/address.ts';
import { AF } from './address.ts';
import { attribute, attributes, Flag, join, type NetlinkRequest, type Received, readCount, u32 } from './message.ts';

/** Message types, attributes and values of rtnetlink's routes (linux/rtnetlink.h). */
const Type = { new: 24, del: 25, get: 26 } as const;
const Attr = { dst: 1, oif: 4, gateway: 5, priority: 6 };
const RTMSG = 12;
const FLAGS = 8;
const ON_LINK = 4;
const MAIN_TABLE = 254;
const BOOT = 3;
/** How far away a destination is: beyond a gateway, or on the link. */
const Scope = { universe: 0, site: 200, link: 253, host: 254, nowhere: 255 } as const;
/** What happens to traffic for a destination. */
const Kind = { any: 0, unicast: 1, local: 2, blackhole: 6, unreachable: 7, prohibit: 8, throw: 9 } as const;

/** A new route over interface `index`. */
export interface RouteWanted {
  readonly family: Family;
  /** Address and prefix length. */
  readonly dst: string;
  /** 0 for a route that leads nowhere: a blackhole. */
  readonly index: number;
  /** Next hop; without one the destination is on the link. */
  readonly via?: string;
  /** The next hop is on the link, whatever other routes say. */
  readonly isOnLink?: boolean;
  /** Its creator; `boot` where nobody is named. */
  readonly protocol?: number;
}

/** Selects the route of the main table to remove. */
export interface RouteUnwanted extends Pick<RouteWanted, 'family' | 'dst'> {
  readonly kind: RouteKind;
  /** The protocol of its creator; 0: any. */
  readonly protocol: number;
  /** 0: over any interface, or none. */
  readonly index: number;
  readonly metric: number;
}

type RouteKind = keyof typeof Kind;

/** An existing route. */
export interface Route {
  readonly family: Family;
  /** Destination and prefix length, or `default`. */
  readonly dst: string;
  /** The interface it leads over, 0 when there is none or several. */
  readonly index: number;
  /** Next hop, '' without one. */
  readonly via: string;
  /** `universe`, `link` … */
  readonly scope: string;
  /** `any`: a type that is not known here. */
  readonly kind: RouteKind;
  /** Its creator: 2 is the kernel, 12 is BIRD … (rtnetlink(7), iproute2's rt_protos). */
  readonly protocol: number;
  /** Of several routes the lowest counts. */
  readonly metric: number;
  readonly isMain: boolean;
}

interface Header {
  readonly table: number;
  readonly protocol: number;
  readonly scope: number;
  readonly kind: RouteKind;
}

const ANY: Header = { table: 0, protocol: 0, scope: 0, kind: 'any' };

const rtmsg = (family: Family, length: number, { table, protocol, scope, kind }: Header): Uint8Array =>
  Uint8Array.of(AF[family], length, 0, 0, table, protocol, scope, Kind[kind], 0, 0, 0, 0);

/** Prefix length and destination; the default route has no destination. */
function destination(dst: string): { readonly length: number; readonly parts: readonly Uint8Array[] } {
  const [address = '', digits = ''] = dst.split('/');
  const length = Number(digits);
  return { length, parts: length === 0 ? [] : [attribute(Attr.dst, addressBytes(address))] };
}

/** Adds a route to the main table; `replace` replaces one to the same destination. */
export function newRoute(
  { family, dst, index, via, isOnLink = false, protocol = BOOT }: RouteWanted,
  replace: boolean,
): NetlinkRequest {
  const isNowhere = index === 0;
  const scope = via === undefined && !isNowhere ? Scope.link : Scope.universe;
  const kind = isNowhere ? 'blackhole' : 'unicast';
  const { length, parts } = destination(dst);
  const gateway = via === undefined ? [] : [attribute(Attr.gateway, addressBytes(via))];
  const over = isNowhere ? [] : [attribute(Attr.oif, u32(index))];
  const header = rtmsg(family, length, { table: MAIN_TABLE, protocol, scope, kind });
  if (isOnLink) header[FLAGS] = ON_LINK;
  return {
    type: Type.new,
    flags: Flag.create | (replace ? Flag.replace : Flag.exclusive),
    body: join(header, ...parts, ...gateway, ...over),
  };
}

/** Removes a route of the main table. */
export function deleteRoute({ family, dst, kind, protocol, index, metric }: RouteUnwanted): NetlinkRequest {
  const { length, parts } = destination(dst);
  const header = rtmsg(family, length, { table: MAIN_TABLE, protocol, scope: Scope.nowhere, kind });
  const over = index === 0 ? [] : [attribute(Attr.oif, u32(index))];
  const priority = metric === 0 ? [] : [attribute(Attr.priority, u32(metric))];
  return { type: Type.del, flags: 0, body: join(header, ...parts, ...over, ...priority) };
}

/** Requests the routes of a family in all tables, or over one interface. */
export function getRoutes(family: Family, index?: number): NetlinkRequest {
  const over = index === undefined ? [] : [attribute(Attr.oif, u32(index))];
  return { type: Type.get, flags: Flag.dump, body: join(rtmsg(family, 0, ANY), ...over) };
}

/** The route in a message. */
export function readRoute({ body }: Received): Route {
  const found = attributes(body, RTMSG);
  const [family = 0, length = 0, , , table, protocol = 0, scope = 0, kind] = body;
  const dst = found.get(Attr.dst);
  const via = found.get(Attr.gateway);
  return {
    family: family === AF[6] ? 6 : 4,
    dst: length === 0 ? 'default' : `${addressFrom(dst ?? new Uint8Array())}/${length}`,
    index: readCount(found.get(Attr.oif)) ?? 0,
    via: via === undefined ? '' : addressFrom(via),
    scope: nameOf(Scope, scope) ?? String(scope),
    kind: nameOf(Kind, kind) ?? 'any',
    protocol,
    metric: readCount(found.get(Attr.priority)) ?? 0,
    isMain: table === MAIN_TABLE,
  };
}

function nameOf<K extends string>(names: Readonly<Record<K, number>>, value: number | undefined): K | undefined {
  return (Object.keys(names) as K[]).find((name) => names[name] === value);
}
