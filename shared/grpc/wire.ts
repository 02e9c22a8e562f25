/** The part of Protocol Buffers' wire format that is needed here, one field at a time. */
import { fromUtf8, utf8 } from '../bytes/text.ts';

/** A message being written: a buffer that grows. */
export interface Out {
  bytes: Uint8Array<ArrayBuffer>;
  at: number;
}

/** A message being read: the bytes from `at` to `end` are its own. */
export interface In {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
  /** How many more messages and fields the whole one may contain. */
  readonly left: { messages: number; fields: number };
}

/** An empty entry takes two bytes on the wire and a hundred in memory. */
const MOST_MESSAGES = 250_000;

/** An empty field takes two bytes on the wire and a microsecond to skip. The largest message of etcd has six fields. */
const MOST_FIELDS = 8 * MOST_MESSAGES;

/** The bytes of one message. */
export function encode<T>(write: (out: Out, message: T) => void, message: T): Uint8Array<ArrayBuffer> {
  const out: Out = { bytes: new Uint8Array(512), at: 0 };
  write(out, message);
  return out.bytes.subarray(0, out.at);
}

/** Decodes the message in `bytes`; throws when it is truncated, invalid, or contains too many messages or fields. */
export function decode<T>(read: (from: In) => T, bytes: Uint8Array): T {
  return read({ bytes, at: 0, end: bytes.length, left: { messages: MOST_MESSAGES, fields: MOST_FIELDS } });
}

export function writeVarint(out: Out, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`not an unsigned integer: ${value}`);
  reserve(out, 10);
  let rest = value;
  while (rest > 127) {
    out.bytes[out.at++] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
  }
  out.bytes[out.at++] = rest;
}

export function writeVarint64(out: Out, value: bigint): void {
  reserve(out, 10);
  let rest = BigInt.asUintN(64, value);
  while (rest > 127n) {
    out.bytes[out.at++] = Number(rest & 127n) + 128;
    rest >>= 7n;
  }
  out.bytes[out.at++] = Number(rest);
}

/** Text as UTF-8, preceded by its length. */
export function writeText(out: Out, value: string): void {
  const bytes = utf8(value);
  writeVarint(out, bytes.length);
  reserve(out, bytes.length);
  out.bytes.set(bytes, out.at);
  out.at += bytes.length;
}

/** A message within a message, preceded by its length: leaves one byte for it, and moves the message when it needs more. */
export function writeNested<T>(out: Out, value: T, write: (out: Out, message: T) => void): void {
  reserve(out, 1);
  const mark = out.at++;
  write(out, value);
  const length = out.at - mark - 1;
  if (length < 128) {
    out.bytes[mark] = length;
    return;
  }
  reserve(out, 9);
  const size = length < 2 ** 14 ? 2 : length < 2 ** 21 ? 3 : length < 2 ** 28 ? 4 : 5;
  out.bytes.copyWithin(mark + size, mark + 1, out.at);
  out.at = mark;
  writeVarint(out, length);
  out.at += length;
}

function reserve(out: Out, room: number): void {
  if (out.at + room <= out.bytes.length) return;
  const bytes = new Uint8Array(Math.max(out.bytes.length * 2, out.at + room));
  bytes.set(out.bytes.subarray(0, out.at));
  out.bytes = bytes;
}

/** The tag before each field: its number and wire type. */
export function readTag(from: In): number {
  if (--from.left.fields < 0) throw new Error(`more than ${MOST_FIELDS} fields in one message`);
  return readVarint(from);
}

/** An int64 as a number (also a bool, an enum); throws beyond 2^53, where a number would not be exact. */
export function readVarint(from: In): number {
  const { bytes, end } = from;
  const first = from.at < end ? bytes[from.at] : undefined;
  if (first !== undefined && first < 128) {
    from.at++;
    return first;
  }
  let value = 0;
  let scale = 1;
  for (let at = from.at; scale < 2 ** 49; scale *= 128) {
    const byte = at < end ? bytes[at++] : undefined;
    if (byte === undefined) throw truncated();
    value += (byte & 127) * scale;
    if (byte < 128) {
      from.at = at;
      return value;
    }
  }
  value = Number(BigInt.asIntN(64, readVarint64(from)));
  if (!Number.isSafeInteger(value)) throw new Error('an integer beyond 2^53');
  return value;
}

/** A uint64. */
export function readVarint64(from: In): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = readByte(from);
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return BigInt.asUintN(64, value);
  }
  throw new Error('an integer of more than ten bytes');
}

/** An invalid byte becomes U+FFFD, as in Go's JSON reader: one broken value must not hide its neighbours. */
export function readText(from: In): string {
  const { at, end } = span(from);
  return fromUtf8(from.bytes.subarray(at, end));
}

export function readNested<T>(from: In, read: (from: In) => T): T {
  if (--from.left.messages < 0) throw new Error(`more than ${MOST_MESSAGES} messages in one`);
  return read(inner(from));
}

/** Skips an unknown field. */
export function skip(from: In, tag: number): void {
  const wireType = tag & 7;
  if (tag < 8 || tag > 0xffffffff) throw new Error(`no such field: ${tag}`);
  if (wireType === 0) skipVarint(from);
  else if (wireType === 1) advance(from, 8);
  else if (wireType === 2) span(from);
  else if (wireType === 5) advance(from, 4);
  else throw new Error(`no such wire type: ${wireType}`);
}

function skipVarint(from: In): void {
  for (let left = 10; left > 0; left--) if (readByte(from) < 128) return;
  throw new Error('an integer of more than ten bytes');
}

function inner(from: In): In {
  const { at, end } = span(from);
  return { bytes: from.bytes, at, end, left: from.left };
}

/** Where a field with a length begins and ends. */
function span(from: In): { readonly at: number; readonly end: number } {
  const length = readVarint(from);
  const at = from.at;
  advance(from, length);
  return { at, end: from.at };
}

function advance(from: In, length: number): void {
  if (length < 0 || length > from.end - from.at) throw truncated();
  from.at += length;
}

function readByte(from: In): number {
  const byte = from.at < from.end ? from.bytes[from.at++] : undefined;
  if (byte === undefined) throw truncated();
  return byte;
}

function truncated(): Error {
  return new Error('the message ends too early');
}
