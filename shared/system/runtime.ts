/** What is used here of the runtime that the executables are made of, where node: has nothing as cheap. */
export interface Bun {
  /** Opens a TCP connection, or one to a socket of this machine. */
  connect(
    options: ({ readonly hostname: string; readonly port: number } | { readonly unix: string }) & {
      readonly tls?: BunTls;
      readonly socket: Readonly<Record<string, (socket: BunSocket, detail: never) => void>>;
    },
  ): Promise<BunSocket>;
  /** Functions of C libraries: the native half of `bun:ffi`, whose other half takes a third of a millisecond to load. */
  readonly FFI: {
    /** An Error when the library, or a function in it, is missing. */
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

/** How TLS is spoken. What it comes to is told to the socket's `handshake`. */
export interface BunTls {
  /** As they go over the wire. */
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
  /** The certificate that the other side has shown. */
  getPeerCertificate(): { readonly subjectaltname?: string };
  /** How many bytes were taken; the rest has to wait for `drain`. */
  write(bytes: Uint8Array): number;
  terminate(): void;
  unref(): void;
}

/** A program that runs. */
export interface Started {
  /** Null as long as it runs, or when a signal ended it. */
  readonly exitCode: number | null;
  readonly signalCode: string | null;
  /** The program does not keep this process alive. */
  unref(): void;
  /** One that has ended is left alone. */
  kill(signal: 'SIGKILL'): void;
}

/** The runtime's own functions; undefined under Node.js. */
export const bun = (globalThis as { readonly Bun?: Bun }).Bun;
