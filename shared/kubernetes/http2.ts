import { joinBytes } from '../bytes/join.ts';
import { fromUtf8, utf8 } from '../bytes/text.ts';
import type { Http2Session } from '../http2/session.ts';
import type { Heard } from '../http2/stream.ts';
import type { Url } from '../net/url.ts';
import { startTimer, stopTimer } from '../system/clock.ts';
import { methodOf, type Question, type Reply, unreachable } from './failure.ts';
import { retryAfterOf } from './retry-after.ts';

const NO_BODY = new Uint8Array(0);

/**
 * Sends one request on an HTTP/2 session. Undefined when the server closed the connection without processing it, so that it can
 * be sent again. Throws a Failure when no complete answer arrives within `limit` milliseconds.
 */
export function askOverHttp2(
  session: Http2Session,
  server: Url,
  question: Question,
  headers: Readonly<Record<string, string>>,
  limit: number,
): Promise<Reply | undefined> {
  if (!session.usable()) return Promise.resolve(undefined);
  const { path, body, follow } = question;
  const pseudo = { ':method': methodOf(question), ':scheme': 'https', ':authority': server.host, ':path': path };
  const fields = Object.entries({ ...pseudo, ...headers });
  const stream = session.open(fields, body === undefined ? NO_BODY : utf8(body), follow?.receive);
  const forget = follow?.signal.onCancel(() => stream.cancel());
  return new Promise((resolve, reject) => {
    const timer = startTimer(limit, () => {
      reject(unreachable(server, `no answer within ${Math.round(limit) / 1000} s`, '', { sent: true, timedOut: true }));
      stream.cancel();
    });
    stream.heard.then((heard) => {
      stopTimer(timer);
      forget?.();
      const reply = replyOf(heard);
      if (reply === undefined && heard.sent) reject(unreachable(server, heard.reason, '', { sent: true }));
      else resolve(reply);
    }, reject);
  });
}

/** The complete answer. */
function replyOf({ headers, parts, whole }: Heard): Reply | undefined {
  const status = Number(headers[':status'] ?? 0);
  const body = joinBytes(parts);
  const announced = headers['content-length'];
  if (!whole || status === 0 || (announced !== undefined && Number(announced) !== body.length)) return undefined;
  return { status, body: fromUtf8(body), ...retryAfterOf(headers['retry-after']) };
}
