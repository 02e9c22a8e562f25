import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import type { Endpoint } from './endpoint.ts';
import { TryFailed } from './errors.ts';
import { statusFailure } from './failure.ts';
import { type Fields, statusOf, unframe } from './grpc.ts';

/** One unary call as it goes out. */
export interface Exchange {
  readonly path: string;
  /** The framed message. */
  readonly body: Uint8Array;
  readonly token: string | undefined;
  /** Milliseconds. */
  readonly timeout: number;
}

/** What has come back so far. */
interface Heard {
  headers: Fields;
  trailers: Fields | undefined;
  readonly parts: Uint8Array[];
  /** Why the stream broke, as far as it says. */
  reason: string;
  /** Whether the server may have looked at the request. */
  sent: boolean;
}

/** RST_STREAM's codes (RFC 9113, section 7). */
const REFUSED_STREAM = 7;
const CANCEL = 8;

/** Carries out one call on an open connection: the message answered. Throws TryFailed. */
export function exchange(session: ClientHttp2Session, endpoint: Endpoint, request: Exchange): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const stream = begin(session, endpoint, request);
    const heard = listen(stream);
    const timer = setTimeout(() => {
      reject(new TryFailed(endpoint.text, 'timed out', `no answer within ${request.timeout / 1000} s`, { sent: true }));
      stream.close(CANCEL);
    }, request.timeout);
    const onGoaway = (_code: number, lastStream: number) => {
      // The server names the last stream it will look at; later ones may go to another server.
      if ((stream.id ?? 0) <= lastStream) return;
      heard.sent = false;
      heard.reason = 'the server is going away';
      stream.close(CANCEL);
    };
    session.on('goaway', onGoaway);
    // The only sure end: a broken connection is an 'end' without an error, a reset an error without an 'end'.
    stream.on('close', () => {
      clearTimeout(timer);
      session.off('goaway', onGoaway);
      if (stream.rstCode === REFUSED_STREAM) heard.sent = false;
      try {
        resolve(messageOf(endpoint, heard));
      } catch (failed) {
        reject(failed);
      }
    });
    stream.end(request.body);
  });
}

function begin(session: ClientHttp2Session, endpoint: Endpoint, request: Exchange): ClientHttp2Stream {
  try {
    return session.request({
      ':method': 'POST',
      ':path': request.path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': `${Math.max(1, Math.floor(request.timeout))}m`,
      ...(request.token === undefined ? {} : { token: request.token }),
    });
  } catch (thrown) {
    throw new TryFailed(endpoint.text, 'unreachable', thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function listen(stream: ClientHttp2Stream): Heard {
  const heard: Heard = {
    headers: {},
    trailers: undefined,
    parts: [],
    reason: 'the connection closed before the answer was complete',
    sent: true,
  };
  stream.on('response', (fields) => {
    heard.headers = fields;
  });
  stream.on('trailers', (fields) => {
    heard.trailers = fields;
  });
  stream.on('data', (part: Uint8Array) => heard.parts.push(part));
  stream.on('error', (error) => {
    heard.reason = error.message;
  });
  return heard;
}

/** An answer counts with a status of 0 and one whole message; anything less must not pass for an empty one. */
function messageOf(endpoint: Endpoint, heard: Heard): Uint8Array {
  const { headers, trailers, parts, sent } = heard;
  const status = statusOf(headers, trailers);
  if (status === undefined) {
    const http = headers[':status'] ?? 200;
    const why = http === 200 ? heard.reason : `not an etcd: HTTP status ${http}`;
    throw new TryFailed(endpoint.text, 'unreachable', why, { sent });
  }
  if (status.code !== 0) throw statusFailure(endpoint, status);
  try {
    return unframe(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts));
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new TryFailed(endpoint.text, 'unreachable', why, { sent: true });
  }
}
