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
export const join = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

const u16 = (value: number): Uint8Array => Uint8Array.of(value & 0xff, value >> 8);
export const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);
/** Text with C's terminating zero. */
export const text = (value: string): Uint8Array => Buffer.from(`${value}\0`);

/** An attribute (rtattr), padded to four bytes. */
export function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(padded(4 + value.length));
  bytes.set(u16(4 + value.length), 0);
  bytes.set(u16(type), 2);
  bytes.set(value, 4);
  return bytes;
}

/** An attribute that contains attributes. */
export const nested = (type: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  attribute(type | NESTED, join(...parts));

/** The request as it is sent. */
export function encode({ type, flags, body }: NetlinkRequest, sequence: number): Uint8Array {
  const bytes = Buffer.alloc(HEADER + body.length);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(flags | Flag.request, 6);
  bytes.writeUInt32LE(sequence, 8);
  bytes.set(body, HEADER);
  return bytes;
}

/** The messages in a datagram; throws a RangeError when it is truncated. */
export function decode(datagram: Uint8Array): readonly Received[] {
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const messages: Received[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    if (length < HEADER || at + length > bytes.length) throw new RangeError(`a netlink message of ${length} bytes`);
    // A copy: the buffer is used again for the next datagram.
    const body = Uint8Array.prototype.slice.call(bytes, at + HEADER, at + length);
    messages.push({ type: bytes.readUInt16LE(at + 4), flags: bytes.readUInt16LE(at + 6), body });
    at += padded(length);
  }
  return messages;
}

/** Attributes by type, from `start` of a message's body or an attribute's value; those of `wanted` alone where it is given. */
export function attributes(body: Uint8Array, start: number, wanted?: readonly number[]): ReadonlyMap<number, Buffer> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const found = new Map<number, Buffer>();
  const number = (at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  for (let at = start; at + 4 <= bytes.length; ) {
    const length = number(at);
    if (length < 4) break;
    const type = number(at + 2) & 0x3fff;
    // A link has fifty, most of which nobody asks for.
    if (wanted === undefined || wanted.includes(type)) found.set(type, bytes.subarray(at + 4, at + length));
    at += padded(length);
  }
  return found;
}

/** Text up to C's terminating zero. */
export function readText(value: Uint8Array | undefined): string {
  if (value === undefined) return '';
  const end = value.indexOf(0);
  return Buffer.from(end < 0 ? value : value.subarray(0, end)).toString();
}
