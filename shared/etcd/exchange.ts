import { statusOf, unframe } from '../grpc/grpc.ts';
import type { Field } from '../http2/hpack.ts';
import type { Session } from '../http2/session.ts';
import type { Heard, Stream } from '../http2/stream.ts';
import type { Endpoint } from './endpoint.ts';
import { statusFailure } from './failure.ts';
import { TryFailed } from './try-failed.ts';

/** One unary call as it goes out. */
export interface Exchange {
  readonly path: string;
  /** The framed message. */
  readonly body: Uint8Array;
  readonly token: string | undefined;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Carries out one call on an open connection: the message answered. Throws TryFailed. */
export async function exchange(session: Session, endpoint: Endpoint, request: Exchange): Promise<Uint8Array> {
  if (!session.usable()) throw new TryFailed(endpoint.text, 'unreachable', 'the connection is closed');
  const stream = session.open(fieldsOf(endpoint, request), request.body);
  return messageOf(endpoint, await within(request.timeout, endpoint, stream));
}

function fieldsOf({ secure, authority }: Endpoint, { path, timeout, token }: Exchange): readonly Field[] {
  return [
    [':method', 'POST'],
    [':scheme', secure ? 'https' : 'http'],
    [':authority', authority],
    [':path', path],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
    ['grpc-timeout', `${Math.max(1, Math.floor(timeout))}m`],
    // A member cut off from the others then says so at once, where it would let us wait for seconds.
    ['hasleader', 'true'],
    ...(token === undefined ? [] : [['token', token] as const]),
  ];
}

function within(timeout: number, endpoint: Endpoint, stream: Stream): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new TryFailed(endpoint.text, 'timed out', `no answer within ${Math.round(timeout) / 1000} s`, { sent: true }),
      );
      stream.cancel();
    }, timeout);
    void stream.heard.then((heard) => {
      clearTimeout(timer);
      resolve(heard);
    });
  });
}

/** An answer counts with a status of 0 and one whole message; anything less must not pass for an empty one. */
function messageOf(endpoint: Endpoint, heard: Heard): Uint8Array {
  const { headers, trailers, parts, sent } = heard;
  if (heard.tooLarge) throw new TryFailed(endpoint.text, 'too large', heard.reason, { sent });
  const status = statusOf(headers, trailers);
  if (status === undefined) {
    const http = headers[':status'] ?? 200;
    const why = http === 200 ? heard.reason : `HTTP status ${http}, which is no answer to a gRPC call`;
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
