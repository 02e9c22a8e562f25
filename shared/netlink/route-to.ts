import { addressBytes, addressFrom, type Family } from '../net/address.ts';
import { AF } from './address.ts';
import { attribute, attributes, join, type NetlinkRequest, type Received } from './message.ts';

/** Message type and attributes of rtnetlink's routes (linux/rtnetlink.h). */
const GET = 26;
const Attr = { dst: 1, source: 7 };
const RTMSG = 12;

/** Asks which route packets to an address take. */
export function getRouteTo(family: Family, address: string): NetlinkRequest {
  const bytes = addressBytes(address);
  const header = new Uint8Array(RTMSG);
  header[0] = AF[family];
  header[1] = bytes.length * 8;
  return { type: GET, flags: 0, body: join(header, attribute(Attr.dst, bytes)) };
}

/** The address that such packets come from; '' when the kernel does not say. */
export function readRouteSource({ body }: Received): string {
  const source = attributes(body, RTMSG).get(Attr.source);
  return source === undefined ? '' : addressFrom(source);
}
