import { Failure } from '../error/failure.ts';
import { isAddress } from '../http2/certificate-names.ts';
import { silenceAt } from '../http2/host-lookup.ts';
import { openSession, type Session } from '../http2/session.ts';
import type { TlsSettings } from '../http2/tls.ts';
import { type Events, openPlain, openTls, type Transport } from '../http2/transport.ts';
import { bareHost } from '../net/host.ts';
import { errnoName } from '../system/errno.ts';
import type { Endpoint } from './endpoint.ts';
import { type Exchange, exchange } from './exchange.ts';
import { explained } from './expiry.ts';
import { connectFailure } from './failure.ts';
import { TryFailed } from './try-failed.ts';

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
  const { session, transport } = await greeting(endpoint, endpoint.url, options).catch(async (thrown) => {
    throw await explained(thrown, options.tls);
  });
  // A call under way has a timer that keeps the process alive.
  transport.unref();
  return {
    endpoint,
    usable: () => session.usable(),
    call: (request) => exchange(session, endpoint, request),
    close: () => session.destroy(),
  };
}

async function begin(endpoint: Endpoint, url: string, tls: TlsSettings, events: Events): Promise<Transport> {
  if (endpoint.socket !== undefined) return openPlain({ socket: endpoint.socket }, events);
  const { hostname, port } = new URL(url);
  const at = { host: bareHost(hostname), port: Number(port || (endpoint.secure ? 443 : 80)) };
  if (!endpoint.secure) return openPlain(at, events);
  try {
    return await openTls(at, tls, events);
  } catch (thrown) {
    throw unusableFiles(thrown);
  }
}

function unusableFiles(thrown: unknown): Failure {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const isMismatch = errnoName(thrown) === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH';
  const said = isMismatch ? 'tls: private key does not match public key' : reason;
  return new Failure('tls not accepted', `could not initialize etcdv3 client: ${said}`, {
    remedy: 'check etcd_cert_file, etcd_key_file and etcd_ca_cert_file',
  });
}

interface Greeted {
  readonly session: Session;
  readonly transport: Transport;
}

function greeting(endpoint: Endpoint, url: string, options: ConnectOptions): Promise<Greeted> {
  return new Promise((resolve, reject) => {
    let transport: Transport | undefined;
    let session: Session | undefined;
    let failed = false;
    let settled = false;
    const settle = () => {
      settled = true;
      clearTimeout(timer);
      options.signal.removeEventListener('abort', onAbort);
    };
    const fail = (failure: Error) => {
      if (settled) return;
      settle();
      failed = true;
      // First, as destroying may tell of an end at once.
      reject(failure);
      transport?.destroy();
    };
    const timer = setTimeout(() => silence(endpoint, url, options.timeout).then(fail), options.timeout);
    const onAbort = () => fail(new TryFailed(endpoint.text, 'unreachable', 'given up'));
    options.signal.addEventListener('abort', onAbort);
    const onGreeting = () => {
      settle();
      if (transport !== undefined && session !== undefined) resolve({ session, transport });
    };
    const events: Events = {
      onOpen: () => {
        if (transport !== undefined) session = openSession(transport, onGreeting);
      },
      onData: (chunk) => session?.receive(chunk),
      onEnd: (error) => {
        session?.ended(error);
        // Every connection ends: an error that nobody is waiting for is not made.
        if (!settled) fail(connectFailure(endpoint, error ?? session?.broken()));
      },
    };
    begin(endpoint, url, options.tls, events).then((begun) => {
      transport = begun;
      if (failed) begun.destroy();
    }, fail);
  });
}

async function silence(endpoint: Endpoint, url: string, timeout: number): Promise<TryFailed> {
  const host = bareHost(new URL(url).hostname);
  const name = endpoint.socket !== undefined || isAddress(host) ? undefined : host;
  return new TryFailed(endpoint.text, 'timed out', await silenceAt(name, timeout));
}
