import { joinBytes } from '../bytes/join.ts';
import type { Field } from '../http2/hpack.ts';
import type { Http2Session } from '../http2/session.ts';
import type { Heard, Stream } from '../http2/stream.ts';
import type { ServerEndpoint } from '../net/endpoint.ts';
import type { Signal } from '../system/cancellation.ts';
import { startTimer, stopTimer } from '../system/clock.ts';
import { type GrpcStatus, openMessages, statusOf, unframe } from './grpc.ts';
import { TryFailed } from './try-failed.ts';

/** One unary call as it goes out. */
export interface Exchange {
  readonly path: string;
  /** The framed message. */
  readonly body: Uint8Array;
  /** Header fields beyond those of every gRPC call. */
  readonly fields: readonly Field[];
  /** Milliseconds. */
  readonly timeout: number;
}

/** One call whose answers are followed: messages that come until one side ends it. */
export interface Following extends Omit<Exchange, 'timeout'> {
  /** Takes a message. What it throws ends the call, and is thrown. */
  readonly receive: (message: Uint8Array) => void;
  readonly signal: Signal;
}

/** What a status other than success stands for. */
export type OnStatus = (status: GrpcStatus) => TryFailed;

/** Makes one call on an open connection and returns the response message. Throws TryFailed. */
export async function exchange(
  session: Http2Session,
  endpoint: ServerEndpoint,
  request: Exchange,
  onStatus: OnStatus,
): Promise<Uint8Array> {
  if (!session.usable()) throw new TryFailed(endpoint.text, 'unreachable', 'the connection is closed');
  const stream = session.open(fieldsOf(endpoint, request), request.body);
  return messageOf(endpoint, await within(request.timeout, endpoint, stream), onStatus);
}

/**
 * Makes one call on an open connection, and follows its answers. Throws TryFailed when the call ends, also when the server ends
 * it without an error, or what `receive` throws.
 */
export async function followAnswers(
  session: Http2Session,
  endpoint: ServerEndpoint,
  request: Following,
  onStatus: OnStatus,
): Promise<never> {
  if (!session.usable()) throw new TryFailed(endpoint.text, 'unreachable', 'the connection is closed');
  const messages = openMessages();
  let wrong: { readonly thrown: unknown } | undefined;
  const stream = session.open(fieldsOf(endpoint, request), request.body, (part) => {
    try {
      if (wrong === undefined) for (const message of messages(part)) request.receive(message);
    } catch (thrown) {
      wrong = { thrown };
      stream.cancel();
    }
  });
  const forget = request.signal.onCancel(() => stream.cancel());
  const heard = await stream.heard;
  forget();
  if (wrong !== undefined) throw wrong.thrown;
  const status = statusOf(heard.headers, heard.trailers);
  if (status !== undefined && status.code !== 0) throw onStatus(status);
  throw new TryFailed(endpoint.text, 'unreachable', status === undefined ? heard.reason : 'the server ended the call');
}

function fieldsOf(
  { secure, authority }: ServerEndpoint,
  { path, timeout, fields }: Omit<Exchange, 'body' | 'timeout'> & { readonly timeout?: number },
): readonly Field[] {
  return [
    [':method', 'POST'],
    [':scheme', secure ? 'https' : 'http'],
    [':authority', authority],
    [':path', path],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
    ...(timeout === undefined ? [] : [['grpc-timeout', `${Math.max(1, Math.floor(timeout))}m`] as const]),
    ...fields,
  ];
}

function within(timeout: number, endpoint: ServerEndpoint, stream: Stream): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const timer = startTimer(timeout, () => {
      reject(
        new TryFailed(endpoint.text, 'timed out', `no answer within ${Math.round(timeout) / 1000} s`, { sent: true }),
      );
      stream.cancel();
    });
    void stream.heard.then((heard) => {
      stopTimer(timer);
      resolve(heard);
    });
  });
}

/** A valid response has status 0 and exactly one whole message. Anything less must not be taken for an empty response. */
function messageOf(endpoint: ServerEndpoint, heard: Heard, onStatus: OnStatus): Uint8Array {
  const { headers, trailers, parts, sent } = heard;
  if (heard.tooLarge) throw new TryFailed(endpoint.text, 'too large', heard.reason, { sent });
  const status = statusOf(headers, trailers);
  if (status === undefined) {
    const http = headers[':status'] ?? 200;
    const why = http === 200 ? heard.reason : `HTTP status ${http}, not a gRPC response`;
    throw new TryFailed(endpoint.text, 'unreachable', why, { sent });
  }
  if (status.code !== 0) throw onStatus(status);
  try {
    return unframe(joinBytes(parts));
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new TryFailed(endpoint.text, 'unreachable', why, { sent: true });
  }
}
