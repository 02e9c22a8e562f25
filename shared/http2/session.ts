import { joinBytes } from '../bytes/join.ts';
import { utf8 } from '../bytes/text.ts';
import { MOST_HEADERS, openAllowance } from './allowance.ts';
import { deliver, gather, resume } from './answer-frames.ts';
import {
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
import { answered, follow, stopPulse } from './pulse.ts';
import { FRAME_SIZES, pump, settle, widen } from './send-room.ts';
import { finish, MOST, WINDOW, type Wire } from './session-state.ts';
import { cancelledOf, INCOMPLETE, openStream, type Receive, type Stream } from './stream.ts';
import type { Transport } from './transport.ts';

/** The client side of one HTTP/2 connection: only what calls need that send all they have at once. */
export interface Http2Session {
  /** False once the connection is broken or the server takes no more calls. */
  usable(): boolean;
  /** Why this side closed the connection; undefined when it did not. */
  broken(): Error | undefined;
  /**
   * Starts a call. `receive` takes the parts of its answer as they arrive, for as long as it takes: meanwhile a server that does
   * not answer pings counts as gone.
   */
  open(fields: readonly Field[], body: Uint8Array, receive?: Receive): Stream;
  /** Handles received bytes. */
  receive(chunk: Uint8Array): void;
  /** Handles the end of the connection. */
  ended(error: Error | undefined): void;
  destroy(): void;
}

const FIRST_WINDOW = 65_535;

/** Starts HTTP/2 on an open connection; `onGreeting` is called once the server has sent its settings. */
export function openSession(socket: Transport, onGreeting: () => void): Http2Session {
  const wire: Wire = {
    socket,
    streams: new Map(),
    decode: openDecoder(),
    onGreeting,
    allowance: openAllowance(),
    open: true,
    broken: undefined,
    lastStream: -1,
    pulse: { followed: 0, timer: undefined, answered: undefined },
    window: FIRST_WINDOW,
    streamWindow: FIRST_WINDOW,
    frameSize: FRAME_SIZES.least,
    taken: 0,
    block: undefined,
  };
  const cut = openFrames();
  const settings = encodeSettings([
    [Setting.enablePush, 0],
    [Setting.initialWindowSize, WINDOW],
    [Setting.maxHeaderListSize, MOST_HEADERS],
  ]);
  const wider = encodeFrame(FrameType.windowUpdate, 0, 0, word(WINDOW - FIRST_WINDOW));
  socket.write(joinBytes([utf8(PREFACE), settings, wider]));
  return {
    usable: () => wire.open,
    broken: () => wire.broken,
    open: (fields, body, receive) => begin(wire, fields, body, receive),
    receive: (chunk) => receive(wire, cut, chunk),
    ended: (error) => giveUp(wire, error ?? new Error(INCOMPLETE)),
    destroy: () => socket.destroy(),
  };
}

function receive(wire: Wire, cut: (chunk: Uint8Array) => readonly Frame[], chunk: Uint8Array): void {
  if (wire.broken !== undefined) return;
  try {
    for (const frame of cut(chunk)) take(wire, frame);
  } catch (thrown) {
    breakOff(wire, thrown instanceof Error ? thrown : new Error(String(thrown)));
  }
}

function breakOff(wire: Wire, reason: Error): void {
  wire.broken ??= reason;
  // Before destroying, which may report an end at once.
  giveUp(wire, reason);
  wire.socket.destroy();
}

function giveUp(wire: Wire, reason: Error): void {
  wire.open = false;
  stopPulse(wire);
  for (const id of [...wire.streams.keys()]) finish(wire, id, (stream) => stream.fail(reason));
}

function begin(wire: Wire, fields: readonly Field[], body: Uint8Array, receive: Receive | undefined): Stream {
  const id = wire.lastStream + 2;
  wire.lastStream = id;
  const cancel = () =>
    finish(wire, id, () => {
      if (wire.open) wire.socket.write(cancelledOf(id));
    });
  const stream = openStream(id, body, wire.streamWindow, cancel, receive);
  wire.streams.set(id, stream);
  if (receive !== undefined) follow(wire, stream.heard, (reason) => breakOff(wire, reason));
  const flags = Flag.endHeaders | (body.length === 0 ? Flag.endStream : 0);
  const headers = encodeFrame(FrameType.headers, flags, id, encodeFields(fields));
  wire.socket.write(joinBytes([headers, ...pump(wire, stream)]));
  return stream;
}

function take(wire: Wire, frame: Frame): void {
  const { type, stream, payload } = frame;
  if (wire.block !== undefined && type !== FrameType.continuation) throw new Error('a header block is interrupted');
  if (type === FrameType.data) deliver(wire, frame);
  else if (type === FrameType.headers) gather(wire, frame);
  else if (type === FrameType.continuation) resume(wire, frame);
  else if (type === FrameType.rstStream && wire.streams.has(stream)) {
    finish(wire, stream, (one) => one.reset(readWord(payload, 0)));
  } else {
    wire.allowance.otherFrame();
    attend(wire, frame);
  }
}

/** Frames that are not part of an answer. */
function attend(wire: Wire, { type, flags, stream, payload }: Frame): void {
  if (type === FrameType.settings) settle(wire, flags, payload);
  else if (type === FrameType.ping) answerPing(wire, flags, payload);
  else if (type === FrameType.goaway) leave(wire, readWord(payload, 0) & MOST, readWord(payload, 4));
  else if (type === FrameType.windowUpdate) widen(wire, stream, readWord(payload, 0) & MOST);
  else if (type === FrameType.pushPromise) throw new Error('the server pushes unrequested answers');
}

function answerPing(wire: Wire, flags: number, payload: Uint8Array): void {
  if (payload.length !== 8) throw new Error(`a ping of ${payload.length} bytes instead of 8`);
  if (flags & Flag.ack) answered(wire);
  else wire.socket.write(encodeFrame(FrameType.ping, Flag.ack, 0, payload));
}

/** GOAWAY names the last call that the server will handle; later ones may go to another server. An error code ends all of them. */
function leave(wire: Wire, last: number, code: number): void {
  wire.open = false;
  for (const id of [...wire.streams.keys()].filter((one) => one > last)) {
    finish(wire, id, (stream) => stream.unseen('the server is going away'));
  }
  if (code !== 0) breakOff(wire, new Error(`the server closed the connection (HTTP/2 code ${code})`));
}
