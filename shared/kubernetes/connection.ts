import type { TLSSocket } from 'node:tls';
import { openSession, type Session } from '../etcd/session.ts';
import type { Access } from './credentials.ts';
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
  const socket = access.tls === undefined ? undefined : await handshake(access, limits.connect);
  if (socket?.alpnProtocol !== 'h2') {
    socket?.destroy();
    return asking(
      (question, more) => askOverHttp1(access, question, { ...headers, ...more }, limits.request),
      at,
      () => {},
    );
  }
  const session = speakHttp2(socket);
  // A question under way has a timer that keeps the process alive.
  socket.unref();
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

function speakHttp2(socket: TLSSocket): Session {
  const session = openSession(
    {
      write: (bytes) => void socket.write(bytes),
      destroy: () => void socket.destroy(),
      unref: () => void socket.unref(),
    },
    () => {},
  );
  let failed: Error | undefined;
  socket.on('error', (error) => {
    failed = error;
  });
  socket.on('data', (chunk: Uint8Array) => session.receive(chunk));
  socket.on('close', () => session.ended(failed));
  return session;
}

async function handshake({ server, tls }: Access, limit: number): Promise<TLSSocket> {
  const { connect: dial } = await import('node:tls');
  const host = server.hostname.replace(/^\[|\]$/g, '');
  // No name is sent for an address (RFC 6066, section 3); the certificate is checked against the address itself.
  const name = /[^\d.]/.test(host) && !host.includes(':') ? { servername: host } : {};
  return new Promise((resolve, reject) => {
    const fail = (reason: string, code?: string) => {
      clearTimeout(timer);
      reject(unreachable(server, reason, code));
      socket?.destroy();
    };
    const timer = setTimeout(() => fail(`no connection within ${Math.round(limit) / 1000} s`), limit);
    let socket: TLSSocket | undefined;
    try {
      socket = dial({ host, port: Number(server.port || 443), ALPNProtocols: ['h2', 'http/1.1'], ...name, ...tls });
    } catch (thrown) {
      // Certificates and keys that are none.
      return fail(thrown instanceof Error ? `PEM: ${thrown.message}` : String(thrown));
    }
    socket.setNoDelay(true).once('secureConnect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => fail(error.message, error.code));
    socket.once('close', () => fail('the connection was closed at once'));
  });
}
