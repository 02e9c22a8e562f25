import { joinBytes } from '../bytes/join.ts';
import { latin1, utf8 } from '../bytes/text.ts';
import { INCOMPLETE, type Receive } from '../http2/stream.ts';
import { type At, type ConnectError, openPlain, openSecure, type Transport } from '../http2/transport.ts';
import type { Tls } from '../platform/network.ts';
import type { Signal } from '../system/cancellation.ts';
import { startTimer, stopTimer } from '../system/clock.ts';
import { type HttpAnswer, openAnswer } from './answer.ts';

/** One request over HTTP/1.1. */
export interface Request {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** The host, and its port unless it is the usual one, as in the URL. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Takes the parts of an answer with status 200 as they arrive. */
  readonly receive?: Receive | undefined;
  /** Ends it. */
  readonly signal?: Signal | undefined;
}

/** A request that got no complete answer. */
export class NotAnswered extends Error {
  readonly code: string;
  /** Whether the server may have received it. */
  readonly sent: boolean;
  readonly timedOut: boolean;

  constructor(reason: string, code: string, sent: boolean, timedOut: boolean) {
    super(reason);
    this.code = code;
    this.sent = sent;
    this.timedOut = timedOut;
  }
}

const GIVEN_UP = 'given up';

/**
 * Sends a request on a connection of its own. Throws NotAnswered, after `limit` milliseconds at the latest, and what openSecure
 * throws.
 */
export function request(at: At, tls: Tls | undefined, asked: Request, limit: number): Promise<HttpAnswer> {
  const reader = openAnswer(asked.method, asked.receive);
  return new Promise((resolve, reject) => {
    let transport: Transport | undefined;
    let isOpen = false;
    let isOver = false;
    const over = (settle: () => void) => {
      if (isOver) return;
      isOver = true;
      stopTimer(timer);
      forget?.();
      transport?.destroy();
      settle();
    };
    const fail = (reason: string, code = '', timedOut = false) =>
      over(() => reject(new NotAnswered(reason, code, isOpen, timedOut)));
    const timer = startTimer(limit, () => fail(`no answer within ${Math.round(limit) / 1000} s`, '', true));
    const forget = asked.signal?.onCancel(() => fail(GIVEN_UP));
    const read = (step: () => HttpAnswer | undefined): boolean => {
      try {
        const answer = step();
        if (answer !== undefined) over(() => resolve(answer));
      } catch (thrown) {
        fail(thrown instanceof Error ? thrown.message : String(thrown));
      }
      return isOver;
    };
    const events = {
      onOpen: () => {
        isOpen = true;
        transport?.write(encode(asked));
      },
      onData: (chunk: Uint8Array) => void read(() => reader.take(chunk)),
      onEnd: (error: ConnectError) => {
        if (error !== undefined) fail(error.message, error.code);
        else if (!read(() => reader.end())) fail(INCOMPLETE);
      },
    };
    try {
      transport = tls === undefined ? openPlain(at, events) : openSecure(at, tls, events);
    } catch (thrown) {
      over(() => reject(thrown));
    }
  });
}

function encode({ method, path, host, headers, body }: Request): Uint8Array {
  const fields = Object.entries({ host, ...headers, connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const head = latin1(`${method} ${path} HTTP/1.1\r\n${fields.join('')}\r\n`);
  return body === undefined ? head : joinBytes([head, utf8(body)]);
}
