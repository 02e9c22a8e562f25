import { AnswerTooLarge } from './allowance.ts';
import { encodeFrame, Flag, FrameType, word } from './frames.ts';
import type { Field, Fields } from './hpack.ts';

/** What has come back of a call when it ends, however it ends. */
export interface Heard {
  readonly headers: Fields;
  readonly trailers: Fields | undefined;
  readonly parts: readonly Uint8Array[];
  /** Why it ended, when that was not as it should. */
  readonly reason: string;
  /** Whether the server may have looked at the request. */
  readonly sent: boolean;
  /** Whether the server ended it, so that nothing is missing. */
  readonly whole: boolean;
  /** Whether it ended because the answer is larger than may be. */
  readonly tooLarge: boolean;
}

/** One call on a session, seen from both of its ends: the caller's (`heard`, `cancel`) and the connection's. */
export interface Stream {
  /** Resolves when the call is over; never rejects. */
  readonly heard: Promise<Heard>;
  readonly id: number;
  /** Gives the call up. */
  cancel(): void;
  /** Bytes the server lets us send on this stream. */
  window: number;
  /** What is held of the answer, as it counts for the allowance. */
  held: number;
  /** Bytes taken since the server was last given room. */
  taken: number;
  unsent(): number;
  /** The next `length` bytes of the body as a frame. */
  next(length: number): Uint8Array;
  /** Whether these are a part of the answer. */
  fields(fields: readonly Field[]): boolean;
  data(part: Uint8Array, cost: number): void;
  end(): void;
  /** Over as the connection is. */
  fail(reason: Error): void;
  reset(code: number): void;
  /** Over without the server having looked at it. */
  unseen(reason: string): void;
}

/** RST_STREAM's codes (RFC 9113, section 7). */
const CODES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
];
const REFUSED_STREAM = 7;
const CANCEL = 8;
/** What is said of an answer that ended without its end. */
export const INCOMPLETE = 'the connection closed before the answer was complete';

/** A call whose body is still to be sent; `onCancel` tells the connection that nobody waits for it any more. */
export function openStream(id: number, body: Uint8Array, window: number, onCancel: () => void): Stream {
  const parts: Uint8Array[] = [];
  const blocks: Fields[] = [];
  let sentBytes = 0;
  let resolve: (heard: Heard) => void = () => {};
  const heard = new Promise<Heard>((settle) => {
    resolve = settle;
  });
  const over = (reason: string, sent: boolean, { whole = false, tooLarge = false } = {}) =>
    resolve({ headers: blocks[0] ?? {}, trailers: blocks[1], parts, reason, sent, whole, tooLarge });
  return {
    heard,
    id,
    window,
    held: 0,
    taken: 0,
    cancel: onCancel,
    unsent: () => body.length - sentBytes,
    next(length) {
      const part = body.subarray(sentBytes, sentBytes + length);
      sentBytes += length;
      this.window -= length;
      return encodeFrame(FrameType.data, sentBytes === body.length ? Flag.endStream : 0, id, part);
    },
    fields(fields) {
      const block = Object.fromEntries(fields);
      // Interim answers (1xx) come before the real one; after the trailers there is nothing.
      if (/^1/.test(block[':status'] ?? '') || blocks.length === 2) return false;
      blocks.push({ ...block, ...statusNumber(block[':status']) });
      return true;
    },
    data(part, cost) {
      this.held += cost;
      // A copy, as one byte of it would hold all that came with it.
      parts.push(new Uint8Array(part));
    },
    end: () => over(INCOMPLETE, true, { whole: true }),
    fail: (reason) => over(reason.message, true, { tooLarge: reason instanceof AnswerTooLarge }),
    reset: (code) => over(`the server reset the call (${CODES[code] ?? code})`, code !== REFUSED_STREAM),
    unseen: (reason) => over(reason, false),
  };
}

const statusNumber = (status: string | undefined): Fields =>
  status === undefined ? {} : { ':status': Number(status) };

/** Tells the server that nobody waits for a call any more. */
export const cancelledOf = (id: number): Uint8Array => encodeFrame(FrameType.rstStream, 0, id, word(CANCEL));
