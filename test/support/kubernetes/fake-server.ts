import { readFileSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Keys } from '../network/tls-keys.ts';

/** One request as it came. */
interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  /** HTTP version: 1.1 or 2.0. */
  readonly version: string;
  /** Common name in the client's certificate. */
  readonly client: string | undefined;
  readonly method: string;
  /** What was sent along, as far as its announced length; '' where none was announced: API servers do the same. */
  readonly body: string;
  readonly contentType: string | undefined;
}

/**
 * What a test's server does with a request; `hangUp` breaks all its connections, `leave` says that this request is the last
 * of its HTTP/2 connection, and drops later ones.
 */
export type Answer = (
  request: Asked,
  respond: (status: number, body: unknown) => void,
  hangUp: () => void,
  leave: () => void,
) => void;

/** A server in the place of a Kubernetes API server, at 127.0.0.1. */
export interface KubernetesServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  close(): void;
}

export interface Style {
  /** `http`: plain; `http1`: TLS without HTTP/2; `http2`: as a real one. */
  readonly style: 'http' | 'http1' | 'http2';
  /** Names to be found in a client's certificate, or nobody is let in. */
  readonly wantsCertificate?: boolean;
}

/** Starts one; each request is noted, then answered by `answer`. */
export async function startServer(
  keys: Keys,
  { style, wantsCertificate = false }: Style,
  answer: Answer,
): Promise<KubernetesServer> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const left = new Set<unknown>();
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  const handle = async (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ) => {
    const socket = request.socket as TLSSocket;
    const { path, version, authorization } = {
      path: request.url ?? '',
      version: request.httpVersion,
      authorization: request.headers.authorization,
    };
    if (left.has((response as Http2ServerResponse).stream?.session)) return;
    const client = style === 'http' ? undefined : socket.getPeerCertificate().subject?.CN;
    const one = {
      path,
      version,
      authorization,
      client: Array.isArray(client) ? client[0] : client,
      method: request.method ?? '',
      body: request.headers['content-length'] === undefined ? '' : await bodyOf(request),
      contentType: request.headers['content-type'],
    };
    asked.push(one);
    const respond = (status: number, body: unknown) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      (response as ServerResponse).writeHead(status, { 'content-type': 'application/json' });
      (response as ServerResponse).end(text);
    };
    answer(one, respond, hangUp, () => {
      const { session, id = 0 } = (response as Http2ServerResponse).stream;
      session?.goaway(0, id);
      left.add(session);
    });
  };
  const tls = {
    key: readFileSync(keys.serverKey),
    cert: readFileSync(keys.serverCert),
    ca: readFileSync(keys.ca),
    requestCert: wantsCertificate,
    rejectUnauthorized: wantsCertificate,
  };
  const server =
    style === 'http'
      ? createHttp(handle)
      : style === 'http1'
        ? createHttps(tls, handle)
        : createSecureServer({ ...tls, allowHTTP1: true }, handle);
  // Below TLS, so that a broken connection is just that.
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${style === 'http' ? 'http' : 'https'}://127.0.0.1:${port}`,
    asked,
    close: () => {
      server.close();
      hangUp();
    },
  };
}

async function bodyOf(request: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}
