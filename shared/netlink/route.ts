import { addressBytes, addressFrom, type Family } from '../net/address.ts';
import { AF } from './address.ts';
import { attribute, attributes, Flag, join, type Received, type Request, u32 } from './message.ts';

/** Message types, attributes and values of rtnetlink's routes (linux/rtnetlink.h). */
const Type = { new: 24, get: 26 } as const;
const Attr = { dst: 1, oif: 4, gateway: 5 };
const RTMSG = 12;
const MAIN_TABLE = 254;
const BOOT = 3;
const UNICAST = 1;
/** How far away a destination is: beyond a gateway, or on the link. */
const Scope = { universe: 0, site: 200, link: 253, host: 254 } as const;

/** A route to be made over interface `index`. */
export interface RouteWanted {
  readonly family: Family;
  /** Address and prefix length. */
  readonly dst: string;
  readonly index: number;
  /** Next hop; without one the destination is on the link. */
  readonly via?: string;
}

/** A route that is there. */
export interface Route {
  /** Destination and prefix length, or `default`. */
  readonly dst: string;
  /** Interface it leads over, 0 when there is none or several. */
  readonly index: number;
  /** Next hop, '' without one. */
  readonly via: string;
  /** `universe`, `link` … */
  readonly scope: string;
  readonly isMain: boolean;
}

function rtmsg(family: Family, length: number, rest: { readonly table?: number; readonly scope?: number }): Uint8Array {
  const protocol = rest.table === undefined ? 0 : BOOT;
  const type = rest.table === undefined ? 0 : UNICAST;
  return Uint8Array.of(AF[family], length, 0, 0, rest.table ?? 0, protocol, rest.scope ?? 0, type, 0, 0, 0, 0);
}

/** A route of the main table; `replace` takes the place of one to the same destination. */
export function newRoute({ family, dst, index, via }: RouteWanted, replace: boolean): Request {
  const [address = '', length = ''] = dst.split('/');
  const scope = via === undefined ? Scope.link : Scope.universe;
  const destination = Number(length) === 0 ? [] : [attribute(Attr.dst, addressBytes(address))];
  const gateway = via === undefined ? [] : [attribute(Attr.gateway, addressBytes(via))];
  const header = rtmsg(family, Number(length), { table: MAIN_TABLE, scope });
  return {
    type: Type.new,
    flags: Flag.create | (replace ? Flag.replace : Flag.exclusive),
    body: join(header, ...destination, ...gateway, attribute(Attr.oif, u32(index))),
  };
}

/** Asks for the routes of a family in all tables, or over one interface. */
export function getRoutes(family: Family, index?: number): Request {
  const over = index === undefined ? [] : [attribute(Attr.oif, u32(index))];
  return { type: Type.get, flags: Flag.dump, body: join(rtmsg(family, 0, {}), ...over) };
}

/** The route that a message tells of. */
export function readRoute({ body }: Received): Route {
  const found = attributes(body, RTMSG);
  const length = body[1] ?? 0;
  const dst = found.get(Attr.dst);
  const via = found.get(Attr.gateway);
  const scope = body[6] ?? 0;
  return {
    dst: length === 0 ? 'default' : `${addressFrom(dst ?? new Uint8Array())}/${length}`,
    index: found.get(Attr.oif)?.readUInt32LE() ?? 0,
    via: via === undefined ? '' : addressFrom(via),
    scope: Object.entries(Scope).find(([, value]) => value === scope)?.[0] ?? String(scope),
    isMain: body[4] === MAIN_TABLE,
  };
}
