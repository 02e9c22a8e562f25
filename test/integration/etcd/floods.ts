/** Servers that flood the client: each lists what it sends after the preface and a request on stream 1. */
import type { Socket } from 'node:net';
import { answers, bare, type Hostile, http2 } from './servers.ts';

const SETTINGS = 4;
const [DATA, HEADERS, RST_STREAM, PING, WINDOW_UPDATE, CONTINUATION, UNKNOWN] = [0, 1, 3, 6, 8, 9, 250];
const [END_HEADERS, ACK] = [4, 1];

function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const bytes = (...values: readonly number[]) => Uint8Array.from(values);
const zeros = (length: number) => new Uint8Array(length);
/** `:status 200` from HPACK's static table. */
const OK = bytes(0x88);
const greeting = frame(SETTINGS, 0, 0, zeros(0));
const head = frame(HEADERS, END_HEADERS, 1, OK);
/** A message's prefix: this many bytes follow. */
const prefix = (length: number) => frame(DATA, 0, 1, bytes(0, length >>> 24, length >>> 16, length >>> 8, length));

/** Each byte expands to the four-kilobyte field that the first field put into the dynamic table. */
function headerBomb(): Buffer {
  const field = Buffer.concat([bytes(0x40, 1, 0x61, 0x7f, 0xa1, 0x1e), Buffer.alloc(4_000, 0x62)]);
  return frame(HEADERS, END_HEADERS, 1, Buffer.concat([field, Buffer.alloc(12_000, 0xbe)]));
}

/** What each sends first, and then repeats as long as the client listens. */
const FLOODS: Record<string, readonly [first: readonly Buffer[], then: Buffer]> = {
  'a header block without end': [[frame(HEADERS, 0, 1, OK)], frame(CONTINUATION, 0, 1, Buffer.alloc(16_384, 0x88))],
  'empty parts of a header block': [[frame(HEADERS, 0, 1, OK)], frame(CONTINUATION, 0, 1, zeros(0))],
  'headers that expand to much more': [[], headerBomb()],
  'interim answers': [[], frame(HEADERS, END_HEADERS, 1, Buffer.concat([bytes(0x08, 3), Buffer.from('103')]))],
  'headers without end': [[], head],
  'an answer without end': [[head, prefix(0xf000_0000)], frame(DATA, 0, 1, zeros(16_384))],
  'an answer in bytes': [[head, prefix(0xf000_0000)], frame(DATA, 0, 1, zeros(1))],
  'an answer in empty frames': [[head, prefix(9)], frame(DATA, 0, 1, zeros(0))],
  'empty frames between large frames': [
    [head, prefix(0xf000_0000)],
    Buffer.concat([frame(DATA, 0, 1, zeros(1)), frame(UNKNOWN, 0, 0, zeros(16_384))]),
  ],
  'data that was not requested': [[], frame(DATA, 0, 7, zeros(16_384))],
  'pings, and reads no answer': [[], frame(PING, 0, 0, zeros(8))],
  'pings that are large': [[], frame(PING, 0, 0, zeros(16_384))],
  'settings, and reads no answer': [[], greeting],
  'one settings frame with many entries': [[], frame(SETTINGS, 0, 0, Buffer.alloc(16_380, bytes(0, 9, 0, 0, 0, 1)))],
  acknowledgements: [[], frame(SETTINGS, ACK, 0, zeros(0))],
  windows: [[], frame(WINDOW_UPDATE, 0, 0, bytes(0, 0, 0, 1))],
  'resets of other streams': [[], frame(RST_STREAM, 0, 9, bytes(0, 0, 0, 8))],
  'frames of unknown types': [[], frame(UNKNOWN, 0, 0, zeros(16_384))],
};

export const FLOOD_NAMES: readonly string[] = Object.keys(FLOODS);

/** The most that is sent: more than any limit, and few enough for a test machine when a test fails. */
const ENOUGH = 400 << 20;

function pour(socket: Socket, once: Buffer): void {
  const many = Buffer.concat(Array.from({ length: Math.max(1, Math.floor(65_536 / once.length)) }, () => once));
  let left = ENOUGH;
  const more = () => {
    while (left > 0 && !socket.destroyed) {
      left -= many.length;
      if (!socket.write(many)) return;
    }
  };
  socket.on('drain', more);
  more();
}

/** A server that connects and answers any request with the flood of that name. */
export function floods(name: string): Promise<Hostile> {
  const [first, then] = FLOODS[name] ?? [[], Buffer.alloc(0)];
  return bare((socket) => {
    socket.write(greeting);
    let seen = 0;
    socket.on('data', (chunk) => {
      seen += chunk.length;
      // Preface, settings and window update are shorter than 100 bytes, and the request follows.
      if (seen < 100) return;
      socket.pause().removeAllListeners('data');
      socket.write(Buffer.concat(first));
      pour(socket, then);
    });
  });
}

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
/** A length-delimited protobuf field. */
const field = (number: number, ...content: readonly Uint8Array[]): Buffer => {
  const length = content.reduce((sum, one) => sum + one.length, 0);
  return Buffer.concat([bytes(number * 8 + 2, ...varint(length)), ...content]);
};

/** The prefix that gRPC puts before a message. */
function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

const WELL = { 'grpc-status': '0' };

/** A server that answers a read with a message of this many bytes, made of the same empty field repeated. */
export function unfolding(empty: readonly [number, number], length: number): Promise<Hostile> {
  const range = field(1, Buffer.alloc(length, bytes(...empty)));
  return http2(answers(framed(field(3, range)), WELL));
}

/** A server with this many scan pages, each with one value of this many bytes. */
export function pagesOf(count: number, size: number): Promise<Hostile> {
  const entry = field(2, field(1, Buffer.from('/k/1')), bytes(24, 7), field(5, Buffer.alloc(size, 0x61)));
  const page = (more: number) =>
    framed(Buffer.concat([field(1, bytes(24, 9)), field(3, field(1, entry, bytes(24, more)))]));
  const [another, last] = [answers(page(1), WELL), answers(page(0), WELL)];
  let left = count;
  return http2((stream, socket) => (--left > 0 ? another : last)(stream, socket));
}
