import { openSession, type Session } from '../etcd/session.ts';
import { openSecure, type Transport } from '../etcd/transport.ts';
import type { Access, TlsAccess } from './credentials.ts';
import { type Question, type Reply, unreachable } from './failure.ts';
import { askOverHttp1 } from './http1.ts';
import { askOverHttp2 } from './http2.ts';

/** A way to one API server with one set of credentials. */
export interface Connection {
  /** Throws a CniError when no whole answer comes in time; whatever the server says is an answer. */
  get(path: string): Promise<Reply>;
  post(path: string, body: object): Promise<Reply>;
  close(): void;
}

/** Milliseconds that connecting, and then each request, may take. */
export interface Limits {
  readonly connect: number;
  readonly request: number;
}

/**
 * Connects to an API server. In TLS all requests share one HTTP/2 connection, as its handshake is what costs; a server that
 * speaks only HTTP/1.1 gets a connection for each.
 */
export async function connect(access: Access, limits: Limits): Promise<Connection> {
  const headers = {
    accept: 'application/json',
    'user-agent': 'calico-cni',
    ...(access.authorization === undefined ? {} : { authorization: access.authorization }),
  };
  const { server } = access;
  const at = (path: string) => `${server.pathname.replace(/\/$/, '')}${path}`;
  const session = access.tls === undefined ? undefined : await handshake(access, access.tls, limits.connect);
  if (session === undefined) {
    return asking(
      (question, more) => askOverHttp1(access, question, { ...headers, ...more }, limits.request),
      at,
      () => {},
    );
  }
  const ask: Ask = (question, more) => askOverHttp2(session, server, question, { ...headers, ...more }, limits.request);
  return asking(ask, at, () => session.destroy());
}

type Ask = (question: Question, more: Readonly<Record<string, string>>) => Promise<Reply>;

function asking(ask: Ask, at: (path: string) => string, close: () => void): Connection {
  return {
    get: (path) => ask({ path: at(path), body: undefined }, {}),
    post: (path, body) => {
      const text = JSON.stringify(body);
      const length = String(Buffer.byteLength(text));
      return ask({ path: at(path), body: text }, { 'content-type': 'application/json', 'content-length': length });
    },
    close,
  };
}

/** Speaks TLS with the server: a session, or undefined when it knows HTTP/1.1 only. */
async function handshake({ server }: Access, tls: TlsAccess, limit: number): Promise<Session | undefined> {
  const at = { host: server.hostname.replace(/^\[|\]$/g, ''), port: Number(server.port || 443) };
  const secure = { protocols: ['h2', 'http/1.1'], ...tls };
  return new Promise((resolve, reject) => {
    let transport: Transport | undefined;
    let session: Session | undefined;
    let failed = false;
    const fail = (reason: string, code?: string) => {
      clearTimeout(timer);
      failed = true;
      reject(unreachable(server, reason, code));
      transport?.destroy();
    };
    const timer = setTimeout(() => fail(`no connection within ${Math.round(limit) / 1000} s`), limit);
    const onOpen = (protocol?: string) => {
      clearTimeout(timer);
      if (transport === undefined || failed) return;
      if (protocol === 'h2') session = openSession(transport, () => {});
      // First, as destroying may tell of an end at once.
      resolve(session);
      // A question under way has a timer that keeps the process alive.
      if (protocol === 'h2') transport.unref();
      else transport.destroy();
    };
    const onEnd = (error?: NodeJS.ErrnoException) => {
      session?.ended(error);
      fail(error?.message ?? 'the connection was closed at once', error?.code);
    };
    openSecure(at, secure, { onOpen, onData: (chunk) => session?.receive(chunk), onEnd }).then(
      (begun) => {
        transport = begun;
        if (failed) begun.destroy();
      },
      // Certificates and keys that are none.
      (thrown) => fail(thrown instanceof Error ? `PEM: ${thrown.message}` : String(thrown)),
    );
  });
}
