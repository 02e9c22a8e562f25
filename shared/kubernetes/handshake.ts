import type { Failure } from '../error/failure.ts';
import { isAddress } from '../http2/certificate-names.ts';
import { silenceAt } from '../http2/host-lookup.ts';
import { type Http2Session, openSession } from '../http2/session.ts';
import { openSecure, type Transport } from '../http2/transport.ts';
import { bareHost } from '../net/host.ts';
import type { Access, TlsAccess } from './credentials.ts';
import { unreachable, untrusted } from './failure.ts';

/** Performs the TLS handshake. Returns a session, or undefined when the server has only HTTP/1.1. Throws a Failure after `limit` milliseconds. */
export function handshake({ server }: Access, tls: TlsAccess, limit: number): Promise<Http2Session | undefined> {
  const at = { host: bareHost(server.hostname), port: Number(server.port || 443) };
  const secure = { protocols: ['h2', 'http/1.1'], ...tls };
  return new Promise((resolve, reject) => {
    let transport: Transport | undefined;
    let session: Http2Session | undefined;
    let failed = false;
    let settled = false;
    const fail = (failure: Failure) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      failed = true;
      reject(failure);
      transport?.destroy();
    };
    const name = isAddress(at.host) ? undefined : at.host;
    const timer = setTimeout(() => silenceAt(name, limit).then((reason) => fail(unreachable(server, reason))), limit);
    const onOpen = (protocol?: string) => {
      clearTimeout(timer);
      if (transport === undefined || failed) return;
      settled = true;
      if (protocol === 'h2') session = openSession(transport, () => {});
      // First, as destroying may emit the end at once.
      resolve(session);
      // A pending request has a timer that keeps the process alive.
      if (protocol === 'h2') transport.unref();
      else transport.destroy();
    };
    const onEnd = (error?: NodeJS.ErrnoException) => {
      session?.ended(error);
      fail(unreachable(server, error?.message ?? 'the connection was closed at once', error?.code));
    };
    openSecure(at, secure, { onOpen, onData: (chunk) => session?.receive(chunk), onEnd }).then(
      (begun) => {
        transport = begun;
        if (failed) begun.destroy();
      },
      // Invalid certificates and keys.
      (thrown) => fail(untrusted(server, `PEM: ${thrown instanceof Error ? thrown.message : String(thrown)}`)),
    );
  });
}
