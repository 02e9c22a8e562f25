/** How much the server allows us to send. */
import { decodeSettings, encodeFrame, Flag, FrameType, Setting } from './frames.ts';
import { MOST, type Wire } from './session-state.ts';
import type { Stream } from './stream.ts';

export const FRAME_SIZES = { least: 16_384, most: 2 ** 24 - 1 } as const;

/** Sends as many frames of a body as both windows allow now. */
export function pump(wire: Wire, stream: Stream): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let room = 1; room > 0 && stream.unsent() > 0; ) {
    room = Math.min(wire.window, stream.window, wire.frameSize, stream.unsent());
    if (room <= 0) break;
    wire.window -= room;
    frames.push(stream.next(room));
  }
  return frames;
}

/** Applies the server's settings, the first of which are its greeting. Throws on invalid ones. */
export function settle(wire: Wire, flags: number, payload: Uint8Array): void {
  if (flags & Flag.ack) return;
  for (const [id, value] of decodeSettings(payload)) {
    if (id === Setting.maxFrameSize) wire.frameSize = frameSize(value);
    if (id !== Setting.initialWindowSize) continue;
    if (value > MOST) throw new Error('the server sets a window that is too large');
    for (const stream of wire.streams.values()) stream.window += value - wire.streamWindow;
    wire.streamWindow = value;
  }
  wire.socket.write(encodeFrame(FrameType.settings, Flag.ack, 0, new Uint8Array(0)));
  resumeSending(wire);
  wire.onGreeting();
}

function frameSize(value: number): number {
  if (value >= FRAME_SIZES.least && value <= FRAME_SIZES.most) return value;
  throw new Error(`the server sets an invalid frame size of ${value} bytes`);
}

/** The server allows more, for one call or for all. */
export function widen(wire: Wire, id: number, more: number): void {
  if (id === 0) wire.window += more;
  const stream = wire.streams.get(id);
  if (stream !== undefined) stream.window += more;
  resumeSending(wire);
}

function resumeSending(wire: Wire): void {
  for (const stream of wire.streams.values()) for (const frame of pump(wire, stream)) wire.socket.write(frame);
}
