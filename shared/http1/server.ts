import { platform } from '#platform';
import { joinBytes } from '../bytes/join.ts';
import { fromLatin1, utf8 } from '../bytes/text.ts';
import type { Listener, NetworkConnection, ServerTls } from '../platform/network.ts';
import { startTimer, stopTimer } from '../system/clock.ts';
import { endOfRequest, type RequestHead, readRequest } from './request-head.ts';

/** The answer to a request. */
export interface ServerAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers a request. What it throws is answered with 500. */
type Handler = (request: RequestHead) => Promise<ServerAnswer>;

/** Where a server listens. */
export interface ServerPlace {
  readonly address: string;
  readonly port: number;
  readonly tls: ServerTls | undefined;
}

/** Connections at once, bytes of a request, and milliseconds for a request and for a whole connection. */
const MOST_CONNECTIONS = 32;
const LARGEST_REQUEST = 8192;
const REQUEST_MS = 10_000;
const CONNECTION_MS = 60_000;

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
};

/**
 * Serves requests without a body, one on each connection. Nobody can make it grow or wait: connections, the size of a request and
 * the time for both are limited. Of too many connections one gives way: the longest without its request, else the longest that was
 * answered and that its client has not closed.
 */
export function serveHttp({ address, port, tls }: ServerPlace, handle: Handler): Listener {
  const open = new Set<Serving>();
  return platform.listen({ address, port }, tls, (connection) => {
    if (open.size >= MOST_CONNECTIONS) {
      const longest = (stage: Stage) => [...open].find((each) => each.stage() === stage);
      const least = longest('asking') ?? longest('answered');
      if (least === undefined) return undefined;
      least.stop();
    }
    const serving = serve(connection, handle, () => open.delete(serving));
    open.add(serving);
    return { open: () => {}, data: serving.take, end: serving.stop };
  });
}

/** Whether its request has not all come, is being answered, or has been. */
type Stage = 'asking' | 'answering' | 'answered';

interface Serving {
  stage(): Stage;
  take(bytes: Uint8Array): void;
  stop(): void;
}

function serve(connection: NetworkConnection, handle: Handler, left: () => void): Serving {
  let received: Uint8Array = new Uint8Array(0);
  let stage: Stage = 'asking';
  const stop = () => {
    for (const timer of timers) stopTimer(timer);
    connection.destroy();
    left();
  };
  const timers = [startTimer(CONNECTION_MS, stop), startTimer(REQUEST_MS, () => stage === 'asking' && stop())];
  const answer = (text: string) => {
    stage = 'answered';
    connection.write(utf8(text));
    // What the client still sends is read: a reset could take the answer from it.
    connection.finish();
  };
  return {
    stage: () => stage,
    stop,
    take(bytes) {
      if (stage !== 'asking') return;
      received = joinBytes([received, bytes.subarray(0, LARGEST_REQUEST + 1)]);
      const text = fromLatin1(received);
      const end = endOfRequest(text);
      if (end === undefined && received.length <= LARGEST_REQUEST) return;
      stage = 'answering';
      received = new Uint8Array(0);
      if (end === undefined || end > LARGEST_REQUEST) return answer(refusal(431));
      const request = readRequest(text.slice(0, end));
      if (request === undefined) return answer(refusal(400));
      handle(request).then(
        (given) => answer(answerText(given, request.method)),
        () => answer(refusal(500)),
      );
    },
  };
}

const refusal = (status: number): string =>
  answerText({ status, headers: {}, body: `${REASONS[status] ?? ''}\n` }, 'GET');

function answerText({ status, headers, body }: ServerAnswer, method: string): string {
  const all = { ...headers, 'Content-Length': String(utf8(body).length), Connection: 'close' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${REASONS[status] ?? ''}\r\n${lines.join('')}\r\n${method === 'HEAD' ? '' : body}`;
}
