/** An answer over HTTP/1.1 (RFC 9112), read as it arrives. */
import { joinBytes } from '../bytes/join.ts';
import { fromLatin1 } from '../bytes/text.ts';
import { headersTooLarge, MOST_HEADERS, openAllowance } from '../http2/allowance.ts';
import type { Receive } from '../http2/stream.ts';
import { type Body, bodyOf } from './body.ts';

/** A complete answer; header names are in lower case. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/** Reads one answer. The methods throw when it is not HTTP, or too large. */
export interface AnswerReader {
  /** Takes received bytes; returns the answer once it is complete. */
  take(chunk: Uint8Array): HttpAnswer | undefined;
  /** The connection has ended; returns the answer if this is how it ends. */
  end(): HttpAnswer | undefined;
}

interface Head {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

/** `method` decides whether the answer can have a body. `receive` takes the parts of one with status 200, the first of them empty. */
export function openAnswer(method: string, receive?: Receive): AnswerReader {
  const allowance = openAllowance();
  const parts: Uint8Array[] = [];
  let rest: Uint8Array = new Uint8Array(0);
  let head: Head | undefined;
  let body: Body | undefined;
  const keep = (part: Uint8Array) => {
    if (receive !== undefined && head?.status === 200) return receive(part);
    allowance.part(part.length);
    parts.push(part);
  };
  const whole = (): HttpAnswer | undefined => head && { ...head, body: joinBytes(parts) };
  /** Reads a head. Interim answers come before the real one. */
  const begin = (end: number): Body | undefined => {
    head = readHead(fromLatin1(rest.subarray(0, end)));
    rest = rest.subarray(end + BLANK.length);
    if (head.status === 200) receive?.(new Uint8Array(0));
    return head.status < 200 ? undefined : bodyOf(method, head.status, head.headers);
  };
  return {
    take(chunk) {
      rest = rest.length === 0 ? chunk : joinBytes([rest, chunk]);
      while (body === undefined) {
        const end = endOfHead(rest);
        if (end === -1) return undefined;
        body = begin(end);
      }
      rest = body.take(rest, keep);
      return body.isWhole() ? whole() : undefined;
    },
    end: () => (body?.endsWithConnection ? whole() : undefined),
  };
}

const BLANK = [13, 10, 13, 10] as const;

/** Where the head ends; -1 if it has not all arrived. */
function endOfHead(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(13); at !== -1; at = bytes.indexOf(13, at + 1)) {
    if (at > MOST_HEADERS) break;
    if (bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) return at;
  }
  if (bytes.length > MOST_HEADERS) throw headersTooLarge();
  if (bytes.length >= 5 && fromLatin1(bytes.subarray(0, 5)) !== 'HTTP/') throw notHttp();
  return -1;
}

const notHttp = (): Error => new Error('the answer is not HTTP/1.1');

function readHead(text: string): Head {
  const [first = '', ...lines] = text.split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1];
  if (status === undefined) throw notHttp();
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) throw notHttp();
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { status: Number(status), headers };
}
