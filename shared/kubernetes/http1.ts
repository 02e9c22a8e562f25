import { fromUtf8 } from '../bytes/text.ts';
import { NotAnswered, request } from '../http1/request.ts';
import { unusableText } from '../http2/tls-fault.ts';
import { hostAndPort } from '../net/url.ts';
import type { Access } from './credentials.ts';
import { methodOf, type Question, type Reply, unreachable, untrusted } from './failure.ts';
import { retryAfterOf } from './retry-after.ts';

/** Sends one request over HTTP/1.1, on its own connection. Throws a Failure when no complete answer arrives within `limit` milliseconds. */
export async function askOverHttp1(
  { server, tls }: Access,
  question: Question,
  headers: Readonly<Record<string, string>>,
  limit: number,
): Promise<Reply> {
  const secure = tls === undefined ? undefined : { protocols: ['http/1.1'], ...tls };
  const { path, body, follow } = question;
  const followed = { receive: follow?.receive, signal: follow?.signal };
  const asked = { method: methodOf(question), path, host: server.host, headers, body, ...followed };
  const answer = await request(hostAndPort(server), secure, asked, limit).catch((thrown) => {
    if (thrown instanceof NotAnswered) throw unreachable(server, thrown.message, thrown.code, thrown);
    throw untrusted(server, `PEM: ${unusableText(thrown)}`);
  });
  return { status: answer.status, body: fromUtf8(answer.body), ...retryAfterOf(answer.headers.get('retry-after')) };
}
