import { readFileSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Keys } from '../network/tls-keys.ts';

/** One request as it arrived. */
interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  /** HTTP version: 1.1 or 2.0. */
  readonly version: string;
  /** Common name in the client's certificate. */
  readonly client: string | undefined;
  readonly method: string;
  /** The body, up to its content-length; '' without one, as API servers read it. */
  readonly body: string;
  readonly contentType: string | undefined;
}

/**
 * What a test's server does with a request; `hangUp` breaks all its connections, `leave` says that this request is the last
 * of its HTTP/2 connection, and drops later ones; `begin` begins an answer that goes on, as that of a watch.
 */
export type Answer = (
  request: Asked,
  respond: (status: number, body: unknown) => void,
  hangUp: () => void,
  leave: () => void,
  begin: () => GoingOn,
) => void;

/** An answer that has begun. */
export interface GoingOn {
  send(text: string): void;
  end(): void;
}

/** A server that plays the Kubernetes API server, at 127.0.0.1. */
export interface KubernetesServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  close(): void;
}

export interface Style {
  /** `http`: plain; `http1`: TLS without HTTP/2; `http2`: as a real one. */
  readonly style: 'http' | 'http1' | 'http2';
  /** Refuses clients without a certificate of the test's authority. */
  readonly wantsCertificate?: boolean;
}

type Incoming = IncomingMessage | Http2ServerRequest;
type Outgoing = ServerResponse | Http2ServerResponse;

/** Starts one; each request is noted, then answered by `answer`. */
export async function startServer(keys: Keys, style: Style, answer: Answer): Promise<KubernetesServer> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const left = new Set<unknown>();
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  const handle = async (request: Incoming, response: Outgoing) => {
    const { stream } = response as Http2ServerResponse;
    if (left.has(stream?.session)) return;
    const one = await askedBy(request);
    asked.push(one);
    const leave = () => {
      stream.session?.goaway(0, stream.id ?? 0);
      left.add(stream.session);
    };
    answer(one, respondTo(response as ServerResponse), hangUp, leave, () => begun(response as ServerResponse));
  };
  const server = serverOf(style, keys, handle);
  // Below TLS, so that a broken connection is just that.
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${style.style === 'http' ? 'http' : 'https'}://127.0.0.1:${port}`,
    asked,
    close: () => {
      server.close();
      hangUp();
    },
  };
}

function serverOf(
  { style, wantsCertificate = false }: Style,
  keys: Keys,
  handle: (request: Incoming, response: Outgoing) => Promise<void>,
): Server {
  if (style === 'http') return createHttp(handle);
  const tls = {
    key: readFileSync(keys.serverKey),
    cert: readFileSync(keys.serverCert),
    ca: readFileSync(keys.ca),
    requestCert: wantsCertificate,
    rejectUnauthorized: wantsCertificate,
  };
  return style === 'http1' ? createHttps(tls, handle) : createSecureServer({ ...tls, allowHTTP1: true }, handle);
}

async function askedBy(request: Incoming): Promise<Asked> {
  const { headers } = request;
  const client = (request.socket as Partial<TLSSocket>).getPeerCertificate?.().subject?.CN;
  return {
    path: request.url ?? '',
    version: request.httpVersion,
    authorization: headers.authorization,
    client: Array.isArray(client) ? client[0] : client,
    method: request.method ?? '',
    body: headers['content-length'] === undefined ? '' : await bodyOf(request),
    contentType: headers['content-type'],
  };
}

const respondTo = (response: ServerResponse) => (status: number, body: unknown) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};

function begun(response: ServerResponse): GoingOn {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  return { send: (text) => void response.write(text), end: () => void response.end() };
}

async function bodyOf(request: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}
