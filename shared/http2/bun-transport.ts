import type { Bun, BunSocket, BunTls } from '../system/runtime.ts';
import { commonNameOnly } from './certificate-names.ts';
import { connectErrno } from './connect-errno.ts';
import { tlsCode } from './tls-fault.ts';
import type { At, Events, Local, Secure, Transport } from './transport.ts';

/** A connection by the executable's own sockets, with TLS if `secure` is given; throws when certificate, key or CA cannot be used. */
export function openBun(runtime: Bun, at: At | Local, secure: Secure | undefined, events: Events): Transport {
  const queue = openQueue();
  let over = false;
  let unwanted = false;
  let told = false;
  const end = (error: NodeJS.ErrnoException | undefined): void => {
    if (!over) events.onEnd(error);
    over = true;
  };
  const began = performance.now();
  const notReached = async (error: NodeJS.ErrnoException): Promise<void> => {
    if (told) return;
    told = true;
    const isDoubtful = error.code === 'ECONNREFUSED' && 'host' in at && !unwanted;
    const code = isDoubtful ? await connectErrno(at.host, at.port, performance.now() - began) : error.code;
    end(worded(error, code, at));
  };
  const handlers = {
    open: (socket: BunSocket) => {
      queue.socket = socket;
      if (unwanted) socket.terminate();
      else if (secure === undefined) events.onOpen();
    },
    handshake: (socket: BunSocket, isTrusted: boolean, error: NodeJS.ErrnoException | null) => {
      const unnamed = secure?.rejectUnauthorized === false ? undefined : misnamed(socket, secure?.servername);
      const isFine = isTrusted ? unnamed === undefined : secure?.rejectUnauthorized === false && !isBroken(error);
      if (isFine) return events.onOpen(socket.alpnProtocol || undefined);
      end(alerted(error ?? unnamed ?? new Error('the certificate is not trusted')));
      socket.terminate();
    },
    data: (_: BunSocket, chunk: Uint8Array) => events.onData(chunk),
    drain: () => queue.flush(),
    error: (_: BunSocket, error: Error) => end(alerted(error)),
    connectError: (_: BunSocket, error: Error) => notReached(error),
    end: () => end(undefined),
    close: (_: BunSocket, error?: Error) => end(error),
  };
  runtime.connect({ ...whereTo(at, secure), socket: handlers as never }).catch(notReached);
  return {
    write: (bytes) => queue.add(bytes),
    destroy: () => {
      unwanted = true;
      queue.socket?.terminate();
    },
    unref: () => queue.socket?.unref(),
  };
}

/** Checked for host names only, as it takes a tenth of a millisecond. */
const misnamed = (socket: BunSocket, name: string | undefined): Error | undefined =>
  name === undefined ? undefined : commonNameOnly(name, socket.getPeerCertificate().subjectaltname);

function whereTo(at: At | Local, secure: Secure | undefined) {
  const where = 'socket' in at ? { unix: at.socket } : { hostname: at.host, port: at.port };
  return { ...where, ...(secure === undefined ? {} : { tls: tlsOptions(secure) }) };
}

/** Whether the handshake itself failed, regardless of the certificate. */
const isBroken = (error: NodeJS.ErrnoException | null): boolean => /^E(?:PROTO|CONN|PIPE)/.test(error?.code ?? '');

/** TLS versions as sent on the wire. */
const VERSIONS = { 'TLSv1.2': 0x0303, 'TLSv1.3': 0x0304 } as const;

function tlsOptions({ protocols, servername, minVersion, ...rest }: Secure): BunTls {
  return {
    ...rest,
    // Each preceded by its length (RFC 7301, section 3.1).
    ALPNProtocols: protocols.map((name) => String.fromCharCode(name.length) + name).join(''),
    ...(servername === undefined ? {} : { serverName: servername }),
    ...(minVersion === undefined ? {} : { minVersion: VERSIONS[minVersion] }),
  };
}

/** Bytes that wait until the kernel accepts them. */
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

/** Bun says `Failed to connect` where Node gives the reason. */
function worded(error: NodeJS.ErrnoException, code = '', at: At | Local): Error {
  const { message } = error;
  if (code === '' || message.includes(code)) return error;
  const where = 'socket' in at ? at.socket : `${at.host}:${at.port}`;
  return Object.assign(new Error(`connect ${code} ${where}`, { cause: error }), { code });
}

/** The error with the server's alert as its code, as under Node. */
function alerted(error: NodeJS.ErrnoException): Error {
  const code = tlsCode(error);
  return code === error.code ? error : Object.assign(new Error(error.message, { cause: error }), { code });
}
