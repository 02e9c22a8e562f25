import type { Failure } from '../error/failure.ts';
import { silenceAt } from '../http2/host-lookup.ts';
import { type Http2Session, openSession } from '../http2/session.ts';
import { unusableText } from '../http2/tls-fault.ts';
import { type ConnectError, openSecure, reasonOf, type Transport } from '../http2/transport.ts';
import { hostAndPort } from '../net/url.ts';
import { startTimer, stopTimer } from '../system/clock.ts';
import type { Access, TlsAccess } from './credentials.ts';
import { unreachable, untrusted } from './failure.ts';

/** Performs the TLS handshake. Returns a session, or undefined when the server has only HTTP/1.1. Throws a Failure after `limit` milliseconds. */
export function handshake({ server }: Access, tls: TlsAccess, limit: number): Promise<Http2Session | undefined> {
  const at = hostAndPort(server);
  const secure = { protocols: ['h2', 'http/1.1'], ...tls };
  return new Promise((resolve, reject) => {
    let transport: Transport | undefined;
    let session: Http2Session | undefined;
    let settled = false;
    const fail = (failure: Failure) => {
      if (settled) return;
      settled = true;
      stopTimer(timer);
      reject(failure);
      transport?.destroy();
    };
    const timer = startTimer(
      limit,
      () => void silenceAt(at.host, limit).then((reason) => fail(unreachable(server, reason))),
    );
    const onOpen = (protocol?: string) => {
      stopTimer(timer);
      if (transport === undefined || settled) return;
      settled = true;
      if (protocol === 'h2') session = openSession(transport, () => {});
      // First, as destroying may emit the end at once.
      resolve(session);
      // A pending request has a timer that keeps the process alive.
      if (protocol === 'h2') transport.unref();
      else transport.destroy();
    };
    const onEnd = (error?: ConnectError) => {
      session?.ended(error);
      fail(unreachable(server, reasonOf(error), error?.code));
    };
    try {
      transport = openSecure(at, secure, { onOpen, onData: (chunk) => session?.receive(chunk), onEnd });
    } catch (thrown) {
      // Invalid certificates and keys.
      fail(untrusted(server, `PEM: ${unusableText(thrown)}`));
    }
  });
}
