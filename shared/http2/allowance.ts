/** What a server may send: a hostile or broken one must not cost this machine its memory, nor hold a call up for ever. */

const KB = 1 << 10;
const MB = 1 << 20;

/** Bytes of the answers under way on one connection. */
const MOST_ANSWER = 64 * MB;
/** Bytes of one header block, as it comes and unfolded. */
export const MOST_HEADERS = 64 * KB;
/** Frames between two answers that bring nothing of an answer: a real server sends a few. */
const MOST_OTHER_FRAMES = 1_000;
/** What holding a frame costs beyond its bytes. */
const FRAME_COST = 256;

/** The server sends more than may be held of an answer: it would do so again. */
export class AnswerTooLarge extends Error {
  constructor() {
    super(`an answer of more than ${MOST_ANSWER / MB} MB, which is the limit`);
  }
}

/** What one connection's server has made use of. Its methods throw when that is too much. */
export interface Allowance {
  /** A part of an answer's body came: what is held of it. */
  part(bytes: number): number;
  /** So much is no longer held, as an answer is over. */
  answered(held: number): void;
  /** A frame came that brings nothing of an answer. */
  otherFrame(): void;
}

export function openAllowance(): Allowance {
  let held = 0;
  let others = 0;
  return {
    part(bytes) {
      held += bytes + FRAME_COST;
      if (held > MOST_ANSWER) throw new AnswerTooLarge();
      return bytes + FRAME_COST;
    },
    answered(given) {
      held -= given;
      others = 0;
    },
    otherFrame() {
      others++;
      if (others > MOST_OTHER_FRAMES) throw new Error(`more than ${MOST_OTHER_FRAMES} frames that answer nothing`);
    },
  };
}

/** Collects the parts of one header block; throws when they are too many, or too large. */
export function openBlock(): { add(part: Uint8Array): void; whole(): Uint8Array } {
  const parts: Uint8Array[] = [];
  let size = 0;
  return {
    add(part) {
      size += part.length + (parts.length === 0 ? 0 : FRAME_COST);
      if (size > MOST_HEADERS) throw headersTooLarge();
      parts.push(part);
    },
    whole: () => (parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)),
  };
}

export const headersTooLarge = (): Error => new Error(`headers of more than ${MOST_HEADERS / KB} KB`);
