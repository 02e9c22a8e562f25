import { bun } from '../system/runtime.ts';
import { openBun } from './bun-transport.ts';
import { isAddress } from './certificate-names.ts';
import { unresolved } from './host-lookup.ts';
import { openNode, openNodeTls } from './node-transport.ts';
import { readRoots, type TlsSettings } from './tls-settings.ts';

/** A TCP or TLS connection, open or being opened. */
export interface Transport {
  /** Sends bytes, in order, as fast as the other side accepts them. */
  write(bytes: Uint8Array): void;
  destroy(): void;
  /** The connection alone does not keep the process alive. */
  unref(): void;
}

export interface Events {
  /** With TLS, the protocol that was agreed on (ALPN); undefined when the server names none. */
  onOpen(protocol?: string): void;
  onData(chunk: Uint8Array): void;
  /** Called once, when the connection ends or could not be opened; undefined without an error. */
  onEnd(error: (Error & { readonly code?: string | undefined }) | undefined): void;
}

export interface At {
  readonly host: string;
  readonly port: number;
}

/** A Unix domain socket: its path, or a NUL and an abstract name. */
export interface Local {
  readonly socket: string;
}

/** TLS options; certificates and keys are PEM texts. */
export interface Secure {
  readonly protocols: readonly string[];
  /** Whether the server must show a certificate for this host that is signed by a CA in `ca`. */
  readonly rejectUnauthorized: boolean;
  /** The server name to send, if it is not the host. */
  readonly servername?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  readonly ciphers?: string;
}

/**
 * Opens a plain connection. The executables use the runtime's own sockets, which cost next to nothing; node:net and node:tls
 * load the streams: 5 ms of processor time and 5 MB per call, measured. Under Node.js, its modules are used.
 */
export async function openPlain(at: At | Local, events: Events): Promise<Transport> {
  const explained = 'host' in at ? explaining(at, events) : events;
  return bun === undefined ? openNode(at, explained) : openBun(bun, at, undefined, explained);
}

/** The same events, with an explanation when a name does not resolve. */
function explaining({ host }: At, events: Events): Events {
  const onEnd: Events['onEnd'] = (error) => {
    const code = error?.code ?? '';
    const reason = unresolved(host, code);
    events.onEnd(reason === undefined ? error : Object.assign(new Error(reason, { cause: error }), { code }));
  };
  return { onOpen: (protocol) => events.onOpen(protocol), onData: (chunk) => events.onData(chunk), onEnd };
}

/** Opens a TLS connection; throws when certificate, key or CA cannot be used. */
export async function openSecure(at: At, secure: Secure, events: Events): Promise<Transport> {
  // No name is sent for an address (RFC 6066, section 3); the certificate is checked against the address itself.
  const named = isAddress(at.host) ? secure : { servername: at.host, ...secure };
  const explained = explaining(at, events);
  return bun === undefined ? openNodeTls(at, named, explained) : openBun(bun, at, named, explained);
}

/** Opens a TLS connection for HTTP/2. */
export function openTls(at: At, tls: TlsSettings, events: Events): Promise<Transport> {
  const ca = tls.ca ?? readRoots(tls.roots);
  const secure: Secure = {
    protocols: ['h2'],
    // Never taken from the environment (NODE_TLS_REJECT_UNAUTHORIZED).
    rejectUnauthorized: true,
    minVersion: tls.minVersion,
    ...(ca === undefined ? {} : { ca }),
    ...(tls.pair === undefined ? {} : tls.pair),
    ...(tls.ciphers === undefined ? {} : { ciphers: tls.ciphers }),
  };
  return openSecure(at, secure, events);
}
