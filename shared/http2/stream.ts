import { AnswerTooLarge } from './allowance.ts';
import { encodeFrame, Flag, FrameType, word } from './frames.ts';
import type { Field, HeaderFields } from './hpack.ts';

/** What has been received of an answer when its call ends, however it ends. */
export interface Heard {
  readonly headers: HeaderFields;
  readonly trailers: HeaderFields | undefined;
  readonly parts: readonly Uint8Array[];
  /** Why the call ended early, if it did. */
  readonly reason: string;
  /** Whether the server may have handled the request. */
  readonly sent: boolean;
  /** Whether the server ended the answer, so that it is complete. */
  readonly whole: boolean;
  /** Whether it ended because the answer is larger than the limit. */
  readonly tooLarge: boolean;
}

/** One call on a session: `heard` and `cancel` are for the caller, the rest for the connection. */
export interface Stream {
  /** Resolves when the call has ended; never rejects. */
  readonly heard: Promise<Heard>;
  readonly id: number;
  /** Cancels the call. */
  cancel(): void;
  /** Bytes that the server lets us send on this stream. */
  window: number;
  /** Memory that the answer takes, as counted by the allowance. */
  held: number;
  /** Bytes received since the server's window was last enlarged. */
  taken: number;
  unsent(): number;
  /** Whether parts of the answer are passed on as they arrive, and not kept. */
  isFollowed(): boolean;
  /** The next `length` bytes of the body as a frame. */
  next(length: number): Uint8Array;
  /** Whether these are part of the answer. */
  fields(fields: readonly Field[]): boolean;
  data(part: Uint8Array, cost: number): void;
  end(): void;
  /** Ended because the connection ended. */
  fail(reason: Error): void;
  reset(code: number): void;
  /** Ended before the server handled it. */
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
const NOTHING = new Uint8Array(0);
/** The reason for an answer that ended early. */
export const INCOMPLETE = 'the connection closed before the answer was complete';

/**
 * Takes parts of an answer with status 200 as they arrive; the first is empty, and says that the answer begins. Must not throw,
 * nor keep a part: it is a view of a larger buffer.
 */
export type Receive = (part: Uint8Array) => void;

/** A call whose body has not been sent yet; `onCancel` tells the connection that the call was cancelled. */
export function openStream(
  id: number,
  body: Uint8Array,
  window: number,
  onCancel: () => void,
  receive?: Receive,
): Stream {
  const parts: Uint8Array[] = [];
  const blocks: HeaderFields[] = [];
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
    cancel() {
      onCancel();
      over('given up', true);
    },
    unsent: () => body.length - sentBytes,
    isFollowed: () => receive !== undefined && blocks[0]?.[':status'] === 200,
    next(length) {
      const part = body.subarray(sentBytes, sentBytes + length);
      sentBytes += length;
      this.window -= length;
      return encodeFrame(FrameType.data, sentBytes === body.length ? Flag.endStream : 0, id, part);
    },
    fields(fields) {
      const block = Object.fromEntries(fields);
      // Interim answers (1xx) come before the real one; nothing comes after the trailers.
      if (/^1/.test(block[':status'] ?? '') || blocks.length === 2) return false;
      blocks.push({ ...block, ...statusNumber(block[':status']) });
      if (blocks.length === 1 && this.isFollowed()) receive?.(NOTHING);
      return true;
    },
    data(part, cost) {
      if (receive !== undefined && this.isFollowed()) return receive(part);
      this.held += cost;
      // Copied: a single byte would keep everything received with it in memory.
      parts.push(new Uint8Array(part));
    },
    end: () => over(INCOMPLETE, true, { whole: true }),
    fail: (reason) => over(reason.message, true, { tooLarge: reason instanceof AnswerTooLarge }),
    reset: (code) => over(`the server reset the call (${CODES[code] ?? code})`, code !== REFUSED_STREAM),
    unseen: (reason) => over(reason, false),
  };
}

const statusNumber = (status: string | undefined): HeaderFields =>
  status === undefined ? {} : { ':status': Number(status) };

/** Tells the server that a call was cancelled. */
export const cancelledOf = (id: number): Uint8Array => encodeFrame(FrameType.rstStream, 0, id, word(CANCEL));
