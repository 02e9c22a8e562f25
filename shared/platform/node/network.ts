import { X509Certificate } from 'node:crypto';
import { lookup, Resolver } from 'node:dns';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { Certificate, ConnectionEvents, Network, NetworkConnection, NetworkError } from '../network.ts';
import { codeOf, requireUsable, serverOptions, strictIdentity, tlsOptions } from './tls.ts';

export const network: Network = {
  connect(to, tls, events) {
    const where = 'unix' in to ? { path: to.unix } : { host: to.address, port: to.port, noDelay: true };
    if (tls === undefined) {
      const socket = connectTcp(where);
      socket.once('connect', () => events.open({}));
      return adopt(socket, events);
    }
    requireUsable(tls);
    const socket = connectTls({ ...where, ...tlsOptions(tls), checkServerIdentity: strictIdentity });
    socket.once('secureConnect', () => {
      const peer = socket.getPeerCertificate()?.raw;
      events.open({ ...(socket.alpnProtocol ? { protocol: socket.alpnProtocol } : {}), ...(peer ? { peer } : {}) });
    });
    return adopt(socket, events);
  },
  listen({ address, port }, tls, accept) {
    const take = (socket: Socket | TLSSocket) => {
      const connection: { end?: NetworkConnection } = {};
      const events = accept({
        write: (bytes) => connection.end?.write(bytes),
        finish: () => connection.end?.finish(),
        destroy: () => (connection.end ?? socket).destroy(),
        unref: () => void socket.unref(),
      });
      if (events === undefined) return void socket.destroy();
      connection.end = adopt(socket, events);
      events.open('alpnProtocol' in socket && socket.alpnProtocol ? { protocol: socket.alpnProtocol } : {});
    };
    const server = tls === undefined ? createServer(take) : createTlsServer(serverOptions(tls), take);
    // For a literal address it listens at once.
    server.listen(port, address);
    const place = server.address();
    return { port: () => (typeof place === 'object' ? (place?.port ?? 0) : 0), close: () => void server.close() };
  },
  lookup(name, timeoutMs, done) {
    const settle = once(timeoutMs, done);
    lookup(name, { all: true, verbatim: true }, (error, found) =>
      settle(error ?? undefined, error ? [] : found.map(({ address }) => address)),
    );
  },
  lookupSrv(name, timeoutMs, done) {
    const settle = once(timeoutMs, done);
    const resolver = new Resolver({ timeout: Math.ceil(timeoutMs), tries: 1 });
    resolver.resolveSrv(name, (error, records) => settle(error ?? undefined, error ? [] : records));
  },
  certificate(given): Certificate[] {
    const texts =
      typeof given === 'string'
        ? (given.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [])
        : [given];
    return texts.map((text) => ({ notAfter: Date.parse(new X509Certificate(text).validTo) }));
  },
};

/** Calls `done` with the first outcome; no answer in time is EAI_AGAIN. */
function once<T>(
  timeoutMs: number,
  done: (error: NetworkError | undefined, found: T[]) => void,
): (error: NetworkError | undefined, found: T[]) => void {
  let isOver = false;
  const settle = (error: NetworkError | undefined, found: T[]) => {
    clearTimeout(timer);
    if (!isOver) done(error, found);
    isOver = true;
  };
  const late = () => settle(Object.assign(new Error('no name server answers'), { code: 'EAI_AGAIN' }), []);
  const timer = setTimeout(late, timeoutMs);
  return settle;
}

function adopt(socket: Socket, events: ConnectionEvents): NetworkConnection {
  let failed: Error | undefined;
  let isUnwanted = false;
  socket.on('data', (chunk) => {
    if (!isUnwanted) events.data(chunk as Uint8Array);
  });
  // With TLS 1.3 a client certificate is refused after the handshake, by an error or by just closing the connection.
  socket.on('error', (error) => {
    failed = error;
  });
  socket.on('close', () => {
    if (isUnwanted) return;
    events.end(failed === undefined ? undefined : Object.assign(failed, { code: codeOf(failed) }));
  });
  return {
    write: (bytes) => void (socket.writableEnded || socket.write(bytes)),
    finish: () => void socket.end(),
    destroy: () => {
      isUnwanted = true;
      socket.destroy();
    },
    unref: () => void socket.unref(),
  };
}
