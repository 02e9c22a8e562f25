import type { ClientHttp2Session, SecureClientSessionOptions } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type CniError, failure } from '../cni/error.ts';
import type { Endpoint } from './endpoint.ts';
import { TryFailed } from './errors.ts';
import { type Exchange, exchange } from './exchange.ts';
import { connectFailure } from './failure.ts';
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
  const session = await begin(endpoint, endpoint.url, options.tls);
  // Everything a session reports is told by the calls on it; unheard, an error would end the process.
  session.on('error', () => {});
  session.unref();
  let open = true;
  session.on('goaway', () => {
    open = false;
  });
  session.on('close', () => {
    open = false;
  });
  await greeting(session, endpoint, options);
  return {
    endpoint,
    usable: () => open,
    call: (request) => exchange(session, endpoint, request),
    close: () => session.destroy(),
  };
}

async function begin(endpoint: Endpoint, url: string, tls: TlsSettings): Promise<ClientHttp2Session> {
  const http2 = await import('node:http2');
  try {
    return http2.connect(url, endpoint.secure ? secured(tls) : {});
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

function secured(tls: TlsSettings): SecureClientSessionOptions {
  const ca = tls.ca ?? readRoots(tls.roots);
  return {
    minVersion: tls.minVersion,
    ...(ca === undefined ? {} : { ca }),
    ...(tls.pair === undefined ? {} : tls.pair),
    ...(tls.ciphers === undefined ? {} : { ciphers: tls.ciphers }),
  };
}

function greeting(session: ClientHttp2Session, endpoint: Endpoint, options: ConnectOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (failure: TryFailed) => {
      settle();
      session.destroy();
      reject(failure);
    };
    const timer = setTimeout(() => fail(silence(endpoint, options.timeout)), options.timeout);
    const onError = (error: Error) => fail(connectFailure(endpoint, error));
    const onClose = () => fail(connectFailure(endpoint, undefined));
    const onAbort = () => fail(new TryFailed(endpoint.text, 'unreachable', 'given up'));
    // Under TLS 1.3 a client certificate is refused after the handshake; Node tells the socket alone.
    const onConnect = (_: unknown, socket: Socket | TLSSocket) => void socket.once('error', onError);
    const onGreeting = () => {
      settle();
      resolve();
    };
    function settle() {
      clearTimeout(timer);
      session.off('error', onError).off('close', onClose).off('connect', onConnect).off('remoteSettings', onGreeting);
      options.signal.removeEventListener('abort', onAbort);
    }
    session.on('error', onError).on('close', onClose).on('connect', onConnect).on('remoteSettings', onGreeting);
    options.signal.addEventListener('abort', onAbort);
  });
}

function silence(endpoint: Endpoint, timeout: number): TryFailed {
  return new TryFailed(endpoint.text, 'timed out', `no connection within ${timeout / 1000} s`);
}
