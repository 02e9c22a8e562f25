/** The part of HTTP/2's frames (RFC 9113, sections 4 and 6) that a client of unary calls needs. */
import { joinBytes } from '../bytes/join.ts';

export const FrameType = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const Flag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

export const Setting = { enablePush: 2, initialWindowSize: 4, maxFrameSize: 5, maxHeaderListSize: 6 } as const;

/** The beginning of every connection (section 3.4). */
export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** The most that either side may send in one frame unless agreed otherwise. */
const FRAME_SIZE = 16_384;
const HEAD = 9;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

export function encodeFrame(type: number, flags: number, stream: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEAD + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, payload.length * 256 + type);
  frame[4] = flags;
  view.setUint32(5, stream);
  frame.set(payload, HEAD);
  return frame;
}

/** A 32-bit number as a payload. */
export function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

export const readWord = (bytes: Uint8Array, at: number): number =>
  bytes.length < at + 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);

export function encodeSettings(settings: readonly (readonly [id: number, value: number])[]): Uint8Array {
  const payload = new Uint8Array(settings.length * 6);
  const view = new DataView(payload.buffer);
  for (const [place, [id, value]] of settings.entries()) {
    view.setUint16(place * 6, id);
    view.setUint32(place * 6 + 2, value);
  }
  return encodeFrame(FrameType.settings, 0, 0, payload);
}

export function* decodeSettings(payload: Uint8Array): Generator<readonly [id: number, value: number]> {
  const view = new DataView(payload.buffer, payload.byteOffset);
  for (let at = 0; at + 6 <= payload.length; at += 6) yield [view.getUint16(at), view.getUint32(at + 2)];
}

/** Splits received bytes into frames and returns complete ones only. Throws on a frame larger than allowed. */
export function openFrames(): (chunk: Uint8Array) => readonly Frame[] {
  let rest: Uint8Array = new Uint8Array(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : joinBytes([rest, chunk]);
    const frames: Frame[] = [];
    let at = 0;
    while (bytes.length - at >= HEAD) {
      const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEAD);
      const length = view.getUint32(0) >>> 8;
      if (length > FRAME_SIZE) throw new Error('not HTTP/2');
      if (bytes.length - at < HEAD + length) break;
      const payload = bytes.subarray(at + HEAD, at + HEAD + length);
      frames.push({ type: view.getUint8(3), flags: view.getUint8(4), stream: view.getUint32(5) & 0x7fffffff, payload });
      at += HEAD + length;
    }
    rest = bytes.subarray(at);
    return frames;
  };
}

/** The payload of a DATA or HEADERS frame without padding and priority. */
export function contentOf({ type, flags, payload }: Frame): Uint8Array {
  const padding = flags & Flag.padded ? (payload[0] ?? 0) : 0;
  const from = (flags & Flag.padded ? 1 : 0) + (type === FrameType.headers && flags & Flag.priority ? 5 : 0);
  if (from + padding > payload.length) throw new Error('the padding of a frame is longer than the frame');
  return payload.subarray(from, payload.length - padding);
}
