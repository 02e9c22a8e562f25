import { Failure } from '../error/failure.ts';
import { addressOf, connect as connectGrpc, type GrpcConnection } from '../grpc/connection.ts';
import type { Exchange, Following } from '../grpc/exchange.ts';
import { unusableText } from '../http2/tls-fault.ts';
import type { TlsSettings } from '../http2/tls-settings.ts';
import { type At, type Events, openPlain, openTls, type Transport } from '../http2/transport.ts';
import type { ServerEndpoint } from '../net/endpoint.ts';
import type { Signal } from '../system/cancellation.ts';
import { explained } from './expiry.ts';
import { connectFailure, statusFailure } from './failure.ts';

/** One unary call to etcd; `token` is that of the user who is logged in, undefined without one. */
interface EtcdCall extends Omit<Exchange, 'fields'> {
  readonly token: string | undefined;
}

/** One call to etcd whose answers are followed. */
interface EtcdFollowing extends Omit<Following, 'fields'> {
  readonly token: string | undefined;
}

/** A connection to one member of an etcd cluster. */
export interface EtcdConnection extends Omit<GrpcConnection, 'call' | 'follow'> {
  /** Makes one unary call and returns the response message. Throws TryFailed. */
  call(request: EtcdCall): Promise<Uint8Array>;
  /** Makes one call and follows its answers until one side ends it. Throws TryFailed then. */
  follow(request: EtcdFollowing): Promise<never>;
}

interface ConnectOptions {
  readonly tls: TlsSettings;
  /** Milliseconds until the server must have greeted. */
  readonly timeout: number;
  readonly signal: Signal;
}

/** Connects to one endpoint, in TLS where it asks for that. Throws TryFailed, or a Failure when the TLS files cannot be used. */
export async function connect(
  endpoint: ServerEndpoint,
  { tls, timeout, signal }: ConnectOptions,
): Promise<EtcdConnection> {
  const at = addressOf(endpoint);
  const connection = await connectGrpc(endpoint, {
    open: (events) => ('host' in at && endpoint.secure ? openWithTls(at, tls, events) : openPlain(at, events)),
    onError: (error) => connectFailure(endpoint, error),
    onStatus: (status) => statusFailure(endpoint, status),
    timeout,
    signal,
  }).catch((thrown) => {
    throw explained(thrown, tls);
  });
  const call = ({ token, ...request }: EtcdCall) => connection.call({ ...request, fields: fieldsWith(token) });
  const follow = ({ token, ...request }: EtcdFollowing) => connection.follow({ ...request, fields: fieldsWith(token) });
  return { ...connection, call, follow };
}

/** A member that has lost its leader refuses a call with `hasleader` at once; without it, the call would wait for seconds. */
const fieldsWith = (token: string | undefined): Exchange['fields'] => [
  ['hasleader', 'true'],
  ...(token === undefined ? [] : [['token', token] as const]),
];

function openWithTls(at: At, tls: TlsSettings, events: Events): Transport {
  try {
    return openTls(at, tls, events);
  } catch (thrown) {
    throw unusableFiles(thrown);
  }
}

function unusableFiles(thrown: unknown): Failure {
  return new Failure('tls not accepted', `could not initialize etcdv3 client: ${unusableText(thrown)}`, {
    remedy: 'check etcd_cert_file, etcd_key_file and etcd_ca_cert_file',
  });
}
