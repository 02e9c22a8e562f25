import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { At, Events, Local, Secure, Transport } from './transport.ts';

/** A plain connection under Node.js. */
export function openNode(at: At | Local, events: Events): Transport {
  const socket = connect('socket' in at ? { path: at.socket } : { ...at, noDelay: true });
  socket.once('connect', () => events.onOpen());
  return adopt(socket, events);
}

/** A TLS connection under Node.js; throws when certificate, key or authorities are no good. */
export function openNodeTls(at: At, { protocols, ...secure }: Secure, events: Events): Transport {
  const socket: TLSSocket = connectTls({ ...at, ...secure, ALPNProtocols: [...protocols] }).setNoDelay(true);
  socket.once('secureConnect', () => events.onOpen(socket.alpnProtocol || undefined));
  return adopt(socket, events);
}

function adopt(socket: Socket, events: Events): Transport {
  let failed: Error | undefined;
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
