/** The body of an answer over HTTP/1.1: of a known length, in chunks, or up to the end of the connection (RFC 9112, section 6). */
import { fromLatin1 } from '../bytes/text.ts';

type Keep = (part: Uint8Array) => void;

export interface Body {
  /** Keeps the body's parts and returns what cannot be read yet. Throws when they are invalid. */
  take(bytes: Uint8Array, keep: Keep): Uint8Array;
  isWhole(): boolean;
  readonly endsWithConnection: boolean;
}

const NONE = new Uint8Array(0);

export function bodyOf(method: string, status: number, headers: ReadonlyMap<string, string>): Body {
  if (method === 'HEAD' || status === 204 || status === 304) return ofLength(0);
  const coding = headers.get('transfer-encoding');
  if (coding?.toLowerCase() === 'chunked') return new Chunks();
  if (coding !== undefined) throw new Error('the answer has a transfer coding that was not asked for');
  const length = headers.get('content-length');
  if (length === undefined) return { take: keepAll, isWhole: () => false, endsWithConnection: true };
  if (!/^\d{1,15}$/.test(length)) throw new Error('the answer has an invalid length');
  return ofLength(Number(length));
}

function keepAll(bytes: Uint8Array, keep: Keep): Uint8Array {
  if (bytes.length > 0) keep(bytes);
  return NONE;
}

function ofLength(length: number): Body {
  let missing = length;
  return {
    take(bytes, keep) {
      const part = bytes.subarray(0, missing);
      missing -= part.length;
      return keepAll(part, keep);
    },
    isWhole: () => missing === 0,
    endsWithConnection: false,
  };
}

/** A chunk's size line, or a trailer's line, is never longer. */
const LONGEST_LINE = 1024;

class Chunks implements Body {
  readonly endsWithConnection = false;
  /** What comes next. */
  #state: 'size' | 'data' | 'end of data' | 'trailer' | 'nothing' = 'size';
  #missing = 0;

  isWhole(): boolean {
    return this.#state === 'nothing';
  }

  take(bytes: Uint8Array, keep: Keep): Uint8Array {
    let rest = bytes;
    while (rest.length > 0 && this.#state !== 'nothing') {
      if (this.#state === 'data') {
        rest = this.#data(rest, keep);
        continue;
      }
      const end = endOfLine(rest);
      if (end === -1) return rest;
      this.#line(fromLatin1(rest.subarray(0, end)));
      rest = rest.subarray(end + 2);
    }
    return rest;
  }

  #data(bytes: Uint8Array, keep: Keep): Uint8Array {
    const part = bytes.subarray(0, this.#missing);
    keep(part);
    this.#missing -= part.length;
    if (this.#missing === 0) this.#state = 'end of data';
    return bytes.subarray(part.length);
  }

  #line(line: string): void {
    if (this.#state === 'size') {
      const digits = /^([\da-f]{1,8})(?:;|\s*$)/i.exec(line)?.[1];
      if (digits === undefined) throw invalid();
      this.#missing = Number.parseInt(digits, 16);
      this.#state = this.#missing === 0 ? 'trailer' : 'data';
    } else if (this.#state === 'end of data') {
      if (line !== '') throw invalid();
      this.#state = 'size';
    } else if (line === '') {
      this.#state = 'nothing';
    }
  }
}

const invalid = (): Error => new Error('the answer has an invalid chunk');

/** Where a line ends; -1 if it has not all arrived. */
function endOfLine(bytes: Uint8Array): number {
  const at = bytes.indexOf(13);
  if (at > LONGEST_LINE || (at === -1 && bytes.length > LONGEST_LINE)) throw invalid();
  if (at === -1 || at + 1 === bytes.length) return -1;
  if (bytes[at + 1] !== 10) throw invalid();
  return at;
}
