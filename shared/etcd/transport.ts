import type { ConnectionOptions } from 'node:tls';
import { type BunSocket, bun } from '../runtime.ts';
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
  onOpen(): void;
  onData(chunk: Uint8Array): void;
  /** Once, however the connection ends or does not come about; undefined without an error. */
  onEnd(error: (Error & { readonly code?: string }) | undefined): void;
}

export interface At {
  readonly host: string;
  readonly port: number;
}

/** A socket of this machine: its path, or a NUL and an abstract name. */
export interface Local {
  readonly socket: string;
}

/**
 * Opens a plain connection. The executables' own sockets cost next to nothing where node:net loads the streams: 5 ms of
 * processor time and 5 MB a call, measured. Under Node, node:net serves.
 */
export async function openPlain(at: At | Local, events: Events): Promise<Transport> {
  return bun === undefined ? openNode(at, events) : openBun(bun, at, events);
}

function openBun(runtime: NonNullable<typeof bun>, at: At | Local, events: Events): Transport {
  const queue = openQueue();
  let over = false;
  let unwanted = false;
  const end = (error: NodeJS.ErrnoException | undefined): void => {
    if (!over) events.onEnd(error && worded(error, at));
    over = true;
  };
  const handlers = {
    open: (socket: BunSocket) => {
      queue.socket = socket;
      if (unwanted) socket.terminate();
      else events.onOpen();
    },
    data: (_: BunSocket, chunk: Uint8Array) => events.onData(chunk),
    drain: () => queue.flush(),
    error: (_: BunSocket, error: Error) => end(error),
    connectError: (_: BunSocket, error: Error) => end(error),
    end: () => end(undefined),
    close: (_: BunSocket, error?: Error) => end(error),
  };
  const where = 'socket' in at ? { unix: at.socket } : { hostname: at.host, port: at.port };
  runtime.connect({ ...where, socket: handlers as never }).catch(end);
  return {
    write: (bytes) => queue.add(bytes),
    destroy: () => {
      unwanted = true;
      queue.socket?.terminate();
    },
    unref: () => queue.socket?.unref(),
  };
}

/** Bytes that wait for the kernel to take them. */
interface Queue {
  socket: BunSocket | undefined;
  add(bytes: Uint8Array): void;
  flush(): void;
}

function openQueue(): Queue {
  const waiting: Uint8Array[] = [];
  return {
    socket: undefined,
    add(bytes) {
      waiting.push(bytes);
      if (waiting.length === 1) this.flush();
    },
    flush() {
      for (let bytes = waiting[0]; bytes !== undefined && this.socket !== undefined; bytes = waiting[0]) {
        const taken = this.socket.write(bytes);
        if (taken < bytes.length) {
          waiting[0] = bytes.subarray(Math.max(taken, 0));
          return;
        }
        waiting.shift();
      }
    },
  };
}

/** Bun says `Failed to connect` where Node says why. */
function worded(error: NodeJS.ErrnoException, at: At | Local): Error {
  const { code = '', message } = error;
  if (code === '' || message.includes(code)) return error;
  const where = 'socket' in at ? at.socket : `${at.host}:${at.port}`;
  return Object.assign(new Error(`connect ${code} ${where}`, { cause: error }), { code });
}

async function openNode(at: At | Local, events: Events): Promise<Transport> {
  const { connect } = await import('node:net');
  const options = 'socket' in at ? { path: at.socket } : { ...at, noDelay: true };
  return adopt(connect(options), 'connect', events);
}

/** Opens a TLS connection; throws when certificate, key or authorities are no good. */
export async function openTls({ host, port }: At, tls: TlsSettings, events: Events): Promise<Transport> {
  const [{ connect }, { isIP }] = await Promise.all([import('node:tls'), import('node:net')]);
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
  return adopt(connect(options).setNoDelay(true), 'secureConnect', events);
}

function adopt(socket: import('node:net').Socket, opened: string, events: Events): Transport {
  let failed: Error | undefined;
  socket.once(opened, () => events.onOpen());
  socket.on('data', (chunk: Uint8Array) => events.onData(chunk));
  // Under TLS 1.3 a client certificate is refused after the handshake: as an error, or as a mere end.
  socket.on('error', (error) => {
    failed = error;
  });
  socket.on('close', () => events.onEnd(failed));
  return {
    write: (bytes) => void socket.write(bytes),
    destroy: () => void socket.destroy(),
    unref: () => void socket.unref(),
  };
}
