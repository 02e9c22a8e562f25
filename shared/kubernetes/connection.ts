import { utf8Length } from '../bytes/text.ts';
import type { Http2Session } from '../http2/session.ts';
import type { Access } from './credentials.ts';
import { type Question, type Reply, unreachable } from './failure.ts';
import { handshake } from './handshake.ts';
import { askOverHttp1 } from './http1.ts';
import { askOverHttp2 } from './http2.ts';

/** A connection to one API server with one set of credentials. */
export interface Connection {
  /** Returns the answer, whatever its status. Throws a Failure when no complete answer arrives in time. */
  ask(question: Question, limit?: number): Promise<Reply>;
  get(path: string): Promise<Reply>;
  post(path: string, body: object): Promise<Reply>;
  close(): void;
}

/** Limits for connecting and for each request, in milliseconds. */
export interface Limits {
  readonly connect: number;
  readonly request: number;
}

/**
 * Connects to an API server. With TLS all requests share one HTTP/2 connection, as the handshake is expensive. A server with only
 * HTTP/1.1 gets one connection per request.
 */
export async function connect(access: Access, limits: Limits): Promise<Connection> {
  const headers = {
    accept: 'application/json',
    'user-agent': 'calico-cni',
    ...(access.authorization === undefined ? {} : { authorization: access.authorization }),
  };
  const at = (path: string) => `${access.server.pathname.replace(/\/$/, '')}${path}`;
  const { tls } = access;
  const session = tls === undefined ? undefined : await handshake(access, tls, limits.connect);
  const overHttp1: Ask = (question, more, limit) => askOverHttp1(access, question, { ...headers, ...more }, limit);
  if (tls === undefined || session === undefined) return asking(overHttp1, at, limits.request, () => {});

  const sessions: Promise<Http2Session | undefined>[] = [Promise.resolve(session)];
  let turnedAway: Reply | undefined;
  const askFrom = async (place: number, ...[question, more, limit]: Parameters<Ask>): Promise<Reply> => {
    // What it would say to these as well: the credentials are the same.
    if (place === MOST_CONNECTIONS && turnedAway !== undefined) return turnedAway;
    if (place === MOST_CONNECTIONS) throw unreachable(access.server, 'the server is shutting down');
    sessions[place] ??= handshake(access, tls, limits.connect);
    const one = await sessions[place];
    if (one === undefined) return overHttp1(question, more, limit);
    const reply = await askOverHttp2(one, access.server, question, { ...headers, ...more }, limit);
    if (reply?.status === 401) turnedAway = reply;
    return reply ?? askFrom(place + 1, question, more, limit);
  };
  const close = () => {
    for (const opened of sessions)
      opened.then(
        (one) => one?.destroy(),
        () => undefined,
      );
  };
  return asking((...asked) => askFrom(0, ...asked), at, limits.request, close);
}

/**
 * A real server closes the connection when it refuses credentials, and may not have processed the other requests on it: pod,
 * namespace and node are requested in parallel.
 */
const MOST_CONNECTIONS = 3;

type Headers = Readonly<Record<string, string>>;
type Ask = (question: Question, more: Headers, limit: number) => Promise<Reply>;

function asking(send: Ask, at: (path: string) => string, most: number, close: () => void): Connection {
  const ask = (question: Question, limit = most) => {
    const { path, body, accept, contentType = 'application/json' } = question;
    // Without a content-length, a server ignores the body of a DELETE and its preconditions.
    const length = () => ({ 'content-type': contentType, 'content-length': String(utf8Length(body ?? '')) });
    const more = { ...(accept === undefined ? {} : { accept }), ...(body === undefined ? {} : length()) };
    return send({ ...question, path: at(path) }, more, limit);
  };
  return {
    ask,
    get: (path) => ask({ path, body: undefined }),
    post: (path, body) => ask({ path, body: JSON.stringify(body) }),
    close,
  };
}
