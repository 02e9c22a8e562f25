import type { ClientHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { type Reply, unreachable } from './failure.ts';

/** RST_STREAM's code for what nobody waits for any more (RFC 9113, section 7). */
const CANCEL = 8;

/** An HTTP/2 session over an open connection; it does not keep the process alive by itself. */
export async function openSession(server: URL, socket: TLSSocket): Promise<ClientHttp2Session> {
  // Loaded already: etcd is spoken to with it.
  const { connect } = await import('node:http2');
  const session = connect(server.origin, { createConnection: () => socket });
  // Everything a session reports is told by the calls on it; unheard, an error would end the process.
  session.on('error', () => {});
  session.unref();
  return session;
}

/** One GET on a session. Throws a CniError when no whole answer comes within `limit` milliseconds. */
export function getOverHttp2(
  session: ClientHttp2Session,
  server: URL,
  path: string,
  headers: Readonly<Record<string, string>>,
  limit: number,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path, ...headers });
    const parts: Uint8Array[] = [];
    let status = 0;
    let announced: string | undefined;
    let reason = 'the connection closed before the answer was complete';
    const timer = setTimeout(() => {
      reject(unreachable(server, `no answer within ${limit / 1000} s`));
      stream.close(CANCEL);
    }, limit);
    stream.on('response', (fields) => {
      status = Number(fields[':status']);
      announced = fields['content-length'];
    });
    stream.on('data', (part: Uint8Array) => parts.push(part));
    stream.on('error', (error) => {
      reason = error.message;
    });
    // The only sure end: a broken connection is an 'end' without an error, a reset an error without an 'end'.
    stream.on('close', () => {
      clearTimeout(timer);
      const body = Buffer.concat(parts);
      const whole =
        status !== 0 && stream.rstCode === 0 && (announced === undefined || Number(announced) === body.length);
      if (whole) resolve({ status, body: body.toString() });
      else reject(unreachable(server, reason));
    });
    stream.end();
  });
}
