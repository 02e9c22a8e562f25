import { silenceAt } from '../http2/host-lookup.ts';
import { type Http2Session, openSession } from '../http2/session.ts';
import {
  type At,
  type ConnectError,
  type Events,
  type Local,
  openPlain,
  reasonOf,
  type Transport,
} from '../http2/transport.ts';
import type { ServerEndpoint } from '../net/endpoint.ts';
import { hostAndPort, parseUrl } from '../net/url.ts';
import { NEVER, type Signal } from '../system/cancellation.ts';
import { startTimer, stopTimer } from '../system/clock.ts';
import { type Exchange, exchange, type Following, followAnswers, type OnStatus } from './exchange.ts';
import { statusFailure } from './status-failure.ts';
import { TryFailed } from './try-failed.ts';

/** One HTTP/2 connection to one endpoint. It does not keep the process alive; a call in progress does. */
export interface GrpcConnection {
  readonly endpoint: ServerEndpoint;
  /** False once the connection is broken or the server takes no more calls. */
  usable(): boolean;
  /** Makes one unary call and returns the response message. Throws TryFailed. */
  call(request: Exchange): Promise<Uint8Array>;
  /** Makes one call and follows its answers until one side ends it. Throws TryFailed then. */
  follow(request: Following): Promise<never>;
  close(): void;
}

/** How one kind of server is connected to. */
export interface Dialling {
  /** Opens the connection that HTTP/2 runs on; may throw. */
  open(events: Events): Transport;
  /** What an error of the connection stands for; undefined when it was closed without one. */
  onError(error: ConnectError): TryFailed;
  readonly onStatus: OnStatus;
  /** Milliseconds until the server must have greeted. */
  readonly timeout: number;
  readonly signal: Signal;
}

/** The host and port of an endpoint, or its local socket. Throws TryFailed when it has neither. */
export function addressOf({ text, url, socket }: ServerEndpoint): At | Local {
  if (socket !== undefined) return { socket };
  const parsed = url === undefined ? undefined : parseUrl(url);
  if (parsed === undefined) {
    throw new TryFailed(text, 'refused', 'not an endpoint: http://HOST:PORT or https://HOST:PORT is expected');
  }
  return hostAndPort(parsed);
}

/** A connection without TLS; gRPC's own status codes decide what a failed call stands for. Throws TryFailed. */
export async function connectPlain(endpoint: ServerEndpoint, timeout: number): Promise<GrpcConnection> {
  const at = addressOf(endpoint);
  return connect(endpoint, {
    open: (events) => openPlain(at, events),
    onError: (error) => new TryFailed(endpoint.text, 'unreachable', reasonOf(error)),
    onStatus: (status) => statusFailure(endpoint, status),
    timeout,
    signal: NEVER,
  });
}

/**
 * Connects and waits for the server's SETTINGS frame: the kernel accepts connections even for a frozen process.
 * Throws TryFailed, and what `open` throws.
 */
export async function connect(endpoint: ServerEndpoint, dialling: Dialling): Promise<GrpcConnection> {
  const { session, transport } = await greeting(endpoint, dialling);
  // A call in progress has a timer, which keeps the process alive.
  transport.unref();
  return {
    endpoint,
    usable: () => session.usable(),
    call: (request) => exchange(session, endpoint, request, dialling.onStatus),
    follow: (request) => followAnswers(session, endpoint, request, dialling.onStatus),
    close: () => session.destroy(),
  };
}

interface Greeted {
  readonly session: Http2Session;
  readonly transport: Transport;
}

function greeting(endpoint: ServerEndpoint, { open, onError, timeout, signal }: Dialling): Promise<Greeted> {
  return new Promise((resolve, reject) => {
    let transport: Transport | undefined;
    let session: Http2Session | undefined;
    let settled = false;
    const settle = () => {
      settled = true;
      stopTimer(timer);
      forget();
    };
    const fail = (failure: Error) => {
      if (settled) return;
      settle();
      // Reject first: destroying may report an end at once.
      reject(failure);
      transport?.destroy();
    };
    const timer = startTimer(timeout, () => void silence(endpoint, timeout).then(fail));
    const forget = signal.onCancel(() => fail(new TryFailed(endpoint.text, 'unreachable', 'given up')));
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
        // Every connection ends: an error that no caller waits for is not made.
        if (!settled) fail(onError(error ?? session?.broken()));
      },
    };
    try {
      transport = open(events);
    } catch (thrown) {
      fail(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  });
}

async function silence(endpoint: ServerEndpoint, timeout: number): Promise<TryFailed> {
  const at = addressOf(endpoint);
  const host = 'socket' in at ? undefined : at.host;
  return new TryFailed(endpoint.text, 'timed out', await silenceAt(host, timeout));
}
