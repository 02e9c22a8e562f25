/** The runtime functions used here where node: has nothing as fast. */
export interface Bun {
  /** Opens a TCP connection, or one to a Unix domain socket. */
  connect(
    options: ({ readonly hostname: string; readonly port: number } | { readonly unix: string }) & {
      readonly tls?: BunTls;
      readonly socket: Readonly<Record<string, (socket: BunSocket, detail: never) => void>>;
    },
  ): Promise<BunSocket>;
  /** C functions: the native half of `bun:ffi`; its other half takes a third of a millisecond to load. */
  readonly FFI: {
    /** Returns an Error when the library, or a function in it, is missing. */
    dlopen(library: string, symbols: Readonly<Record<string, Signature>>): Error | { readonly symbols: unknown };
    readonly read: { i32(pointer: number, offset: number): number };
  };
  /** Hashes without loading node:crypto. */
  readonly CryptoHasher: new (
    algorithm: 'sha256' | 'sha3-256' | 'sha512',
  ) => { update(text: string): { digest(form: 'hex'): string } };
  /** Starts a program. */
  spawn(
    command: readonly string[],
    options: {
      readonly stdin: 'ignore';
      readonly stdout: 'ignore';
      readonly stderr: 'ignore';
      readonly detached: boolean;
    },
  ): Started;
}

/** A function of a C library. */
export interface Signature {
  readonly args: readonly string[];
  readonly returns: string;
}

/** TLS options. The outcome is passed to the socket's `handshake`. */
export interface BunTls {
  /** As sent on the wire. */
  readonly ALPNProtocols: string;
  readonly rejectUnauthorized: boolean;
  readonly serverName?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly minVersion?: number;
  readonly ciphers?: string;
}

/** A connection. */
export interface BunSocket {
  /** The protocol that the other side chose in TLS; false for none. */
  readonly alpnProtocol: string | false | null;
  /** The other side's certificate. */
  getPeerCertificate(): { readonly subjectaltname?: string };
  /** Returns how many bytes were accepted; the rest has to wait for `drain`. */
  write(bytes: Uint8Array): number;
  terminate(): void;
  unref(): void;
}

/** A running program. */
export interface Started {
  /** Null while it runs, or when a signal ended it. */
  readonly exitCode: number | null;
  readonly signalCode: string | null;
  /** The program does not keep this process alive. */
  unref(): void;
  /** Does nothing when it has ended. */
  kill(signal: 'SIGKILL'): void;
}

/** The runtime's own functions; undefined under Node.js. */
export const bun = (globalThis as { readonly Bun?: Bun }).Bun;
