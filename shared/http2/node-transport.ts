import type { Socket } from 'node:net';
import type { checkServerIdentity } from 'node:tls';
import { commonNameOnly } from './certificate-names.ts';
import type { At, Events, Local, Secure, Transport } from './transport.ts';

// The modules are loaded when needed: the executables, which contain this file, never load them.

/** A plain connection under Node.js. */
export async function openNode(at: At | Local, events: Events): Promise<Transport> {
  const { connect } = await import('node:net');
  const socket = connect('socket' in at ? { path: at.socket } : { ...at, noDelay: true });
  socket.once('connect', () => events.onOpen());
  return adopt(socket, events);
}

/** A TLS connection under Node.js; throws when certificate, key or CA cannot be used. */
export async function openNodeTls(at: At, { protocols, ...secure }: Secure, events: Events): Promise<Transport> {
  const { checkServerIdentity, connect } = await import('node:tls');
  const check = { checkServerIdentity: strictly(checkServerIdentity) };
  const socket = connect({ ...at, ...secure, ...check, ALPNProtocols: [...protocols] }).setNoDelay(true);
  socket.once('secureConnect', () => events.onOpen(socket.alpnProtocol || undefined));
  return adopt(socket, events);
}

/** Node's check of a certificate's names, and ours. */
export const strictly =
  (check: typeof checkServerIdentity): typeof checkServerIdentity =>
  (host, certificate) =>
    check(host, certificate) ?? commonNameOnly(host, certificate.subjectaltname);

function adopt(socket: Socket, events: Events): Transport {
  let failed: Error | undefined;
  socket.on('data', (chunk: Uint8Array) => events.onData(chunk));
  // With TLS 1.3 a client certificate is refused after the handshake, by an error or by just closing the connection.
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
