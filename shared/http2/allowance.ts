/** Limits to what a server may send: a hostile or broken one must neither exhaust this machine's memory nor block a call forever. */
import { joinBytes } from '../bytes/join.ts';

const KB = 1 << 10;
const MB = 1 << 20;

/** Bytes of all answers in progress on one connection. */
const MOST_ANSWER = 64 * MB;
/** Bytes of one header block, both as received and decoded. */
export const MOST_HEADERS = 64 * KB;
/** Frames between two answers that are not part of any answer: a real server sends a few. */
const MOST_OTHER_FRAMES = 1_000;
/** Memory that a frame takes in addition to its bytes. */
const FRAME_COST = 256;

/** The answer is larger than the limit; trying again would not help. */
export class AnswerTooLarge extends Error {
  constructor() {
    super(`the answer is larger than the limit of ${MOST_ANSWER / MB} MB`);
  }
}

/** How much one connection's server has used. The methods throw when that is too much. */
export interface Allowance {
  /** Counts a part of an answer's body, and returns the memory that it takes. */
  part(bytes: number): number;
  /** Frees the memory of an answer that is complete. */
  answered(held: number): void;
  /** Counts a frame that is not part of an answer. */
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
      if (others > MOST_OTHER_FRAMES)
        throw new Error(`more than ${MOST_OTHER_FRAMES} frames that are not part of an answer`);
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
    whole: () => joinBytes(parts),
  };
}

export const headersTooLarge = (): Error => new Error(`headers of more than ${MOST_HEADERS / KB} KB`);
