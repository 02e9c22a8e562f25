import { bun } from '../system/runtime.ts';
import { openBun } from './bun-transport.ts';
import { isAddress } from './certificate-names.ts';
import { unresolved } from './host-lookup.ts';
import { openNode, openNodeTls } from './node-transport.ts';
import { readRoots, type TlsSettings } from './tls.ts';

/** A TCP or TLS connection under way, or made. */
export interface Transport {
  /** Sends bytes, in order, as fast as the other side takes them. */
  write(bytes: Uint8Array): void;
  destroy(): void;
  /** The connection alone does not keep the process alive. */
  unref(): void;
}

export interface Events {
  /** In TLS with the protocol agreed on (ALPN), undefined when the server names none. */
  onOpen(protocol?: string): void;
  onData(chunk: Uint8Array): void;
  /** Once, however the connection ends or does not come about; undefined without an error. */
  onEnd(error: (Error & { readonly code?: string | undefined }) | undefined): void;
}

export interface At {
  readonly host: string;
  readonly port: number;
}

/** A socket of this machine: its path, or a NUL and an abstract name. */
export interface Local {
  readonly socket: string;
}

/** How TLS is spoken; certificates and keys are PEM texts. */
export interface Secure {
  readonly protocols: readonly string[];
  /** Whether the server must show a certificate for this host that an authority of `ca` has signed. */
  readonly rejectUnauthorized: boolean;
  /** The name asked for, where it is not the host's. */
  readonly servername?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  readonly ciphers?: string;
}

/**
 * Opens a plain connection. The executables' own sockets cost next to nothing where node:net and node:tls load the streams:
 * 5 ms of processor time and 5 MB a call, measured. Under Node, its modules serve.
 */
export async function openPlain(at: At | Local, events: Events): Promise<Transport> {
  const explained = 'host' in at ? explaining(at, events) : events;
  return bun === undefined ? openNode(at, explained) : openBun(bun, at, undefined, explained);
}

/** The same, with names that do not resolve told as such. */
function explaining({ host }: At, events: Events): Events {
  const onEnd: Events['onEnd'] = (error) => {
    const code = error?.code ?? '';
    const reason = unresolved(host, code);
    events.onEnd(reason === undefined ? error : Object.assign(new Error(reason, { cause: error }), { code }));
  };
  return { onOpen: (protocol) => events.onOpen(protocol), onData: (chunk) => events.onData(chunk), onEnd };
}

/** Opens a TLS connection; throws when certificate, key or authorities are no good. */
export async function openSecure(at: At, secure: Secure, events: Events): Promise<Transport> {
  // No name is sent for an address (RFC 6066, section 3); the certificate is checked against the address itself.
  const named = isAddress(at.host) ? secure : { servername: at.host, ...secure };
  const explained = explaining(at, events);
  return bun === undefined ? openNodeTls(at, named, explained) : openBun(bun, at, named, explained);
}

/** Opens a TLS connection to an etcd. */
export function openTls(at: At, tls: TlsSettings, events: Events): Promise<Transport> {
  const ca = tls.ca ?? readRoots(tls.roots);
  const secure: Secure = {
    protocols: ['h2'],
    // Never left to the environment (NODE_TLS_REJECT_UNAUTHORIZED).
    rejectUnauthorized: true,
    minVersion: tls.minVersion,
    ...(ca === undefined ? {} : { ca }),
    ...(tls.pair === undefined ? {} : tls.pair),
    ...(tls.ciphers === undefined ? {} : { ciphers: tls.ciphers }),
  };
  return openSecure(at, secure, events);
}
