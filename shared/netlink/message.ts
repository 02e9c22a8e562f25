import { joinBytes, viewOf } from '../bytes/join.ts';
import { fromUtf8, utf8 } from '../bytes/text.ts';

/** A request to the kernel's routing netlink (rtnetlink(7)): message type, flags besides NLM_F_REQUEST, and what follows the header. */
export interface NetlinkRequest {
  readonly type: number;
  readonly flags: number;
  readonly body: Uint8Array;
}

/** One message from the kernel. */
export interface Received {
  readonly type: number;
  readonly flags: number;
  readonly body: Uint8Array;
}

/** Flags of requests (linux/netlink.h). */
export const Flag = {
  request: 0x1,
  ack: 0x4,
  /** Changes the object if it exists, instead of failing. */
  replace: 0x100,
  exclusive: 0x200,
  create: 0x400,
  /** All objects of a kind. */
  dump: 0x300,
} as const;

const HEADER = 16;
const NESTED = 0x8000;
const padded = (length: number): number => (length + 3) & ~3;

/** Joins parts into the body of a request or the value of a nested attribute. */
export const join = (...parts: readonly Uint8Array[]): Uint8Array => joinBytes(parts);

export const u32 = (value: number): Uint8Array =>
  Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
/** Text with C's terminating zero. */
export const text = (value: string): Uint8Array => utf8(`${value}\0`);

/** An attribute (rtattr), padded to four bytes. */
export function attribute(type: number, value: Uint8Array): Uint8Array {
  const length = 4 + value.length;
  const bytes = new Uint8Array(padded(length));
  bytes[0] = length;
  bytes[1] = length >> 8;
  bytes[2] = type;
  bytes[3] = type >> 8;
  bytes.set(value, 4);
  return bytes;
}

/** An attribute that contains attributes. */
export const nested = (type: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  attribute(type | NESTED, join(...parts));

/** The request as it is sent. */
export function encode({ type, flags, body }: NetlinkRequest, sequence: number): Uint8Array {
  const bytes = new Uint8Array(HEADER + body.length);
  const view = viewOf(bytes);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags | Flag.request, true);
  view.setUint32(8, sequence, true);
  bytes.set(body, HEADER);
  return bytes;
}

/** The messages in a datagram; throws a RangeError when it is truncated. */
export function decode(datagram: Uint8Array): readonly Received[] {
  const view = viewOf(datagram);
  const messages: Received[] = [];
  for (let at = 0; at < datagram.length; ) {
    const length = view.getUint32(at, true);
    if (length < HEADER || at + length > datagram.length) throw new RangeError(`a netlink message of ${length} bytes`);
    // A copy: the buffer is used again for the next datagram.
    const body = datagram.slice(at + HEADER, at + length);
    messages.push({ type: view.getUint16(at + 4, true), flags: view.getUint16(at + 6, true), body });
    at += padded(length);
  }
  return messages;
}

/** Attributes by type, from `start` of a message's body or an attribute's value; those of `wanted` alone where it is given. */
export function attributes(
  body: Uint8Array,
  start: number,
  wanted?: readonly number[],
): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  for (let at = start; at + 4 <= body.length; ) {
    const length = (body[at] ?? 0) | ((body[at + 1] ?? 0) << 8);
    if (length < 4) break;
    const type = ((body[at + 2] ?? 0) | ((body[at + 3] ?? 0) << 8)) & 0x3fff;
    // A link has fifty, most of which are not wanted.
    if (wanted === undefined || wanted.includes(type)) found.set(type, body.subarray(at + 4, at + length));
    at += padded(length);
  }
  return found;
}

/** A signed number of four bytes, as the kernel writes it; undefined for a missing attribute, or one that is too short. */
export const readInt = (value: Uint8Array | undefined, at = 0): number | undefined =>
  value === undefined || value.length < at + 4
    ? undefined
    : (value[at] ?? 0) | ((value[at + 1] ?? 0) << 8) | ((value[at + 2] ?? 0) << 16) | ((value[at + 3] ?? 0) << 24);

/** The same without a sign. */
export function readCount(value: Uint8Array | undefined, at = 0): number | undefined {
  const found = readInt(value, at);
  return found === undefined ? undefined : found >>> 0;
}

/** Text up to C's terminating zero. */
export function readText(value: Uint8Array | undefined): string {
  if (value === undefined) return '';
  const end = value.indexOf(0);
  return fromUtf8(end < 0 ? value : value.subarray(0, end));
}
