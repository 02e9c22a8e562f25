import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { type CniError, failure } from '../cni/error.ts';
import type { Endpoint } from './endpoint.ts';
import { TryFailed } from './errors.ts';
import { type Exchange, exchange } from './exchange.ts';
import { connectFailure } from './failure.ts';
import { openSession, type Session } from './session.ts';
import { readRoots, type TlsSettings } from './tls.ts';

/** One HTTP/2 connection to one endpoint. It never keeps the process alive by itself; a call under way does. */
export interface Connection {
  readonly endpoint: Endpoint;
  /** False once the connection is broken or the server has said that it takes no more calls. */
  usable(): boolean;
  /** One unary call: the message answered. Throws TryFailed. */
  call(request: Exchange): Promise<Uint8Array>;
  close(): void;
}

export interface ConnectOptions {
  readonly tls: TlsSettings;
  /** Milliseconds until the server must have greeted. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/**
 * Connects and waits for the server's greeting (its SETTINGS): a frozen process has its connections accepted by the kernel.
 * Throws TryFailed.
 */
export async function connect(endpoint: Endpoint, options: ConnectOptions): Promise<Connection> {
  if (endpoint.url === undefined) {
    throw new TryFailed(endpoint.text, 'refused', 'not an endpoint: http://HOST:PORT or https://HOST:PORT is expected');
  }
  const { hostname, port } = new URL(endpoint.url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const at = { host, port: Number(port || (endpoint.secure ? 443 : 80)) };
  const socket = endpoint.secure ? await beginTls(at, options.tls) : await begin(at);
  const session = await greeting(socket, endpoint, options);
  // A call under way has a timer that keeps the process alive.
  socket.unref();
  return {
    endpoint,
    usable: () => session.usable(),
    call: (request) => exchange(session, endpoint, request),
    close: () => session.destroy(),
  };
}

type At = { readonly host: string; readonly port: number };

async function begin(at: At): Promise<Socket> {
  const { connect: dial } = await import('node:net');
  return dial({ ...at, noDelay: true });
}

async function beginTls({ host, port }: At, tls: TlsSettings): Promise<Socket> {
  const [{ connect: dial }, { isIP }] = await Promise.all([import('node:tls'), import('node:net')]);
  const ca = tls.ca ?? readRoots(tls.roots);
  const options: ConnectionOptions = {
    host,
    port,
    ALPNProtocols: ['h2'],
    // Never left to the environment (NODE_TLS_REJECT_UNAUTHORIZED).
    rejectUnauthorized: true,
    minVersion: tls.minVersion,
    ...(isIP(host) ? {} : { servername: host }),
    ...(ca === undefined ? {} : { ca }),
    ...(tls.pair === undefined ? {} : tls.pair),
    ...(tls.ciphers === undefined ? {} : { ciphers: tls.ciphers }),
  };
  try {
    return dial(options).setNoDelay(true);
  } catch (thrown) {
    throw badMaterial(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function badMaterial(reason: string): CniError {
  const mismatch = /key.values.mismatch/i.test(reason);
  const said = mismatch ? 'tls: private key does not match public key' : reason;
  return failure(
    `could not initialize etcdv3 client: ${said}`,
    'check etcd_cert_file, etcd_key_file and etcd_ca_cert_file',
  );
}

function greeting(socket: Socket, endpoint: Endpoint, options: ConnectOptions): Promise<Session> {
  return new Promise((resolve, reject) => {
    let failed: Error | undefined;
    const fail = (failure: TryFailed) => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', onAbort);
      socket.destroy();
      reject(failure);
    };
    const timer = setTimeout(() => fail(silence(endpoint, options.timeout)), options.timeout);
    const onAbort = () => fail(new TryFailed(endpoint.text, 'unreachable', 'given up'));
    options.signal.addEventListener('abort', onAbort);
    // Under TLS 1.3 a client certificate is refused after the handshake: as an error, or as a mere end.
    socket.on('error', (error) => {
      failed = error;
    });
    socket.on('close', () => fail(connectFailure(endpoint, failed)));
    socket.once(endpoint.secure ? 'secureConnect' : 'connect', () => {
      const session = openSession(socket, () => {
        clearTimeout(timer);
        options.signal.removeEventListener('abort', onAbort);
        resolve(session);
      });
    });
  });
}

function silence(endpoint: Endpoint, timeout: number): TryFailed {
  return new TryFailed(endpoint.text, 'timed out', `no connection within ${timeout / 1000} s`);
}
