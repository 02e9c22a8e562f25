import {
  contentOf,
  decodeSettings,
  encodeFrame,
  encodeSettings,
  Flag,
  type Frame,
  FrameType,
  openFrames,
  PREFACE,
  readWord,
  Setting,
  word,
} from './frames.ts';
import { encodeFields, type Field, openDecoder } from './hpack.ts';
import { cancelledOf, openStream, type Stream } from './stream.ts';
import type { Transport } from './transport.ts';

/** A client's side of one HTTP/2 connection: as much of it as unary calls need, for a fraction of the general module's start. */
export interface Session {
  /** False once the connection is broken or the server has said that it takes no more calls. */
  usable(): boolean;
  /** Begins a call. */
  open(fields: readonly Field[], body: Uint8Array): Stream;
  /** What the connection brings. */
  receive(chunk: Uint8Array): void;
  /** The connection is gone. */
  ended(error: Error | undefined): void;
  destroy(): void;
}

/** RFC 9113, section 5.2: windows are as large as they may be, so that nothing has to be acknowledged while an answer comes. */
const WHOLE_WINDOW = 2 ** 31 - 1;
const FIRST_WINDOW = 65_535;

interface Wire {
  readonly socket: Transport;
  readonly streams: Map<number, Stream>;
  readonly decode: (block: Uint8Array) => readonly Field[];
  readonly onGreeting: () => void;
  open: boolean;
  lastStream: number;
  /** What the server lets us send, in all and on a new stream. */
  window: number;
  streamWindow: number;
  frameSize: number;
  /** A header block that goes on in further frames. */
  block: { readonly stream: number; readonly flags: number; readonly parts: Uint8Array[] } | undefined;
  readonly reason: string;
}

/** Speaks HTTP/2 on a connection that is open; `onGreeting` is called once the server has sent its settings. */
export function openSession(socket: Transport, onGreeting: () => void): Session {
  const wire: Wire = {
    socket,
    streams: new Map(),
    decode: openDecoder(),
    onGreeting,
    open: true,
    lastStream: -1,
    window: FIRST_WINDOW,
    streamWindow: FIRST_WINDOW,
    frameSize: 16_384,
    block: undefined,
    reason: 'the connection closed before the answer was complete',
  };
  const cut = openFrames();
  const settings = encodeSettings([
    [Setting.enablePush, 0],
    [Setting.initialWindowSize, WHOLE_WINDOW],
  ]);
  const wider = encodeFrame(FrameType.windowUpdate, 0, 0, word(WHOLE_WINDOW - FIRST_WINDOW));
  socket.write(Buffer.concat([Buffer.from(PREFACE), settings, wider]));
  return {
    usable: () => wire.open,
    open: (fields, body) => begin(wire, fields, body),
    receive: (chunk) => receive(wire, cut, chunk),
    ended: (error) => giveUp(wire, error?.message ?? wire.reason),
    destroy: () => socket.destroy(),
  };
}

function receive(wire: Wire, cut: (chunk: Uint8Array) => readonly Frame[], chunk: Uint8Array): void {
  try {
    for (const frame of cut(chunk)) take(wire, frame);
  } catch (thrown) {
    breakOff(wire, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function breakOff(wire: Wire, reason: string): void {
  wire.socket.destroy();
  giveUp(wire, reason);
}

function giveUp(wire: Wire, reason: string): void {
  wire.open = false;
  for (const stream of wire.streams.values()) stream.end(reason);
  wire.streams.clear();
}

function begin(wire: Wire, fields: readonly Field[], body: Uint8Array): Stream {
  const id = wire.lastStream + 2;
  wire.lastStream = id;
  const stream = openStream(id, body, wire.streamWindow, () => {
    wire.streams.delete(id);
    if (wire.open) wire.socket.write(cancelledOf(id));
  });
  wire.streams.set(id, stream);
  const flags = Flag.endHeaders | (body.length === 0 ? Flag.endStream : 0);
  const headers = encodeFrame(FrameType.headers, flags, id, encodeFields(fields));
  wire.socket.write(Buffer.concat([headers, ...pump(wire, stream)]));
  return stream;
}

/** As many frames of a body as both windows allow now. */
function pump(wire: Wire, stream: Stream): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let room = 1; room > 0 && stream.unsent() > 0; ) {
    room = Math.min(wire.window, stream.window, wire.frameSize, stream.unsent());
    if (room <= 0) break;
    wire.window -= room;
    frames.push(stream.next(room));
  }
  return frames;
}

function take(wire: Wire, frame: Frame): void {
  const { type, flags, stream, payload } = frame;
  if (wire.block !== undefined && type !== FrameType.continuation) throw new Error('a header block is interrupted');
  if (type === FrameType.data) deliver(wire, frame);
  else if (type === FrameType.headers) gather(wire, { stream, flags, parts: [contentOf(frame)] });
  else if (type === FrameType.continuation) resume(wire, frame);
  else if (type === FrameType.rstStream) finish(wire, stream, (one) => one.reset(readWord(payload, 0)));
  else if (type === FrameType.settings) settle(wire, flags, payload);
  else if (type === FrameType.ping && !(flags & Flag.ack)) {
    wire.socket.write(encodeFrame(FrameType.ping, Flag.ack, 0, payload));
  } else if (type === FrameType.goaway) leave(wire, readWord(payload, 0) & WHOLE_WINDOW, readWord(payload, 4));
  else if (type === FrameType.windowUpdate) widen(wire, stream, readWord(payload, 0) & WHOLE_WINDOW);
  else if (type === FrameType.pushPromise) throw new Error('the server pushes what was not asked for');
}

function deliver(wire: Wire, frame: Frame): void {
  const stream = wire.streams.get(frame.stream);
  stream?.data(contentOf(frame));
  if (frame.flags & Flag.endStream) finish(wire, frame.stream, (one) => one.end());
}

function gather(wire: Wire, block: { stream: number; flags: number; parts: Uint8Array[] }): void {
  if (block.flags & Flag.endHeaders) headers(wire, block.stream, block.flags, block.parts);
  else wire.block = block;
}

function resume(wire: Wire, { flags, stream, payload }: Frame): void {
  const block = wire.block;
  if (block?.stream !== stream) throw new Error('a header block goes on that never began');
  block.parts.push(payload);
  if (!(flags & Flag.endHeaders)) return;
  wire.block = undefined;
  headers(wire, stream, block.flags, block.parts);
}

/** Every block is decoded, also one for a call given up: the decoder learns from each. */
function headers(wire: Wire, id: number, flags: number, parts: readonly Uint8Array[]): void {
  const fields = wire.decode(Buffer.concat(parts));
  wire.streams.get(id)?.fields(fields);
  if (flags & Flag.endStream) finish(wire, id, (one) => one.end());
}

function finish(wire: Wire, id: number, how: (stream: Stream) => void): void {
  const stream = wire.streams.get(id);
  wire.streams.delete(id);
  if (stream !== undefined) how(stream);
}

function settle(wire: Wire, flags: number, payload: Uint8Array): void {
  if (flags & Flag.ack) return;
  for (const [id, value] of decodeSettings(payload)) {
    if (id === Setting.maxFrameSize) wire.frameSize = value;
    if (id !== Setting.initialWindowSize) continue;
    for (const stream of wire.streams.values()) stream.window += value - wire.streamWindow;
    wire.streamWindow = value;
  }
  wire.socket.write(encodeFrame(FrameType.settings, Flag.ack, 0, new Uint8Array(0)));
  resumeSending(wire);
  wire.onGreeting();
}

function widen(wire: Wire, id: number, more: number): void {
  if (id === 0) wire.window += more;
  const stream = wire.streams.get(id);
  if (stream !== undefined) stream.window += more;
  resumeSending(wire);
}

function resumeSending(wire: Wire): void {
  for (const stream of wire.streams.values()) for (const frame of pump(wire, stream)) wire.socket.write(frame);
}

/** The server names the last call it will look at; later ones may go to another server. With an error code it is all over. */
function leave(wire: Wire, last: number, code: number): void {
  wire.open = false;
  for (const id of [...wire.streams.keys()].filter((one) => one > last)) {
    finish(wire, id, (stream) => stream.unseen('the server is going away'));
  }
  if (code !== 0) breakOff(wire, `the server broke the connection off (HTTP/2 code ${code})`);
}
