/** An error of a connection or of a name's lookup. */
export type NetworkError = Error & { readonly code?: string | undefined };

/** Where to connect to: an IP address, or a local socket by its path or by NUL and an abstract name. */
type Target = { readonly address: string; readonly port: number } | { readonly unix: string };

/** TLS options; certificates and keys are PEM texts. */
export interface Tls {
  /** Protocols to offer (ALPN). */
  readonly protocols: readonly string[];
  /** Whether the server must show a valid certificate. */
  readonly verify: boolean;
  /** The name that is sent and checked; without it, the address is checked. */
  readonly serverName?: string;
  /** Trusted authorities; none if not given. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** IANA's names. */
  readonly ciphers?: readonly string[];
}

/** What happens on a connection. */
export interface ConnectionEvents {
  /** Connected, with TLS after the handshake. `protocol`: as agreed on; `peer`: the server's certificate (DER). */
  open(info: { readonly protocol?: string; readonly peer?: Uint8Array }): void;
  data(bytes: Uint8Array): void;
  /** Called once. A server's TLS alert has the code `ERR_SSL_ALERT_` and its number. */
  end(error?: NetworkError): void;
}

/** A connection, open or being opened. */
export interface NetworkConnection {
  /** Sends bytes, in order, as fast as the other side takes them. */
  write(bytes: Uint8Array): void;
  /** Sends nothing after what was written, and tells the other side so. What that sends is still heard. */
  finish(): void;
  /** No event follows. */
  destroy(): void;
  /** The connection alone does not keep the process alive. */
  unref(): void;
}

/** How a server speaks TLS; certificates and keys are PEM texts. */
export interface ServerTls {
  /** Protocols that it speaks (ALPN), the best first. */
  readonly protocols: readonly string[];
  readonly cert: string;
  readonly key: string;
  /** Authorities of clients: each client must show a certificate of theirs. */
  readonly clientCa?: string;
  /** Clients may also show none. */
  readonly clientOptional?: boolean;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** IANA's names. */
  readonly ciphers?: readonly string[];
}

/** A socket that takes connections. */
export interface Listener {
  /** 0 once it is closed. */
  port(): number;
  /** Takes no more; connections stay. */
  close(): void;
}

/** A record of a service (RFC 2782). */
export interface ServiceRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** What certificates say. */
export interface Certificate {
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}

export interface Network {
  /** Throws an Error with code BAD_CERTIFICATE, BAD_KEY, KEY_MISMATCH, BAD_CA or BAD_CIPHER when TLS options cannot be used. */
  connect(to: Target, tls: Tls | undefined, events: ConnectionEvents): NetworkConnection;
  /**
   * Takes connections at an address; port 0: a free one. `accept` returns the callbacks of a connection, or undefined to refuse it.
   * Throws as `connect` does, with BAD_VERSION for TLS versions, and the system's error when the address cannot be used.
   */
  listen(
    at: { readonly address: string; readonly port: number },
    tls: ServerTls | undefined,
    accept: (connection: NetworkConnection) => ConnectionEvents | undefined,
  ): Listener;
  /** Addresses of a name, in the order in which they are to be tried. Codes: ENOTFOUND, EAI_AGAIN. */
  lookup(name: string, timeoutMs: number, done: (error: NetworkError | undefined, addresses: string[]) => void): void;
  lookupSrv(
    name: string,
    timeoutMs: number,
    done: (error: NetworkError | undefined, records: ServiceRecord[]) => void,
  ): void;
  /** All certificates in a PEM text, or one in DER. */
  certificate(pem: string | Uint8Array): Certificate[];
}
