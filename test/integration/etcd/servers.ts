import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttp2, createSecureServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server that is a faulty etcd, at 127.0.0.1. */
export interface Hostile {
  readonly port: number;
  /** The requests that reached it. */
  readonly requests: () => number;
  close(): void;
}

type Answer = (stream: ServerHttp2Stream, socket: Socket) => void;

/** Handles the bare connection. */
export function bare(behave: (socket: Socket) => void): Promise<Hostile> {
  return listening(
    createServer((socket) => {
      socket.on('error', () => {});
      behave(socket);
    }),
    () => 0,
  );
}

/** Speaks HTTP/2 and answers each request in this way. */
export function http2(answer: Answer, server: Http2Server = createHttp2()): Promise<Hostile> {
  let requests = 0;
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket));
  server.on('sessionError', () => {});
  server.on('stream', (stream) => {
    requests++;
    stream.on('error', () => {});
    const socket = sockets.at(-1);
    if (socket) answer(stream, socket);
  });
  return listening(server as unknown as Server, () => requests);
}

async function listening(server: Server, requests: () => number): Promise<Hostile> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const HEAD = { ':status': 200, 'content-type': 'application/grpc' };

/** Answers with these bytes and trailers. Without trailers the stream just ends. */
export const answers =
  (body: readonly number[] | Buffer, trailers?: Record<string, string>): Answer =>
  (stream) => {
    stream.respond(HEAD, { waitForTrailers: trailers !== undefined });
    if (trailers) stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.end(Buffer.from(body));
  };

/** Answers with headers only, as gRPC servers do when they have no message. */
export const says =
  (code: number, message: string): Answer =>
  (stream) =>
    stream.respond(
      { ...HEAD, 'grpc-status': String(code), 'grpc-message': encodeURIComponent(message) },
      { endStream: true },
    );

/** Starts an answer and disconnects. */
export const breaksOff: Answer = (stream, socket) => {
  stream.respond(HEAD);
  stream.write(Buffer.from([0, 0, 0, 0, 200, 1, 2, 3]));
  setTimeout(() => socket.destroy(), 30);
};

export const hangsUp: Answer = (_, socket) => void socket.destroy();

/** Announces that it accepts no more streams, then disconnects. */
export const leaves: Answer = (stream, socket) => {
  stream.session?.goaway(0, 1);
  setTimeout(() => socket.destroy(), 30);
};

export const isProxy: Answer = (stream) => {
  stream.respond({ ':status': 502 });
  stream.end('<html>');
};

/** A valid answer to the probe's read: two reads, nothing found. */
export const empty: Answer = answers([0, 0, 0, 0, 8, 0x1a, 2, 0x0a, 0, 0x1a, 2, 0x0a, 0], { 'grpc-status': '0' });

/** Certificates of a throw-away authority, and of another that is not trusted. */
export interface Certificates {
  readonly folder: string;
  read(name: string): string;
}

export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'etcd-tls-'));
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  for (const ca of ['ca', 'other-ca']) {
    openssl('req', '-x509', ...fresh, '-keyout', `${ca}.key`, '-out', `${ca}.pem`, '-subj', `/CN=${ca}`, '-days', '2');
  }
  const sign = (name: string, ca: string, subject: string, commonName = name) => {
    const names = subject === '' ? '' : `subjectAltName=${subject}\n`;
    writeFileSync(join(folder, 'ext'), `${names}extendedKeyUsage=serverAuth,clientAuth\n`);
    openssl('req', ...fresh, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${commonName}`);
    const signer = ['-CA', `${ca}.pem`, '-CAkey', `${ca}.key`, '-CAcreateserial'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signer, '-out', `${name}.pem`, '-days', '2', '-extfile', 'ext');
  };
  sign('server', 'ca', 'IP:127.0.0.1');
  sign('client', 'ca', 'DNS:client');
  sign('elsewhere', 'ca', 'DNS:elsewhere.example');
  sign('common-name', 'ca', '', 'localhost');
  sign('other-kinds', 'ca', 'IP:127.0.0.1,URI:http://x/,email:a@b', 'localhost');
  sign('host-name', 'ca', 'DNS:localhost', 'nobody');
  sign('stranger', 'other-ca', 'DNS:stranger');
  return { folder, read: (name) => readFileSync(join(folder, name), 'utf8') };
}

/** The same over TLS. */
export const overTls = (answer: Answer, certificates: Certificates, name: string): Promise<Hostile> => {
  const server = createSecureServer({ key: certificates.read(`${name}.key`), cert: certificates.read(`${name}.pem`) });
  server.on('tlsClientError', () => {});
  return http2(answer, server as unknown as Http2Server);
};
